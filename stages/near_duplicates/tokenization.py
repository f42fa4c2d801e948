"""Tokenization of texts, and the normal form in which passages are compared."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .alphabet import FLAGS, tables
from .kernels import tokenizer

Integers = NDArray[np.int64]

#: Raise it when the tokenizer reads words otherwise from the same tables: what was hashed before cannot be compared.
READING = 3


class Words(NamedTuple):
    """The words of some texts, one after another; a text's paragraphs, one after another."""

    hashes: Integers  # flags in the low bits
    starts: NDArray[np.int32]  # code points in the paragraph
    ends: NDArray[np.int32]
    gaps: NDArray[np.uint8]  # what stands before the word
    document: NDArray[np.int32]  # of each paragraph
    first: Integers  # first word of each paragraph, and after the last one the number of words


def tokenize(texts: pa.ChunkedArray) -> Words:
    r"""Split every text into words; blank lines divide paragraphs.

    >>> words = tokenize(pa.chunked_array([["Mr Ode’s cease-fire: 5,000 men.\n\nNo."]]))
    >>> [(int(a), int(b)) for a, b in zip(words.starts, words.ends)]
    [(3, 6), (9, 19), (21, 26), (27, 30), (0, 2)]
    """
    array = pa.concat_arrays(texts.cast(pa.large_string()).chunks or [pa.array([], pa.large_string())])
    offsets = np.frombuffer(array.buffers()[1] or b"", np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(array.buffers()[2] or b"\0", np.uint8)
    if len(array) == 0:
        offsets = np.zeros(1, np.int64)
    hashes, starts, ends, gaps, document, first = tokenizer.tokenize(data, offsets, tables())
    return Words(hashes, starts, ends, gaps, document, np.append(first, len(hashes)))


def normal_form(text: str) -> list[int]:
    """Return the words of one text as hashes without flags: equal lists are equal texts to this stage.

    >>> normal_form("The “cease-fire” held, Mr. Ode said.") == normal_form('the ceasefire held Ode said')
    True
    >>> normal_form("All-in-all, a father-in-law") == normal_form("all in all a father in law")
    True
    >>> normal_form("twelve cafés") == normal_form("12 Cafes")
    True
    """
    return [int(word) & ~FLAGS for word in tokenize(pa.chunked_array([[text]])).hashes]


def normal_form_digest() -> str:
    """Digest the tables of the normal form and the way words are read: only hashes made alike can be compared."""
    digest = hashlib.sha256(bytes([READING]))
    for table in tables():
        digest.update(np.ascontiguousarray(table).tobytes())
    return digest.hexdigest()[:16]


def paragraph_numbers(document: NDArray[np.int32]) -> NDArray[np.int32]:
    """Number the paragraphs of each document.

    >>> paragraph_numbers(np.array([0, 0, 0, 2, 2], np.int32)).tolist()
    [0, 1, 2, 0, 1]
    """
    begins = np.flatnonzero(np.diff(document, prepend=-1))
    lengths = np.diff(np.append(begins, len(document)))
    return (np.arange(len(document)) - np.repeat(begins, lengths)).astype(np.int32)
