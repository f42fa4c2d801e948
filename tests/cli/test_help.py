"""The help of the commands says the same thing alike, and nothing of it is cut off."""

import re
from collections import defaultdict
from typing import Any

import pytest
import typer

from pipeline.cli import app
from tests.helpers.command import clean

#: Options whose meaning depends on the command, which its help says.
OWN = {"config", "dry-run", "json", "limit", "outlet", "output", "seed", "workers", "quiet"}


def parameters() -> list[tuple[str, Any]]:
    group: Any = typer.main.get_command(app)
    return [(name, each) for name, command in group.commands.items() for each in command.params]


def commands() -> list[str]:
    group: Any = typer.main.get_command(app)
    return list(group.commands)


def test_every_command_is_told_in_one_whole_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert clean("--help") == 0
    listed = capsys.readouterr().out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == commands()
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


@pytest.mark.parametrize("command", commands())
def test_help_fits_a_narrow_terminal_and_names_no_python_types(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert clean(command, "-h") == 0
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if len(line) > 80] == []
    assert not re.search(r"<(str|list\[|Path)|[{}…]\.\.\.", told), told


def test_an_option_has_one_metavar_in_all_commands() -> None:
    seen = defaultdict(set)
    for _, parameter in parameters():
        if parameter.param_type_name == "option" and "-o" not in parameter.opts:
            seen[parameter.opts[0]].add(parameter.metavar)
    assert {name: each for name, each in seen.items() if len(each) > 1} == {}


def test_an_option_has_one_explanation_in_all_commands() -> None:
    seen = defaultdict(set)
    for _, parameter in parameters():
        if parameter.param_type_name == "option" and parameter.opts[0].lstrip("-") not in OWN:
            seen[parameter.opts[0]].add(parameter.help)
    assert {name: each for name, each in seen.items() if len(each) > 1} == {}


def test_what_writes_a_corpus_alone_takes_o_for_it_and_others_take_it_for_their_output() -> None:
    short = {name: each.opts[0] for name, each in parameters() if "-o" in each.opts}
    assert {name for name, option in short.items() if option == "--out"} == {"run"}
    assert {option for name, option in short.items() if name != "run"} == {"--output"}
