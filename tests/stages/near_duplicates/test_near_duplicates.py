"""Passages are found, spans are exact, and neither order nor batching decides anything."""

from __future__ import annotations

import gzip
import inspect
import json
import random
import tomllib
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import datasketch.minhash
import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stages import near_duplicates
from stages.contract import PARAGRAPH_BREAK
from stages.near_duplicates import PARAGRAPHS, PASSAGES, Removal, Resolution, Settings
from stages.near_duplicates.history import Segment
from stages.near_duplicates.kernels import buckets
from stages.near_duplicates.kernels.minhash import shingle_hashes
from stages.near_duplicates.numbering import canonical_order
from stages.near_duplicates.signing import minhash_source, signatures
from stages.near_duplicates.tokenization import tokenize
from tests.helpers.articles import START, documents
from tests.helpers.examples import examples
from tests.helpers.folders import CASES

FOLDER = CASES / "near_duplicates"

FERRY = "The ferry struck the outer wall shortly before dawn and took on water through a torn hull plate."
BAKER = "Bakers in the old town say the price of rye has doubled since the grain barges stopped coming upriver."
QUOTE = "“We will not let one storm decide the future of this old fishing town,” the mayor told a crowd at the quay."
OWN = [
    "Choirs from nine villages will sing at the summer fair, and the cider press is to be set up beside the church.",
    "A heron has nested on the roof of the library; its chicks keep readers of the upper floor from their books.",
    "Engineers drained the lock on Sunday to look for the anchor that a careless skipper had left in the gate.",
]


def case_files() -> list[Any]:
    cases = [case for path in sorted(FOLDER.glob("*.toml")) for case in tomllib.loads(path.read_text())["case"]]
    return [
        pytest.param(
            case["a"], case["b"], case["expected"], id=case["name"],
            marks=[pytest.mark.xfail] if case.get("expect") == "known_failure" else [],
        )
        for case in cases
    ]  # fmt: skip


def run(table: pa.Table, settings: Settings | None = None, shard: int = 100) -> Removal:
    settings = settings or Settings()
    shards = [table[at : at + shard] for at in range(0, len(table), shard)]
    found = near_duplicates.resolve([near_duplicates.evidence(each) for each in shards], settings)
    parts = [near_duplicates.remove(each, found, settings) for each in shards]
    return Removal(*(pa.concat_tables(tables) for tables in zip(*parts, strict=True)))


def corpus() -> pa.Table:
    """A chain A~B~C, exact copies, an empty text and a text of one word among others."""
    a, b, c = (BAKER.split(". ", maxsplit=1)[0] + " " + FERRY, FERRY + " " + QUOTE, QUOTE + " " + OWN[0])
    return documents(
        PARAGRAPH_BREAK.join([a, OWN[0]]), PARAGRAPH_BREAK.join([OWN[1], b]), c, FERRY, "", "Ferry",
        PARAGRAPH_BREAK.join([OWN[2], FERRY]), QUOTE, PARAGRAPH_BREAK.join([FERRY, BAKER, QUOTE]),
    )  # fmt: skip


def passages(removal: Removal) -> list[dict[str, Any]]:
    keys = [(name, "ascending") for name in ("cluster_id", "doc_id", "paragraph", "start")]
    return removal.passages.sort_by(keys).to_pylist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(("a", "b", "expected"), case_files())
def test_two_paragraphs_share_a_passage_or_not(a: str, b: str, expected: bool) -> None:
    assert bool(len(run(documents(a, b)).passages)) is expected


@given(st.sets(st.integers(0, 2**32 - 1), max_size=40), st.integers(1, 80), st.integers(0, 1000))
@hypothesis_settings(max_examples=50, deadline=None)
def test_signatures_equal_those_of_datasketch(words: set[int], bands: int, seed: int) -> None:
    settings = Settings(bands=bands, rows=1, seed=seed, shingle_words=1)
    hashes = np.array([word << 6 for word in sorted(words)], np.int64)
    minhash = MinHash(bands, seed=seed, scheme="affine32", hashfunc=lambda shingle: shingle)
    shingles = np.empty(2 * len(hashes), np.uint32)
    n = shingle_hashes(hashes, 0, len(hashes), 1, shingles)
    minhash.update_batch(shingles[:n].tolist())
    ours = signatures(hashes, np.array([0]), np.array([len(hashes)]), settings)
    assert (ours[0] == minhash.hashvalues).all()


