"""Limits on the code's shape: sizes, parameters, complexity, and which module may import which."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import grimp
import pytest
from radon.complexity import cc_visit

from tests.helpers.folders import ROOT

MAX_CLASS_LINES = 150
MAX_FUNCTION_LINES = 60
MAX_MEDIAN_FUNCTION_LINES = 8
MAX_PARAMETERS = 8
MAX_COMPLEXITY = 15

MODULES = sorted(path for folder in ("copydesk", "pipeline", "stages") for path in (ROOT / folder).rglob("*.py"))


@cache
def trees() -> dict[Path, ast.Module]:
    """The parsed modules: when a test needs them, not in every process that collects tests."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[Path, Function]]:
    for path, tree in trees().items():
        yield from ((path, node) for node in ast.walk(tree) if isinstance(node, Function))


def name_of(path: Path, node: Function | ast.ClassDef) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def lines_of(node: Function | ast.ClassDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def body_lines(node: Function) -> int:
    """Count the lines below the docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def is_command(node: Function) -> bool:
    """Tell if typer calls a function: its parameters are the options of a command."""
    return any("app.command" in ast.unparse(decorator) for decorator in node.decorator_list)


def test_no_class_is_too_long() -> None:
    classes = [
        (path, node) for path, tree in trees().items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]
    assert [name_of(path, node) for path, node in classes if lines_of(node) > MAX_CLASS_LINES] == []


def test_no_function_is_too_long_and_most_are_short() -> None:
    lengths = {name_of(path, node): body_lines(node) for path, node in functions() if not is_command(node)}
    assert {name: n for name, n in lengths.items() if n > MAX_FUNCTION_LINES} == {}
    assert median(lengths.values()) <= MAX_MEDIAN_FUNCTION_LINES


def test_no_function_takes_too_many_parameters() -> None:
    counts = {
        name_of(path, node): len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs])
        for path, node in functions()
        if not is_command(node)
    }
    assert {name: n for name, n in counts.items() if n > MAX_PARAMETERS} == {}


def test_no_function_is_too_complex() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{block.lineno} {block.fullname}": block.complexity
        for path in MODULES
        for block in cc_visit(path.read_text(encoding="utf-8"))
    }
    assert {name: n for name, n in found.items() if n > MAX_COMPLEXITY} == {}


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = grimp.build_graph("copydesk", "pipeline", "stages", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(f"import circle: {' -> '.join(error.args[1])}")


def test_every_module_says_in_its_first_line_what_it_holds() -> None:
    first = {
        str(path.relative_to(ROOT)): (ast.get_docstring(tree) or "").partition("\n")[0]
        for path, tree in trees().items()
    }
    assert [name for name, line in first.items() if len(line.split()) < 3 or not line.endswith((".", ":"))] == []


@pytest.mark.parametrize("opening", ["What ", "Whether "])
def test_docstrings_begin_with_a_verb_or_a_noun(opening: str) -> None:
    nodes = [(path, node) for path, tree in trees().items() for node in ast.walk(tree)]
    documented = [(p, n) for p, n in nodes if isinstance(n, Function | ast.ClassDef)]
    assert [name_of(p, n) for p, n in documented if (ast.get_docstring(n) or "").startswith(opening)] == []


def test_no_class_name_means_two_things() -> None:
    """`Settings` is the settings of the stage or room it stands in."""
    names: dict[str, set[str]] = {}
    for path, tree in trees().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                names.setdefault(node.name, set()).add(str(path.relative_to(ROOT)))
    assert {name: sorted(files) for name, files in names.items() if len(files) > 1 and name != "Settings"} == {}
