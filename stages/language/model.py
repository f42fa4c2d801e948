"""Identifier: py3langid's model, with its walk over a text's bytes as a kernel; all else is the library's.

The walk in Python took half of the stage's time. Scores are the library's own sums, in its order: same bits.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

from stages.native.kernel import Kernel
from stages.shared.derived import derived

#: The model's label for a text without any language ("zxx" of ISO 639-2: no linguistic content).
NO_LANGUAGE = "zxx"

_FEATURES = Kernel("language_features", np.uint8, int, np.uint32, np.int32, np.int64, np.float32)
_ROWS = Kernel("language_rows", np.uint16, int, np.int64, int, np.float32)


class KernelIdentifier(LanguageIdentifier):  # type: ignore[misc]  # the library has no types
    """The library's identifier; its automaton lies in arrays, its scores in 16 bits each, as it ships them."""

    def __init__(self, scores: npt.NDArray[Any], priors: npt.NDArray[Any], codes: list[str], model: Any) -> None:
        """Take the automaton of a `model`, with the scores of some languages."""
        super().__init__(np.ascontiguousarray(scores, np.float16), priors, codes, [], [], norm_probs=True, tk_row=[])
        self.next = np.asarray(model.tk_nextmove, np.uint32)
        rows = np.asarray(model.tk_row, np.int32) << 8  # of 256 bytes each
        self.states = np.column_stack([rows, np.asarray(model.tk_output, np.int32)])

    def _raw_score(self, text: bytes) -> Any:
        found, counts = np.empty(len(text), np.int64), np.empty(len(text), np.float32)
        content = np.frombuffer(text or b"\0", np.uint8)
        n = _FEATURES(content, len(text), self.next, self.states, found, counts)
        if n == 0:
            return np.zeros(len(self.nb_classes), np.float32)  # all alike: no language
        rows = np.empty((n, len(self.nb_classes)), np.float32)
        _ROWS(self.nb_ptc.view(np.uint16), len(self.nb_classes), found, n, rows)
        return np.log1p(counts[:n]) @ rows + self.nb_pc


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
