"""The page about stores: its commands, its Python, its SQL and its rule for the bucket, on a store of our own."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from pipeline.storage.tables import read
from tests.docs.test_shell_blocks import S3_PAGE, STORY, lines_of
from tests.helpers.command import clean
from tests.helpers.folders import ROOT
from tests.helpers.page_examples import blocks


@pytest.fixture(scope="module")
def press(s3_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The bucket that the page names, with the news that it names."""
    import boto3

    client = boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1", aws_access_key_id="key",
                          aws_secret_access_key="very-secret")  # fmt: skip
    client.create_bucket(Bucket="press")
    client.put_object(Bucket="press", Key="crawl/2026-03-01/ferry.txt", Body=STORY.encode())
    return s3_server


@pytest.fixture
def here(press: str, credentials: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder and a home in which the examples run; polars asks for leave to read over HTTP."""
    shutil.copy(ROOT / "config" / "nightly.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": str(tmp_path), "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def code(language: str) -> str:
    return next(block.body for block in blocks(S3_PAGE) if block.language == language)


def test_the_commands_and_the_code_of_the_page_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    duckdb, fsspec, polars = (pytest.importorskip(name) for name in ("duckdb", "fsspec", "polars"))
    for line in lines_of(S3_PAGE):
        if line.startswith("clean "):
            assert clean(*shlex.split(line, comments=True)[1:]) == 0, capsys.readouterr().err
    names: dict[str, object] = {}
    exec(compile(code("py"), str(S3_PAGE), "exec"), names)  # noqa: S102 - code of our own page
    documents = names["documents"]
    assert isinstance(documents, polars.DataFrame)
    assert documents["text"].to_list() == [STORY.split("\n")[0]]
    fsspec.filesystem("s3").get("press/corpus", str(here / "corpus"), recursive=True)
    local = code("sql").replace("s3://press/corpus", str(here / "corpus"))  # DuckDB would download its reader of stores
    with duckdb.connect() as connection:
        assert connection.execute(local).fetchall()[0][0] == documents["doc_id"][0]
    assert read(here / "corpus", "documents", names["runs"])["doc_id"].to_pylist() == documents["doc_id"].to_list()  # type: ignore[arg-type]


def test_the_rule_for_the_bucket_is_one_that_a_store_takes(press: str, here: Path) -> None:
    import boto3

    rule = re.search(r"lifecycle-configuration\s+'(\{.*\})'", code_of_aws(), re.S)
    assert rule
    client = boto3.client("s3", endpoint_url=press)
    client.put_bucket_lifecycle_configuration(Bucket="press", LifecycleConfiguration=json.loads(rule[1]))
    kept = client.get_bucket_lifecycle_configuration(Bucket="press")["Rules"]
    assert [each["AbortIncompleteMultipartUpload"] for each in kept] == [{"DaysAfterInitiation": 2}]


def code_of_aws() -> str:
    return next(block.body for block in blocks(S3_PAGE) if "aws s3api" in block.body).replace("\\\n", " ")
