"""Ids of clusters; see cluster_ids.c."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stages.native.kernel import Kernel

_of = Kernel("cluster_ids_of", np.uint8, np.int64, np.int64, int, np.uint8)


def cluster_ids_of(
    doc_ids: NDArray[np.bytes_], paragraphs: NDArray[np.int64], words: NDArray[np.int64]
) -> NDArray[np.bytes_]:
    """Return 32 hex digits for each place: the digest (BLAKE2b) of document, paragraph and word.

    >>> place = np.array([b"a document"], "S32"), np.array([3]), np.array([17])
    >>> cluster_ids_of(*place).tolist()
    [b'fa385186fdbc5c0673d4a1834c256b8a']
    """
    ids = np.empty(len(doc_ids), "S32")
    _of(np.ascontiguousarray(doc_ids, "S32").view(np.uint8), paragraphs, words, len(doc_ids), ids.view(np.uint8))
    return ids