def test_permutations_are_kept_for_the_very_datasketch_that_draws_them() -> None:
    assert minhash_source().decode() == inspect.getsource(datasketch.minhash)


def test_shingles_of_a_text_give_its_signature_in_datasketch() -> None:
    settings = Settings()
    words = tokenize(pa.chunked_array([[FERRY]])).hashes
    minhash = MinHash(settings.bands * settings.rows, seed=1, scheme="affine32", hashfunc=lambda shingle: shingle)
    minhash.update_batch(near_duplicates.shingles(FERRY, settings))
    assert (signatures(words, np.array([0]), np.array([len(words)]), settings)[0] == minhash.hashvalues).all()


@pytest.mark.parametrize("seed", range(5))
def test_order_and_shards_decide_nothing(seed: int) -> None:
    table = corpus()
    order = list(range(len(table)))
    random.Random(seed).shuffle(order)
    assert passages(run(table.take(order), shard=1 + seed)) == passages(run(table))


def test_batching_does_not_change_the_evidence() -> None:
    table = corpus()
    whole = near_duplicates.evidence(table)
    parts = [near_duplicates.evidence(table[at : at + 2]) for at in range(0, len(table), 2)]
    for one, many in zip(whole, zip(*parts, strict=True), strict=True):
        assert one.to_pylist() == pa.concat_tables(many).to_pylist()


def test_spans_are_exact_to_the_character() -> None:
    removal = run(documents(FERRY, "“Ölig – naïve, 𝒜!” Nobody was hurt, it seems. " + FERRY + " Ships wait."))
    texts = {(r["doc_id"], r["paragraph"]): r["text"] for r in removal.paragraphs.to_pylist()}
    spans = [texts[p["doc_id"], p["paragraph"]][p["start"] : p["end"]] for p in passages(removal)]
    assert spans == [FERRY.rstrip("."), FERRY.rstrip(".")]


def test_the_earliest_is_canonical_then_the_outlet_ranked_first() -> None:
    undated = documents(FERRY, FERRY, published=[None, None])
    ranked = run(undated, Settings(outlet_rank=("outlet-1", "outlet-0")))
    assert [p["outlet"] for p in passages(ranked) if p["is_canonical"]] == ["outlet-1"]
    dated = run(documents(FERRY, FERRY, published=[START, START - timedelta(days=1)]))
    assert [p["outlet"] for p in passages(dated) if p["is_canonical"]] == ["outlet-1"]


def test_every_cluster_has_one_canonical_passage_and_a_copy() -> None:
    clusters: dict[str, list[bool]] = {}
    for passage in passages(run(corpus())):
        clusters.setdefault(passage["cluster_id"], []).append(passage["is_canonical"])
    assert clusters
    assert all(sum(members) == 1 and len(members) > 1 for members in clusters.values())


def test_no_words_are_lost_from_the_corpus_when_copies_are_dropped() -> None:
    kept = " ".join(run(corpus()).documents["canonical_text"].to_pylist())
    assert all(sentence in kept for sentence in (FERRY, BAKER, QUOTE, *OWN))


def test_a_copy_with_another_number_is_marked_and_stays() -> None:
    a = "At least 14 people were pulled from the water after the ferry struck the outer wall shortly before dawn."
    removal = run(documents(a, a.replace("14", "19")))
    assert [p["numbers_differ"] for p in passages(removal)] == [False, True]
    assert removal.documents["canonical_text"].to_pylist() == removal.documents["text"].to_pylist()
    dropped = run(documents(a, a.replace("14", "19")), Settings(drop_where_numbers_differ=True))
    assert dropped.documents["canonical_text"].to_pylist() == [a, ""]


@pytest.mark.parametrize(("dropped", "left"), [("mark", [1, 3]), ("keep-first", [1, 2]), ("drop", [1, 1])])
def test_settings_decide_what_leaves_the_canonical_text(dropped: Any, left: list[int]) -> None:
    with_own = f"{FERRY} That is what Ada Wren of the pilots told us."
    text = PARAGRAPH_BREAK.join([FERRY, with_own, OWN[0]])
    removal = run(documents(FERRY, text), Settings(dropped=dropped, minimum_share=0.5))
    texts = removal.documents["canonical_text"].to_pylist()
    assert [len(text.split(PARAGRAPH_BREAK)) if text else 0 for text in texts] == left


