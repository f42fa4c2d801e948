"""The answer of `clean why`, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.console import counted, in_one_line
from pipeline.reports.explain_words import happened
from pipeline.reports.matches import SHORT_ID
from pipeline.reports.passage_words import remarks_on, to_the_minute
from pipeline.reports.rule_strengths import strengths_of
from pipeline.reports.why.clusters import ClusterMember, PassageCluster, clusters_of
from pipeline.reports.why.nearest import NearSentence, nearest_sentences
from pipeline.reports.why.sightings import Fate, Row, Sighting, Sightings, sightings
from pipeline.reports.why.sought import Sought
from pipeline.storage.reader import Corpus

#: Members of a cluster and clusters that are shown; the JSON form has all.
MEMBERS, CLUSTERS = 12, 5
#: Characters shown around the sentence.
AROUND = 60
STYLES = {"kept": "green", "cut": "red", "moved": "yellow", "edited": "cyan", "column": "green"}


@dataclass(frozen=True)
class SentenceAnswer:
    """Where a sentence is: its places, the clusters of its copies, and where it is nowhere the nearest sentences."""

    sought: Sought
    found: Sightings
    places: Sequence[Sighting]
    clusters: Sequence[PassageCluster]
    nearest: Sequence[NearSentence]
    strengths: Mapping[str, str]  # of the rules in the runs of the places

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as plain JSON types."""
        fates = [{**fate._asdict(), "places": n} for fate, n in _commonest(self.found)]
        return {
            "sentence": self.sought.text,
            "documents": self.found.documents,
            "fates": fates,
            "places": [_place_as_dict(each, self.strengths) for each in self.places],
            "clusters": [
                {"cluster_id": each.cluster_id, "members": [member._asdict() for member in each.members]}
                for each in self.clusters
            ],
            "nearest": [each._asdict() for each in self.nearest],
        }


def answer(corpus: Corpus, sentence: str, limit: int) -> SentenceAnswer:
    """Look a sentence up in all runs of a corpus; `limit` is the number of places that are kept."""
    sought = Sought(" ".join(sentence.encode(errors="replace").decode().split()))
    found = sightings(corpus, sought, limit)
    places = found.earliest()
    near = [] if found.documents else nearest_sentences(corpus, sought)
    strengths = strengths_of(corpus, dict.fromkeys(place.run for place in places if place.row))
    return SentenceAnswer(sought, found, places, clusters_of(corpus, places), near, strengths)


def render(given: SentenceAnswer) -> RenderableType:
    """Render the answer for a terminal."""
    if not given.found.documents:
        return Group(*_nowhere(given))
    parts: list[RenderableType] = [_summary(given)]
    parts += [_place(each, given.strengths) for each in given.places]
    total = sum(given.found.fates.values())
    if total > len(given.places):
        parts.append(
            Text(f"{len(given.places):,} of {total:,} places, the earliest; --limit shows more\n", style="dim")
        )
    for cluster in given.clusters[:CLUSTERS]:
        parts += _cluster(cluster)
    if len(given.clusters) > CLUSTERS:
        parts.append(
            Text(f"and {counted(len(given.clusters) - CLUSTERS, 'more cluster')}; --json has all", style="dim")
        )
    return Group(*parts)


def _nowhere(given: SentenceAnswer) -> Iterator[RenderableType]:
    yield Text("nowhere: no run kept, cut or moved these words", style="bold")
    if given.nearest:
        yield Text("\nthe nearest sentences", style="table.title")
    for near in given.nearest:
        share = f"{near.shared} of {near.n_words} words · {near.kind} · {near.doc_id[:SHORT_ID]}"
        yield Padding(Group(Text(share, style="dim"), Text(_short(near.text))), (0, 0, 1, 2), expand=False)
    if not given.nearest:
        yield Text("and no sentence shares many of its words. Was it read at all? `clean find` lists the documents.")


def _summary(given: SentenceAnswer) -> Text:
    head = Text(f"in {counted(given.found.documents, 'document')}\n", style="bold")
    for fate, n in _commonest(given.found):
        head.append(f"  {n:>5,}  ", style="not bold dim")
        head.append(f"{_fate(fate)}\n", style=f"not bold {STYLES[fate.kind]}")
    return head


def _commonest(found: Sightings) -> list[tuple[Fate, int]]:
    return sorted(found.fates.items(), key=lambda item: (-item[1], item[0]))


def _fate(fate: Fate) -> str:
    """Say what became of a sentence.

    >>> _fate(Fate("cut", "page_block", "related")), _fate(Fate("kept", "", ""))
    ('cut: page block  related', 'kept')
    """
    if fate.kind == "column":
        return f"only in the column {fate.reason}"
    return f"{fate.kind}{': ' if fate.reason else ''}{fate.reason.replace('_', ' ')}  {in_one_line(fate.rule)}".rstrip()


