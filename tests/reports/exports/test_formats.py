"""Every format is opened by a reader that is not ours, and holds every text of the table."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from xml.sax import saxutils

import networkx
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
import zstandard
from lxml import etree

from pipeline import sources
from pipeline.passages.flows import flows
from pipeline.reports.exports.documents import COLUMNS
from pipeline.reports.exports.job import ExportReport, ExportRequest, export
from pipeline.reports.exports.registry import FORMATS
from pipeline.reports.exports.xml_text import DROPPED
from pipeline.storage.reader import Corpus
from pipeline.storage.selection import Selection
from tests.helpers.hostile_tables import write_hostile_tables

TEI = {"t": "http://www.tei-c.org/ns/1.0"}
XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
#: Characters that XML 1.0 cannot hold.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Texts = dict[str, str]


@pytest.fixture(scope="session")
def hostile_tables(hostile_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hostile_tables(hostile_run, tmp_path_factory.mktemp("verbatim") / "out")


@pytest.fixture(scope="module", params=["sample_run", "hostile_tables"])
def corpus(request: pytest.FixtureRequest) -> Corpus:
    return Corpus(request.getfixturevalue(request.param))


@pytest.fixture(scope="module")
def documents(corpus: Corpus) -> dict[str, dict[str, Any]]:
    return {row["doc_id"]: row for batch in Selection().documents(corpus) for row in batch.to_pylist()}


@pytest.fixture(scope="module")
def texts(documents: dict[str, dict[str, Any]]) -> Texts:
    return {doc_id: row["text"] for doc_id, row in documents.items()}


def written(corpus: Corpus, form: str, path: Path, **options: Any) -> ExportReport:
    return export(corpus, ExportRequest(FORMATS[form], path, **options))


def in_xml(text: str) -> str:
    return FORBIDDEN.sub(lambda match: " " if match[0].isspace() else "", text)


def from_json_lines(path: Path) -> Texts:
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return {row.get("doc_id", row.get("id")): row["text"] for row in rows}


def from_csv(path: Path) -> Texts:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8", newline="") as file:
        return {row["doc_id"]: row["text"] for row in csv.DictReader(file)}


def from_tsv(path: Path) -> Texts:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8", newline="") as file:
        return {row["doc_id"]: row["text"] for row in csv.DictReader(file, delimiter="\t")}


def from_parquet(path: Path) -> Texts:
    table = pl.read_parquet(path)
    return dict(zip(table["doc_id"], table["text"], strict=True))


def from_texts(path: Path) -> Texts:
    return {file.stem: file.read_bytes().decode().removesuffix("\n") for file in path.glob("*.txt")}


READERS: dict[str, tuple[Callable[[Path], Texts], str, dict[str, Any]]] = {
    "jsonl": (from_json_lines, "a.jsonl", {}),
    "dolma": (from_json_lines, "a.jsonl", {}),
    "csv": (from_csv, "a.csv", {"raw": True}),
    "tsv": (from_tsv, "a.tsv", {"raw": True}),
    "parquet": (from_parquet, "a.parquet", {}),
    "text": (from_texts, "a", {}),
}


@pytest.mark.parametrize("form", READERS)
def test_a_format_holds_every_text_to_the_character(corpus: Corpus, texts: Texts, tmp_path: Path, form: str) -> None:
    reader, name, options = READERS[form]
    report = written(corpus, form, tmp_path / name, **options)
    assert reader(tmp_path / name) == texts
    assert (report.n, report.altered) == (len(texts), {})


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_no_cell_of_a_spreadsheet_begins_like_a_formula(
    corpus: Corpus, documents: dict[str, dict[str, Any]], tmp_path: Path, form: str
) -> None:
    report = written(corpus, form, tmp_path / f"a.{form}")
    frame = pd.read_csv(tmp_path / f"a.{form}", sep="\t" if form == "tsv" else ",", dtype=str, keep_default_na=False)
    assert list(frame) == [*COLUMNS, "defused"]
    assert len(frame) == len(documents)
    for row in frame.to_dict("records"):
        assert [cell for cell in row.values() if cell[:1] in set("=+-@\t\r\n＝＋－＠") - {""}] == []
        whole = documents[row["doc_id"]]["text"]
        assert row["text"].replace("\r", "\n") in {whole.replace("\r", "\n"), f"'{whole}".replace("\r", "\n")}
    assert (frame["defused"] == "true").sum() == sum(
        any(re.match("'*[=+\\-@\t\r\n＝＋－＠]", str("; ".join(v) if isinstance(v, list) else v)) for v in row.values())
        for row in ({k: v for k, v in row.items() if k in COLUMNS} for row in documents.values())
    )
    assert report.altered.get("cells defused", 0) >= (frame["defused"] == "true").sum()


def test_our_reader_takes_away_the_apostrophes_of_defused_rows_and_no_others(tmp_path: Path) -> None:
    header, rows = "doc_id,outlet,title,text,defused\n", []
    story = "is the number of the harbour office of Holm, which answers again from Monday, it said in a note."
    for number, (start, flag) in enumerate([("'+44", "true"), ("''+44", "true"), ("'+44", "false")]):
        rows.append(f'{number:032x},star,A number,"{start} {story}",{flag}\n')
    (tmp_path / "a.csv").write_text(header + "".join(rows), encoding="utf-8")
    batches = list(sources.batches(sources.plan([str(tmp_path / "a.csv")]), sources.Settings()))
    found = [row["raw"].decode().split(" ")[0] for batch in batches for row in batch.documents.to_pylist()]
    assert found == ["+44", "'+44", "'+44"]


def test_dolma_lines_have_the_keys_that_its_tools_read(sample_run: Path, tmp_path: Path) -> None:
    written(Corpus(sample_run), "dolma", tmp_path / "a.jsonl.gz")
    with gzip.open(tmp_path / "a.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert {tuple(row) for row in rows} == {("id", "text", "source", "created", "added", "metadata")}
    assert all(isinstance(row[key], str) for row in rows for key in ("id", "text", "source", "added"))
    assert all(row["metadata"]["outlet"] == row["source"] for row in rows)
    assert any(row["created"] for row in rows)


def test_hugging_face_loads_the_folder_with_a_configuration_for_each_table(
    corpus: Corpus, texts: Texts, tmp_path: Path
) -> None:
    from datasets import get_dataset_config_names, load_dataset

    written(corpus, "hf", tmp_path / "folder")
    folder, cache = str(tmp_path / "folder"), str(tmp_path / "cache")
    assert get_dataset_config_names(folder) == ["documents", "paragraphs", "passages", "ledger"]
    data = load_dataset(folder, cache_dir=cache)
    assert dict(zip(data["train"]["doc_id"], data["train"]["text"], strict=True)) == texts
    paragraphs = load_dataset(folder, "paragraphs", cache_dir=cache)["train"]
    assert set(paragraphs["doc_id"]) <= set(texts)
    card = (tmp_path / "folder" / "README.md").read_text("utf-8")
    assert f"train: {len(texts):,}" in card
    assert "Name their licence" in card


def test_a_vertical_has_every_token_of_every_text_in_its_structures(
    corpus: Corpus, documents: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    report = written(corpus, "vertical", tmp_path / "a.vert")
    content = (tmp_path / "a.vert").read_text("utf-8")
    root = etree.fromstring(f"<corpus>{content}</corpus>".encode(), XML)
    assert {doc.get("id") for doc in root} == set(documents)
    assert {each.tag for each in root.iter()} <= {"corpus", "doc", "p", "s", "g"}
    for doc in root:
        row = documents[doc.get("id")]
        assert doc.get("title") == " ".join(in_xml(row["title"] or "").split())
        found = [words_of_vertical(p) for p in doc]
        assert found == [" ".join(in_xml(each).split()) for each in row["text"].split("\n\n")]
    lost = sum(len(FORBIDDEN.findall(row["text"])) for row in documents.values())
    assert report.altered.get(DROPPED, 0) >= lost


def words_of_vertical(paragraph: etree._Element) -> str:
    """The text of a paragraph: tokens with a space between them but where `<g/>` stands."""
    lines = etree.tostring(paragraph, encoding="unicode", with_tail=False).split("\n")
    text, glued = "", True
    for line in lines:
        if line in {"<p>", "</p>", "<s>", "</s>", "<p/>", "<s/>", ""}:
            continue
        if line == "<g/>":
            glued = True
            continue
        text += ("" if glued else " ") + saxutils.unescape(line)
        glued = False
    return text


def test_tei_is_valid_and_holds_every_paragraph(
    corpus: Corpus, documents: dict[str, dict[str, Any]], tmp_path: Path, repository: Path
) -> None:
    report = written(corpus, "tei", tmp_path / "a.xml")
    tree = etree.parse(str(tmp_path / "a.xml"), XML)
    etree.RelaxNG(etree.parse(str(repository / "tests" / "cases" / "tei_corpus.rng"))).assertValid(tree)
    found = tree.findall("t:TEI", TEI)
    assert len(found) == len(documents) == report.n
    for each in found:
        row = documents[each.get("{http://www.w3.org/XML/1998/namespace}id")[1:]]
        text = "\n\n".join(p.text or "" for p in each.iterfind(".//t:body/t:div/t:p", TEI))
        assert text == in_xml(row["text"])
        assert (each.findtext(".//t:titleStmt/t:title", None, TEI) or "") == in_xml(row["title"] or "")
        authors = [author.text or "" for author in each.iterfind(".//t:titleStmt/t:author", TEI)]
        assert authors == [in_xml(author) for author in row["authors"]]
    lost = sum(len(FORBIDDEN.findall(f"{row['text']}{row['title'] or ''}{''.join(row['authors'])}{row['outlet']}"
                                     f"{row['url'] or ''}")) for row in documents.values())  # fmt: skip
    assert report.altered.get(DROPPED, 0) == lost


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_networkx_reads_the_flows_as_a_graph(corpus: Corpus, tmp_path: Path, form: str) -> None:
    written(corpus, form, tmp_path / f"a.{form}")
    graph = (networkx.read_graphml if form == "graphml" else networkx.read_gexf)(tmp_path / f"a.{form}")
    found = {(graph.nodes[a]["label"], graph.nodes[b]["label"]): edge for a, b, edge in graph.edges(data=True)}
    rows = flows(corpus).to_pylist()
    assert found.keys() == {(in_xml(row["from_outlet"]), in_xml(row["to_outlet"])) for row in rows}
    for row in rows:
        edge = found[in_xml(row["from_outlet"]), in_xml(row["to_outlet"])]
        assert (edge["n_words"], edge["weight"]) == (row["n_words"], row["n_words"])


def test_compressed_outputs_are_the_same_bytes_each_time(sample_run: Path, tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz", "a.jsonl.zst", "a.jsonl"):
        written(Corpus(sample_run), "jsonl", tmp_path / name)
    plain = (tmp_path / "a.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == plain
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    reader = zstandard.ZstdDecompressor().stream_reader((tmp_path / "a.jsonl.zst").read_bytes())
    assert reader.read() == plain
    frame = pd.read_json(StringIO(plain.decode()), lines=True)
    assert list(frame) == list(COLUMNS)


def test_the_canonical_text_stands_in_the_place_of_the_text(sample_run: Path, tmp_path: Path) -> None:
    written(Corpus(sample_run), "parquet", tmp_path / "a.parquet", canonical=True, columns=("text", "canonical_text"))
    table = pq.read_table(tmp_path / "a.parquet")
    assert table["text"].to_pylist() == table["canonical_text"].to_pylist()
    whole = [row["text"] for batch in Selection().documents(Corpus(sample_run)) for row in batch.to_pylist()]
    assert table["text"].to_pylist() != whole
