"""An extension of griffe: examples of docstrings are shown as code, not as quotations."""

from __future__ import annotations

import re
from typing import Any

import griffe

#: Lines from one that begins with `>>>` up to the next empty line.
EXAMPLE = re.compile(r"^>>> .*?(?=\n\s*\n|\Z)", re.MULTILINE | re.DOTALL)


class Doctests(griffe.Extension):
    """Put a fence around the examples of every docstring."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of one object, once."""
        if obj.docstring and "```pycon" not in obj.docstring.value:
            obj.docstring.value = EXAMPLE.sub(lambda match: f"```pycon\n{match[0]}\n```", obj.docstring.value)