def test_a_whole_copied_article_names_its_original_and_has_ledger_rows() -> None:
    text = PARAGRAPH_BREAK.join([FERRY, BAKER, QUOTE])
    removal = run(documents(text, text))
    assert removal.documents["duplicate_of"].to_pylist() == [None, f"{0:032x}"]
    assert removal.documents["duplicate_share"].to_pylist() == [0, 1]
    reasons = [(row["reason"], row["canonical_doc"], row["start"]) for row in removal.ledger.to_pylist()]
    assert reasons == [("near_duplicate", f"{0:032x}", None)] * 3 + [("duplicate_document", f"{0:032x}", None)]


def test_tables_have_the_columns_of_the_contract_even_without_documents() -> None:
    for table in (corpus(), corpus()[:0]):
        removal = run(table, shard=4) if len(table) else near_duplicates.remove(
            table, near_duplicates.resolve([near_duplicates.evidence(table)], Settings()), Settings()
        )  # fmt: skip
        assert removal.paragraphs.schema == PARAGRAPHS
        assert removal.passages.schema == PASSAGES
        assert len(removal.documents) == len(table)


@given(st.lists(st.text(max_size=60), max_size=6))
@hypothesis_settings(max_examples=60, deadline=None)
def test_words_lie_in_their_paragraphs_whatever_the_text(texts: list[str]) -> None:
    words = tokenize(pa.chunked_array([pa.array(texts, pa.large_string())]))
    paragraphs = [paragraph for text in texts for paragraph in text.split(PARAGRAPH_BREAK)]
    assert len(words.first) == len(paragraphs) + 1
    for paragraph, begin, end in zip(paragraphs, words.first[:-1], words.first[1:], strict=True):
        spans = list(zip(words.starts[begin:end], words.ends[begin:end], strict=True))
        assert all(0 <= start < stop <= len(paragraph) for start, stop in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_who_joins_a_crowded_bucket_is_compared_with_its_first_members_only() -> None:
    parts, nobody = np.arange(1000), np.zeros(0, np.int64)
    pairs = buckets.pairs(parts, nobody, nobody, 0, 10)
    assert len(pairs) < 10 * 10 + 8 * 1000
    assert {int(pair) >> 32 for pair in pairs if int(pair) & 0xFFFFFFFF == 999} == set(range(8))
    assert {int(pair) >> 32 for pair in pairs if int(pair) & 0xFFFFFFFF == 9} == set(range(9))


@pytest.mark.parametrize("wrong", [{"bands": 0}, {"minimum_share": 0}, {"match_strength": -1}, {"dropped": "all"}])
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)


VOICES = [FERRY, BAKER, QUOTE, *OWN, FERRY.replace("dawn", "dusk"), "Ferry", "Ships wait."]
PARAGRAPHS_OF_VOICES = st.lists(st.sampled_from(VOICES), min_size=1, max_size=3).map(" ".join)
TEXTS = st.lists(st.lists(PARAGRAPHS_OF_VOICES, max_size=4).map(PARAGRAPH_BREAK.join), min_size=1, max_size=12)


def in_slices(table: pa.Table, settings: Settings, cuts: list[int]) -> tuple[list[dict[str, Any]], Removal]:
    """What is found and removed when the documents come in slices, in canonical order, each after those before it."""
    shards = near_duplicates.evidence(table)
    table = table.take(canonical_order(shards.documents, settings))
    history: list[Segment] = []
    found, relations = [], []
    for begin, end in pairwise(sorted({0, len(table), *(cut for cut in cuts if cut < len(table))})):
        evidence = near_duplicates.evidence(table[begin:end])
        rows, others, segment = near_duplicates.extend([evidence], settings, history)
        found.append(rows)
        relations.append(others)
        history.append(segment)
    whole = pa.concat_tables(found).sort_by([(name, "ascending") for name in FOUND_KEYS])
    resolution = Resolution(whole, pa.concat_tables(relations))
    return whole.to_pylist(), near_duplicates.remove(table, resolution, settings)


FOUND_KEYS = ("cluster_id", "doc_id", "paragraph", "start_word", "end_word")


