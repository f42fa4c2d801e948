"""Identifier: py3langid's model, with its walk over a text's bytes as a kernel; all else is the library's.

The walk in Python took half of the stage's time. Scores are the library's own sums, in its order: same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

from stages.native.kernel import Kernel
from stages.shared.derived import derived

#: The model's label for a text without any language ("zxx" of ISO 639-2: no linguistic content).
NO_LANGUAGE = "zxx"

_FEATURES = Kernel(
    "language_features",
    *(np.uint8, np.int64, int, np.uint32, np.int32),  # texts; automaton
    *(np.int64, np.float32, np.int64),  # results
)
_ROWS = Kernel("language_rows", np.uint16, int, np.int64, int, np.float32)


class Features(NamedTuple):
    """The features that a text has, in the order in which each is met first, and how often it has them."""

    found: npt.NDArray[np.int64]
    counts: npt.NDArray[np.float32]


class KernelIdentifier(LanguageIdentifier):  # type: ignore[misc]  # the library has no types
    """The library's identifier; its automaton lies in arrays, its scores in 16 bits each, as it ships them."""

    def __init__(self, scores: npt.NDArray[Any], priors: npt.NDArray[Any], codes: list[str], model: Any) -> None:
        """Take the automaton of a `model`, with the scores of some languages."""
        super().__init__(np.ascontiguousarray(scores, np.float16), priors, codes, [], [], norm_probs=True, tk_row=[])
        self.next = np.asarray(model.tk_nextmove, np.uint32)
        rows = np.asarray(model.tk_row, np.int32) << 8  # of 256 bytes each
        self.states = np.column_stack([rows, np.asarray(model.tk_output, np.int32)])

        self._walked: dict[bytes, Features] = {}

    def classify_all(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """Return for each text what `classify` says of it; side by side they take a third of the time."""
        encoded = [self._encode(text) for text in texts]
        self._walked = dict(zip(encoded, self._walk(encoded), strict=True))
        found = [self.classify(text) for text in texts]
        self._walked = {}
        return found

    def _walk(self, texts: Sequence[bytes]) -> list[Features]:
        content = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
        starts = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        found, counts = np.empty(len(content), np.int64), np.empty(len(content), np.float32)
        distinct = np.empty(len(texts), np.int64)
        _FEATURES(content, starts, len(texts), self.next, self.states, found, counts, distinct)
        ends = starts[:-1] + distinct
        return [Features(found[a:b], counts[a:b]) for a, b in zip(starts.tolist(), ends.tolist(), strict=False)]

    def _raw_score(self, text: bytes) -> Any:
        features = self._walked.get(text) or self._walk([text])[0]
        n = len(features.found)
        if n == 0:
            return np.zeros(len(self.nb_classes), np.float32)  # all alike: no language
        rows = np.empty((n, len(self.nb_classes)), np.float32)
        _ROWS(self.nb_ptc.view(np.uint16), len(self.nb_classes), features.found, n, rows)
        return np.log1p(features.counts) @ rows + self.nb_pc


@cache
def identifier() -> KernelIdentifier:
    """Return the model, once per process. Unpacking it takes a second, so it is kept unpacked."""
    origin = (MODEL_DIR / MODEL_FILE).read_bytes()
    model: KernelIdentifier = derived("language", origin, load)
    return model


def load() -> KernelIdentifier:
    """Load the model from its package, limited to languages with a two-letter code.

    `set_languages` would keep the others in memory, and its table is ordered by columns, while it is read by rows: 1.4
    times as fast in this order.
    """
    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    kept = [at for at, code in enumerate(model.nb_classes) if len(code) == 2 or code == NO_LANGUAGE]
    codes = [model.nb_classes[at] for at in kept]
    return KernelIdentifier(model.nb_ptc[:, kept], model.nb_pc[kept], codes, model)
