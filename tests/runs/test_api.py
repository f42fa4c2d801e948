"""The Python API: the same functions as the command line's, for folders and for S3."""

import ast
import re
from pathlib import Path

import pytest

from pipeline import api, settings
from pipeline.errors import TooManyFailedError, UserError


def api_names(code: str) -> set[str]:
    """Return the names that Python code imports from `pipeline.api`, or uses as `api.name` or `copydesk.name`."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module == "pipeline.api":
            found |= {each.name for each in node.names}
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("api", "copydesk")
        ):
            found.add(node.attr)
    return found


def test_the_python_examples_use_what_the_command_line_uses(repository: Path) -> None:
    pages = [repository / "README.md", repository / "docs" / "how-to" / "python.md"]
    blocks = [re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL) for page in pages]
    examples = "\n".join(block for found in blocks for block in found)
    commands = sorted((repository / "pipeline" / "cli" / "commands").glob("*.py"))
    command_line = "\n".join(each.read_text(encoding="utf-8").replace("from __future__", "#") for each in commands)
    assert {"clean_text", "run", "open_corpus", "find_copies"} <= api_names(examples)
    assert {"clean", "forget"} <= api_names(command_line)
    assert api_names(examples) | api_names(command_line) <= set(api.__all__)
    assert not re.search(r"from pipeline\.runs\S* import .*\b(clean|forget)", examples + command_line)


def test_every_name_of_the_api_is_there_and_documented() -> None:
    documented = {name: getattr(api, name).__doc__ for name in api.__all__ if name != "Progress"}  # a type alias
    assert [name for name, text in documented.items() if not text] == []


def test_clean_and_forget_dispatch_by_the_kind_of_location(tmp_path: Path) -> None:
    """A folder and a prefix on S3 of the same request are told apart without a network."""
    location = api.output_location("s3://press/corpus")
    with pytest.raises(UserError, match="input s3://press/ holds the output s3://press/corpus"):
        api.clean(api.RunRequest(["s3://press/"], location, settings.parse({}), workers=1))
    with pytest.raises(UserError, match="there is no such file"):
        api.clean(api.RunRequest([str(tmp_path / "none")], tmp_path / "out", settings.parse({}), workers=1))
    with pytest.raises(UserError, match="no corpus"):
        api.forget(tmp_path / "out", settings.parse({}), doc_id="x")


def test_a_refusal_carries_the_report_of_the_run_that_it_ended(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text("{broken\n" * 3)
    request = api.RunRequest([str(tmp_path / "news.jsonl")], tmp_path / "out", settings.parse({}), workers=1)
    with pytest.raises(TooManyFailedError) as refused:
        api.clean(request)
    report = refused.value.report
    assert report is not None
    assert (report.run_id, report.tally.total("failed")) == (None, 3)
