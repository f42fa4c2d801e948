"""At which support are templates safe? What they cut, and what story they cost, by the support that is asked for.

    python benchmarks/templates.py [SHARED] [--articles 3000]

Invented outlets print furniture of their own on all or some pages, and story that recurs: the same background in every
article of a running story, sub-headings of a series, a saying that opens a column. With SHARED (the folder with `gold/`
and `data/`), its 1,683 articles too, all taken for one outlet: they are articles of many outlets about the same few
events, so that far more story recurs in them than in any outlet's pages, and hardly any furniture. Cuts there are
held against the labelled lines of 300 of them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline import settings
from pipeline.settings.rule_packs import noise_settings
from stages import language
from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.noise import run, templates
from stages.noise.templates import Answers, Counts, Limits, Rows

SUPPORTS = (2, 3, 4, 5, 6, 8, 10, 15, 20, 40)
#: Few, so that words recur from sentence to sentence as those of a language do.
SYLLABLES = ["ba", "co", "du", "fe", "gi", "lo", "ma", "ne", "pi", "ro", "sa", "te", "va", "wi", "yo", "zu"]
SHAPES = (
    "The {} of {} {} the {} on {} after {} had {} it for {} years, a {} said.",
    "{} and {} were {} by the {} before {} came to {} with the {}.",
    "“We have {} the {} since {},” said {} {}, who {} in {}.",
    "Nobody in {} knows why the {} {} so {}, but the {} of {} has {} it twice.",
)
#: Furniture: words, and on how many of its outlet's pages it stands.
FURNITURE = (
    ("Follow the {} on Pinboard and tell your neighbours", 1.0),
    ("Get the {} letter in your inbox, seven days a week", 0.6),
    ("The {} is owned by its readers. If you like what you read here, take out a subscription.", 0.9),
    ("Pictures by the {} photo desk", 0.3),
    ("More from the harbour pages of the {}", 0.12),
    ("Play the {} crossword", 0.04),
    ("This piece was read aloud for {} listeners by a machine.", 0.06),
)


class Truth(NamedTuple):
    """Documents, and for each the paragraphs that are furniture (True) or story (False)."""

    documents: pa.Table
    furniture: dict[tuple[str, str], bool]


def word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 3)))


def sentence(chance: random.Random) -> str:
    shape = chance.choice(SHAPES)
    text = shape.format(*(word(chance) for _ in range(shape.count("{}"))))
    return text[0].upper() + text[1:]


def invented(articles: int, seed: int = 1) -> Truth:
    """Articles of six outlets over a year, a fifth of them in running stories that repeat their background."""
    chance = random.Random(seed)
    outlets = [f"the-{word(chance)}{word(chance)}" for _ in range(6)]
    running: dict[str, list[str]] = {name: [] for name in outlets}
    rows, furniture = [], {}
    for n in range(articles):
        outlet = chance.choice(outlets)
        if not running[outlet] or chance.random() < 0.01:  # a new running story
            running[outlet] = [" ".join(sentence(chance) for _ in range(2)) for _ in range(3)]
        told = [" ".join(sentence(chance) for _ in range(chance.randint(1, 3))) for _ in range(chance.randint(4, 12))]
        if chance.random() < 0.2:
            told[2:2] = chance.sample(running[outlet], k=chance.randint(1, 3))
        if chance.random() < 0.05:
            told[1:1] = [chance.choice(("What happens next", "How it began", "Why the harbour matters"))]
        around = [line.format(outlet.removeprefix("the-")) for line, share in FURNITURE if chance.random() < share]
        doc_id = f"{n:032x}"
        furniture |= {(doc_id, line): False for line in told} | {(doc_id, line): True for line in around}
        rows.append(row(doc_id, outlet, [*around[:2], *told, *around[2:]], n))
    return Truth(table(rows), furniture)


def row(doc_id: str, outlet: str, paragraphs: list[str], at: int) -> dict[str, Any]:
    return {
        "doc_id": doc_id, "outlet": outlet, "published": 1_900_000_000_000_000 + at * 3_600_000_000,
        "title": "A title that no page repeats", "text": PARAGRAPH_BREAK.join(paragraphs), "language": "en",
        "source_uri": "x", "kind": "text", "raw_sha256": "0",
    }  # fmt: skip


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{name: one.get(name) for name in DOCUMENT.names} for one in rows], schema=DOCUMENT)


def chosen_at(documents: pa.Table, support: int) -> pa.Table:
    """The paragraphs that are templates where this support is enough, however small a share of the outlet it is."""
    found = templates.evidence(documents)
    placed = templates.in_order(found.documents, np.zeros(len(documents), np.bool_), {})
    rows = Rows(*(found.paragraphs[name].to_numpy() for name in Rows._fields))
    weighed = templates.weigh(rows, placed, Counts.none(), Limits(min_support=support, min_share=0.0), Answers())
    held = np.flatnonzero(weighed.automatic)
    ids = found.documents["doc_id"].take(rows.document[held])
    columns = [ids, rows.mask[held], weighed.support[held], np.zeros(len(held), np.bool_)]
    return pa.table(dict(zip(templates.CHOSEN.names, columns, strict=True))).cast(templates.CHOSEN)


def cuts(documents: pa.Table, support: int, with_model: bool) -> Iterator[tuple[str, str]]:
    """What templates cut at this support: document and paragraph. Rule packs are left out, the model may have a say."""
    model = noise_settings(settings.parse({})).line_model if with_model else None
    chosen = replace(noise_settings(settings.parse({})), packs=(), line_model=model, min_template_support=support)
    ledger = run(documents, chosen, chosen_at(documents, support)).ledger.to_pylist()
    for one in ledger:
        if one["reason"] == "template":
            yield one["doc_id"], one["before"].strip()


def show_invented(articles: int) -> None:
    truth = invented(articles)
    print(f"\n{articles:,} articles of six invented outlets\n")
    print(
        "| support | furniture cut, by support alone | with the model | story cut, by support alone | with the model |"
    )
    print("|---|---|---|---|---|")
    repeated = sum(truth.furniture.values())
    for support in SUPPORTS:
        by_support = [truth.furniture[cut] for cut in cuts(truth.documents, support, False)]
        with_model = [truth.furniture[cut] for cut in cuts(truth.documents, support, True)]
        shares = [f"{sum(found) / repeated:.1%}" for found in (by_support, with_model)]
        lost = [f"{found.count(False):,}" for found in (by_support, with_model)]
        print(f"| {support} | {' | '.join([*shares, *lost])} |", flush=True)


def show_real(shared: Path) -> None:
    documents, labels = real(shared)
    print(f"\n{len(documents):,} real articles taken for one outlet\n")
    print("| support | evidence | cut | different | in labelled articles | of them story |\n|---|---|---|---|---|---|")
    for support in SUPPORTS:
        for with_model in (False, True):
            found = list(cuts(documents, support, with_model))
            known = [labels[cut] for cut in found if cut in labels]
            evidence = "with the model" if with_model else "support alone"
            masks = len({templates.mask_of(words) for _, words in found})
            figures = (len(found), masks, len(known), known.count("body"))
            print(f"| {support} | {evidence} | {' | '.join(map(str, figures))} |", flush=True)


def real(shared: Path) -> tuple[pa.Table, dict[tuple[str, str], str]]:
    """The articles, and the labels of the lines of those that are labelled."""
    with gzip.open(shared / "data" / "fnc_train.jsonl.gz", "rt", encoding="utf-8") as file:
        articles = [json.loads(line) for line in file]
    rows = [
        row(one["id"], "all", [line.strip() for line in one["text"].split("\n") if line.strip()], at)
        for at, one in enumerate(articles)
    ]
    folder = shared / "gold" / "noise_dev"
    said = {one["doc"]: one["labels"] for one in map(json.loads, (folder / "labels.jsonl").open(encoding="utf-8"))}
    labels = {}
    for one in map(json.loads, (folder / "docs.jsonl").open(encoding="utf-8")):
        for at, line in enumerate(one["lines"]):
            labels[one["source_id"], line.strip()] = said.get(one["doc"], {}).get(str(at), "body")
    return language.run(table(rows), language.Settings()).documents, labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, nargs="?")
    parser.add_argument("--articles", type=int, default=3000)
    arguments = parser.parse_args()
    show_invented(arguments.articles)
    if arguments.shared:
        show_real(arguments.shared)


if __name__ == "__main__":
    main()
