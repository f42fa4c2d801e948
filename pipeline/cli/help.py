"""The help of a command: its usage and arguments without the Python types that typer adds."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand

#: A type behind an argument's name, as in `INPUT <list[str]>`.
_TYPE = re.compile(r" <(?:list\[)?\w+\]?>$")
#: Braces around an argument that must be given, as in `{RUN}...`.
_BRACES = re.compile(r"^\{([^}]*)\}")


class PlainHelpCommand(TyperCommand):
    """A command whose help names arguments as its examples do."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words of the usage line: an argument that must be given has no braces."""
        return [_BRACES.sub(r"\1", piece) for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options, arguments without their types."""
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            parameters = (each for each in self.get_params(ctx) if each.param_type_name == kind)
            records = [record for each in parameters if (record := each.get_help_record(ctx))]
            if records:
                with formatter.section(title):
                    formatter.write_dl([(_TYPE.sub("", name), text) for name, text in records])
