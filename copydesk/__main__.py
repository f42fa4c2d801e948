"""The command line as `python -m copydesk`: the same as `clean`."""

from pipeline.cli import main

if __name__ == "__main__":
    main()
