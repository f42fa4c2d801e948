"""PDF: the text of its pages, taken in a process of its own, so that a file that hangs or eats memory stops nothing."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from pipeline.extras import how_to_install
from pipeline.sources.addresses import Input
from pipeline.sources.documents import Problem, RawDocument, failed, skipped, too_large
from pipeline.sources.office.word_processors import facts_of
from pipeline.sources.settings import Settings
from pipeline.sources.texts.files import read_extracted
from pipeline.sources.values import clean

#: Seconds and bytes that one file may take. Chosen by hand, with room for a newspaper of some hundred pages; not
#: measured.
MAX_SECONDS, MAX_MEMORY = 60, 2_000_000_000
MAX_PAGES = 2000
#: Run by its path: importing it from its package would load all that the sources import, which takes a second.
_CHILD = Path(__file__).with_name("pdf_child.py")


def read_pdf(source: Input, opened: IO[bytes], settings: Settings) -> Iterator[RawDocument | Problem]:
    """Read a PDF: one article, or an export of many."""
    uri = clean(source.uri)
    if importlib.util.find_spec("pypdfium2") is None:
        yield failed(uri, "unreadable", f"it is a PDF; to read it: {how_to_install('pdf')}")
        return
    found = text_and_facts(opened, settings.max_document_bytes)
    if "error" in found:
        yield failed(uri, "unreadable", clean(f"a PDF that cannot be read: {found['error']}")[:300])
        return
    text = found["text"]
    if not text.strip():
        why = f"a PDF of {found['pages']} pages without text, such as a scan; text recognition (OCR) has to come first"
        yield skipped(uri, "empty", why)
    elif len(text.encode()) > settings.max_document_bytes:
        yield too_large(uri, len(text), settings.max_document_bytes)
    else:
        yield from read_extracted(source, text, facts_of(found["title"], found["author"], found["date"]), settings)


def text_and_facts(opened: IO[bytes], max_bytes: int) -> dict[str, Any]:
    """Return the text and metadata of a PDF as its child process finds them, or why there are none."""
    command = [sys.executable, "-I", str(_CHILD), *map(str, (max_bytes, MAX_PAGES, MAX_MEMORY, MAX_SECONDS))]
    try:
        done = subprocess.run(command, stdin=opened, capture_output=True, timeout=MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"it takes more than {MAX_SECONDS} seconds"}
    try:
        found: dict[str, Any] = orjson.loads(done.stdout)
    except orjson.JSONDecodeError:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return {"error": last or f"its reader ended with code {done.returncode}"}
    return found
