"""The reference of the Python API: every public name of `copydesk`, documented where it is defined."""

from __future__ import annotations

import copydesk

HEAD = """# Python API

`import copydesk` is cheap: a name is loaded when it is first used. This page is generated from the docstrings.
"""


def names() -> list[str]:
    """Return the public names, functions first, as a reader looks for them."""
    public = [name for name in copydesk.__all__ if not name.startswith("_")]
    return sorted(public, key=lambda name: (name[0].isupper(), name.lower()))


def page() -> str:
    """Write the page: a heading and mkdocstrings' entry for each name."""
    return "\n".join([HEAD, *(_entry(name) for name in names())])


def _entry(name: str) -> str:
    value = getattr(copydesk, name)
    module = getattr(value, "__module__", None) or ""
    if not module.startswith(("copydesk", "pipeline", "stages")):  # an alias of a type
        return f"## copydesk.{name} {{ #copydesk.{name} }}\n\nA type: `{value}`.\n"
    heading = f"      heading: copydesk.{name}\n      toc_label: {name}\n"
    return f'<a id="copydesk.{name}"></a>\n\n::: {module}.{value.__qualname__}\n    options:\n{heading}'
