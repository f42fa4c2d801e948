"""Optional libraries: the command that installs what an extra of pyproject.toml holds."""

#: The libraries of each extra. There is no distribution to ask `pip install "copydesk[pdf]"` of, so they are named.
LIBRARIES = {
    "http": ("aiohttp",),
    "office": ("striprtf",),
    "pdf": ("pypdfium2",),
    "spark": ("pyspark", "pandas"),
    "s3": ("s3fs", "universal-pathlib"),
    "xls": ("xlrd",),
}


def how_to_install(extra: str) -> str:
    """Return the command that installs the libraries of an extra.

    >>> how_to_install("s3")
    "python -m pip install s3fs universal-pathlib (in copydesk's environment)"
    """
    return f"python -m pip install {' '.join(LIBRARIES[extra])} (in copydesk's environment)"
