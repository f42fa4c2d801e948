"""Inputs that were named and gave no document: the run goes on with the others, and its report names them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sources.addresses import literally

#: Reasons of the ledger for documents that were read and are no news.
KNOWN = ("already_published", "same_document", "outside_window", "forgotten")


class UnusedInput(NamedTuple):
    """An input as it was named, and the first reason of the ledger for leaving it out."""

    name: str
    reason: str

    def in_words(self) -> str:
        """Word the reason for a person, with the command that says more.

        >>> UnusedInput("photo.png", "unknown_kind").in_words()
        'nothing of photo.png was used: unknown kind. `clean explain photo.png` says why.'
        """
        why, name = self.reason.replace("_", " "), shlex.quote(self.name)
        return f"nothing of {self.name} was used: {why}. `clean explain {name}` says why."

    def as_dict(self) -> dict[str, Any]:
        """Return the input for the summary as JSON."""
        return {"input": self.name, "reason": self.reason}


@dataclass
class UnusedInputs:
    """The named inputs of which nothing was used so far. One that is named alone is refused as a whole elsewhere."""

    named: Sequence[str]
    _reasons: dict[str, str] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def look_at(self, documents: pa.Table, ledger: pa.Table) -> None:
        """Note which inputs gave something, and why others did not, by the documents and ledger rows of a batch."""
        given_up = ledger.filter(pc.is_in(ledger["action"], pa.array(["failed", "skipped"])))
        known = pc.is_in(given_up["reason"], pa.array(KNOWN))
        read = [documents["source_uri"], given_up["source_uri"].filter(known)]
        used = pa.chunked_array([chunk for column in read for chunk in column.chunks], pa.string())
        left_out = given_up.filter(pc.invert(known))
        for name in (each for each in self.named if each not in self._used):
            pattern = _inside(name)
            if pc.any(pc.match_substring_regex(used, pattern)).as_py():
                self._used.add(name)
            elif name not in self._reasons:
                reasons = left_out["reason"].filter(pc.match_substring_regex(left_out["source_uri"], pattern))
                self._reasons |= {name: reasons[0].as_py()} if len(reasons) else {}

    def found(self) -> tuple[UnusedInput, ...]:
        """Return the inputs of which nothing was used."""
        return tuple(UnusedInput(name, why) for name, why in self._reasons.items() if name not in self._used)


def _inside(name: str) -> str:
    r"""Return a pattern of RE2 for an input and all that lies in it.

    >>> uris = pa.array(["news/a.txt", "news.jsonl:7", "news"])
    >>> pc.match_substring_regex(uris, _inside("news/")).to_pylist()
    [True, False, True]
    """
    path = os.path.expanduser(name).rstrip("/") or name  # noqa: PTH111 - as inputs are resolved
    return f"^{literally(path)}(?:$|[:#@!/])"