@given(TEXTS, st.lists(st.integers(1, 12), max_size=5), st.sampled_from([2, 100]), st.booleans())
@examples(15)
def test_documents_split_into_slices_in_canonical_order_give_the_same_passages(
    texts: list[str], cuts: list[int], bucket_cap: int, versions: bool
) -> None:
    settings = Settings(bucket_cap=bucket_cap)
    urls = [f"https://plume.example/{n % 3}" if versions else None for n in range(len(texts))]
    table = documents(*texts, url=urls, outlet=[f"outlet-{n % 4}" for n in range(len(texts))])
    found, removal = in_slices(table, settings, [])
    again, same = in_slices(table, settings, cuts)
    assert again == found
    for one, other in zip(removal, same, strict=True):
        assert one.to_pylist() == other.to_pylist()


def test_the_canonical_passage_is_told_when_its_first_copy_comes() -> None:
    table, settings = documents(FERRY, BAKER, FERRY, FERRY), Settings()
    history: list[Segment] = []
    told = []
    for n in range(len(table)):
        rows, _, segment = near_duplicates.extend([near_duplicates.evidence(table[n : n + 1])], settings, history)
        history.append(segment)
        told.append([(row["doc_id"], row["is_canonical"]) for row in rows.to_pylist()])
    first, third, fourth = f"{0:032x}", f"{2:032x}", f"{3:032x}"
    assert told == [[], [], [(first, True), (third, False)], [(fourth, False)]]


def test_a_version_of_an_article_is_no_copy_of_the_one_before_it() -> None:
    url, texts = "https://plume.example/ferry", [FERRY, f"{FERRY} {BAKER}", FERRY]
    removal = run(documents(*texts, url=[url, url, None], outlet=["plume", "plume", "star"]))
    assert removal.documents["duplicate_share"].to_pylist() == [0, 0, 1]
    assert [(p["doc_id"][-1], p["revision"]) for p in passages(removal)] == [("0", False), ("1", True), ("2", False)]


def test_an_article_that_comes_late_joins_and_is_marked() -> None:
    settings = Settings()
    times = [START, START - timedelta(days=2)]
    table = documents(FERRY, FERRY, published=times)
    _, _, segment = near_duplicates.extend([near_duplicates.evidence(table[:1])], settings, [])
    found, _, _ = near_duplicates.extend([near_duplicates.evidence(table[1:])], settings, [segment])
    assert [(row["is_canonical"], row["late"]) for row in found.to_pylist()] == [(True, False), (False, True)]


@pytest.mark.shared
def test_real_articles_split_into_slices_give_the_same_passages(shared: Path) -> None:
    with gzip.open(shared / "data" / "fnc_train.jsonl.gz", "rt") as file:
        articles = [json.loads(line) for line in file]
    texts = [PARAGRAPH_BREAK.join(line for line in article["text"].split("\n") if line.strip()) for article in articles]
    chance = random.Random(3)
    times = [START + timedelta(minutes=chance.randrange(40_000)) for _ in texts]
    table = documents(*texts, outlet=[article["outlet"] for article in articles], published=times)
    found, removal = in_slices(table, Settings(), [])
    again, same = in_slices(table, Settings(), [10, 600, 601, 1100])
    assert again == found
    assert len(found) > 5000
    assert same.paragraphs == removal.paragraphs
    assert same.documents == removal.documents


@pytest.mark.parametrize(("days", "copies"), [(None, [1, 2, 3]), (2, [1, 3])])
def test_articles_published_too_far_apart_are_not_compared(days: int | None, copies: list[int]) -> None:
    times = [START, START + timedelta(days=1), START + timedelta(days=4), START + timedelta(days=5)]
    table, settings = documents(FERRY, FERRY, FERRY, FERRY, published=times), Settings(history_days=days)
    for cuts in ([], [1, 2, 3]):
        _, removal = in_slices(table, settings, cuts)
        shares = removal.documents["duplicate_share"].to_pylist()
        assert [n for n, share in enumerate(shares) if share] == copies


def test_an_edited_copy_from_long_ago_is_not_compared() -> None:
    table = documents(FERRY, FERRY.replace("dawn", "dusk"), published=[START, START + timedelta(days=4)])
    assert len(run(table).passages) == 2
    assert len(run(table, Settings(history_days=3)).passages) == 0