def _place(place: Sighting, strengths: Mapping[str, str]) -> RenderableType:
    """Render one place: the document, what became of the sentence, and its words."""
    head = Text(_heading(place.document), style="dim")
    words = Text(in_one_line(_before(place)))
    words.append(in_one_line(" ".join(place.text[place.start : place.end].split())), style=f"bold {STYLES[place.kind]}")
    words.append(in_one_line(_after(place)))
    lines = [head, words, Text(_state(place, strengths), style=STYLES[place.kind])]
    lines += [Text(f"copied passage: {_copy(row)}", style="blue") for row in place.passages]
    return Group(*(Padding(line, (0, 0, 0, 2 * (line is not head)), expand=False) for line in lines), Text())


def _heading(document: Row) -> str:
    facts = (
        document["doc_id"][:SHORT_ID],
        document.get("outlet"),
        to_the_minute(document.get("published")),
        document.get("title"),
    )
    return in_one_line(" · ".join(str(fact) for fact in facts if fact))


def _state(place: Sighting, strengths: Mapping[str, str]) -> str:
    if place.row is not None:
        return in_one_line(happened(place.row, place.document, strengths))
    if place.kind == "column":
        return f"in the column {place.column}, given by the record or the page; not in the text"
    left_out = "" if place.in_canonical_text else "; left out of canonical_text, because others had it first"
    return f"kept, paragraph {place.paragraph}{left_out}"


def _copy(row: Row) -> str:
    """Describe a passage of a place.

    >>> row = {"is_canonical": False, "similarity": 0.82, "cluster_id": "ab" * 16, "numbers_differ": True}
    >>> _copy(row | dict.fromkeys(("contradicts", "late", "revision"), False))
    '82% the same as the first one (cluster abababababab), other figures'
    """
    cluster = f"(cluster {row['cluster_id'][:SHORT_ID]})"
    alike = "the first one" if row["is_canonical"] else f"{row['similarity']:.0%} the same as the first one"
    return ", ".join([f"{alike} {cluster}", *remarks_on(row)])


def _cluster(cluster: PassageCluster) -> Iterator[RenderableType]:
    """Render a cluster: everybody who has the passage."""
    n = len(cluster.members)
    yield Text(
        f"cluster {cluster.cluster_id[:SHORT_ID]}: {counted(n, 'place')}, the first one first", style="table.title"
    )
    table = Table(box=None, pad_edge=False, show_header=False)
    for at in range(4):
        table.add_column(no_wrap=True, justify="right" if at == 3 else "left")
    table.add_column(overflow="fold")
    for member in cluster.members[:MEMBERS]:
        alike = "first" if member.is_canonical else f"{member.similarity:.0%}"
        remarks = _remarks(member)
        title = Text(in_one_line(member.title or "(no title)")).append(f"  {remarks}" if remarks else "", style="dim")
        table.add_row(
            member.doc_id[:SHORT_ID], in_one_line(member.outlet), to_the_minute(member.published), alike, title
        )
    more = f"and {n - MEMBERS:,} more; --json has all\n" if n > MEMBERS else ""
    yield Group(table, Text(more, style="dim"))


def _remarks(member: ClusterMember) -> str:
    return ", ".join(remarks_on(member._asdict()))


def _before(place: Sighting) -> str:
    words = " ".join(place.text[max(0, place.start - AROUND) : place.start].split())
    return f"{'…' if place.start > AROUND else ''}{words} " if words else ""


def _after(place: Sighting) -> str:
    words = " ".join(place.text[place.end : place.end + AROUND].split())
    return (
        f"{'' if words[0] in ',.;:!?' else ' '}{words}{'…' if place.end + AROUND < len(place.text) else ''}"
        if words
        else ""
    )


def _short(text: str) -> str:
    text = in_one_line(" ".join(text.split()))
    return text if len(text) <= 4 * AROUND else f"{text[: 4 * AROUND]}…"


# ---------------------------------------------------------------- as JSON


def _place_as_dict(place: Sighting, strengths: Mapping[str, str]) -> dict[str, Any]:
    document, row = place.document, place.row or {}
    return {
        "kind": place.kind,
        "run": place.run,
        **{name: document.get(name) for name in ("doc_id", "outlet", "published", "title")},
        "paragraph": place.paragraph,
        "text": place.text,
        "start": place.start,
        "end": place.end,
        "column": place.column,
        "in_canonical_text": place.in_canonical_text if place.kind == "kept" else None,
        **{name: row.get(name) for name in ("stage", "reason", "rule", "measured", "limit")},
        "in_words": _state(place, strengths),
        "clusters": [passage["cluster_id"] for passage in place.passages],
    }
