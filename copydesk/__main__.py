"""The command line: the program `clean`, and `python -m copydesk`.

Nothing but `os` and `sys`, which Python has loaded already, is imported before the working directory is off the path: a
folder called `pipeline` or a file called `json.py` there is not ours.
"""

import os
import sys


def main() -> None:
    """Run the command line; see `pipeline.cli`."""
    leave_out_working_directory()
    from pipeline import interrupts  # noqa: PLC0415 - only now

    interrupts.begin()
    try:
        from pipeline.cli import main as run  # noqa: PLC0415 - takes a moment, in which Ctrl-C may come

        run()
    finally:
        interrupts.end()


def leave_out_working_directory() -> None:
    """Take the working directory off the path of this process and of those it starts, unless copydesk lies there."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - without imports
    try:
        here = os.getcwd()  # noqa: PTH109
    except OSError:  # it was removed
        here = ""

    def is_safe(entry: str) -> bool:
        """Tell if an entry of a path is anything else; `PYTHONPATH=:/lib` has an empty one by mistake."""
        folder = os.path.abspath(entry) if here else entry  # noqa: PTH100
        return entry != "" and (folder != here or folder == home)

    sys.path[:] = [each for each in sys.path if is_safe(each)]
    os.environ["PYTHONSAFEPATH"] = "1"
    if given := os.environ.get("PYTHONPATH"):
        os.environ["PYTHONPATH"] = os.pathsep.join(each for each in given.split(os.pathsep) if is_safe(each))


if __name__ == "__main__":
    main()
