"""Near-duplicates: passages that several documents print, found across a whole corpus and clustered around a canonical.

The unit that is compared is the sentence, the unit that is reported is the passage with its span, the unit that is kept
or dropped is the paragraph. The stage is three functions, with the engine's shuffle between them:

    evidence(documents) -> Evidence                 per shard, without text: hashed words, sentences, units
    resolve([evidence, …], settings) -> Resolution  over the corpus: candidates → verify → clusters
    remove(documents, resolution, settings) -> Removal
                                                    per shard: the published tables, additions to documents, ledger

All three give the same rows whatever the batching and the order. The steps of `resolve` are functions of their own
(`candidates`, `verification`, `clusters`): candidate pairs of one band need that band's column alone.
"""

import pyarrow as pa

from stages.contract import Outcome

from .candidates import TooManyPairsError
from .found import canonical_sentences
from .numbering import canonical_order
from .removal import canonical_passages, remove
from .resolution import Extension, extend, resolve
from .settings import Settings
from .shard_evidence import evidence
from .signing import shingles, signatures
from .tables import ADDITIONS, FOUND, PARAGRAPHS, PASSAGES, REASONS, RELATIONS, Evidence, Removal, Resolution
from .tokenization import normal_form, normal_form_digest

__all__ = [
    "ADDITIONS",
    "FOUND",
    "PARAGRAPHS",
    "PASSAGES",
    "REASONS",
    "RELATIONS",
    "Evidence",
    "Extension",
    "Removal",
    "Resolution",
    "Settings",
    "TooManyPairsError",
    "canonical_order",
    "canonical_passages",
    "canonical_sentences",
    "evidence",
    "extend",
    "normal_form",
    "normal_form_digest",
    "remove",
    "resolve",
    "run",
    "shingles",
    "signatures",
]


def run(documents: pa.Table, settings: Settings) -> Outcome:
    """Mark the copies in a corpus that is one shard: `evidence`, `resolve` and `remove` in a row."""
    removal = remove(documents, resolve([evidence(documents)], settings), settings)
    return Outcome(removal.documents, removal.ledger)
