"""The shell of copydesk: command line, settings, sources, engines, tables and runs."""

__version__ = "0.1.0"
