"""The clusters that a sentence's copies are in: who had the passage first, and everybody who has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pipeline.reports.passage_words import titles_of
from pipeline.reports.why.sightings import Sighting
from pipeline.storage.reader import Corpus

_LATEST = datetime.max.replace(tzinfo=UTC)


class ClusterMember(NamedTuple):
    """One occurrence of a copied passage."""

    doc_id: str
    outlet: str
    published: datetime | None
    title: str | None
    paragraph: int
    is_canonical: bool
    similarity: float
    numbers_differ: bool
    contradicts: bool
    late: bool
    revision: bool


@dataclass(frozen=True, slots=True)
class PassageCluster:
    """All occurrences of one passage, the canonical one first, then the earliest."""

    cluster_id: str
    members: tuple[ClusterMember, ...]


def clusters_of(corpus: Corpus, places: Iterable[Sighting]) -> list[PassageCluster]:
    """Return the clusters of the passages that the sentence touches, the largest first."""
    ids = sorted({row["cluster_id"] for place in places for row in place.passages})
    if not ids:
        return []
    rows = corpus.clusters(ids).to_pylist()
    titles = titles_of(corpus, {row["doc_id"] for row in rows})
    members: dict[str, dict[tuple[str, int, int], ClusterMember]] = {}
    for row in rows:  # a run repeats the canonical passage of an earlier one
        member = ClusterMember(title=titles.get(row["doc_id"]), **{name: row[name] for name in _FROM_TABLE})
        members.setdefault(row["cluster_id"], {})[row["doc_id"], row["paragraph"], row["start"]] = member
    found = [PassageCluster(name, tuple(sorted(some.values(), key=_first))) for name, some in members.items()]
    return sorted(found, key=lambda cluster: (-len(cluster.members), cluster.cluster_id))


_FROM_TABLE = tuple(name for name in ClusterMember._fields if name != "title")


def _first(member: ClusterMember) -> tuple[Any, ...]:
    return not member.is_canonical, member.published or _LATEST, member.doc_id, member.paragraph
