"""Mistakes on the command line, in the words of this program: what is wrong, the nearest right word, where help is.

The errors are told by the names of their classes, which stand in another package in each of typer's versions.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

#: What a library says of a value, by words of it, and what is said here.
VALUES = (
    (r"greater than or equal to (\S+)|range x>=(\S+)\.", "needs a number of at least {}"),
    (r"less than or equal to (\S+)|range x<=(\S+)\.", "needs a number of at most {}"),
    (r"integer", "needs a whole number"),
    (r"number|float", "needs a number"),
    (r"boolean", "needs true or false"),
)


def is_usage_error(error: BaseException) -> bool:
    """Tell if an exception is one of typer's about how a command was called."""
    return "UsageError" in _kinds(error)


def is_help(error: BaseException) -> bool:
    """Tell if an exception only shows the help of a group that was called without a command."""
    return "NoArgsIsHelpError" in _kinds(error)


class Mistake(NamedTuple):
    """A usage error, the words of the command line, and the command that was called."""

    error: Any
    words: Sequence[str]
    command: Any


def in_our_words(error: Any, words: Sequence[str], root: Any) -> str:
    """Describe a usage error in one line; `words` are those of the command line, `root` the application's command."""
    command, path = _called(error, words, root)
    say = next((SAID[kind] for kind in _kinds(error) if kind in SAID), _other)
    return f"{say(Mistake(error, words, command))} `{path} -h` says more."


def _kinds(error: BaseException) -> list[str]:
    return [each.__name__ for each in type(error).__mro__]


def _called(error: Any, words: Sequence[str], root: Any) -> tuple[Any, str]:
    """Return the command that was called and its name as it is typed; some errors do not tell."""
    if error.ctx is not None:
        return error.ctx.command, error.ctx.command_path
    name = next((word for word in words if word in root.commands), None)
    return (root.commands[name], f"clean {name}") if name else (root, "clean")


def _unknown_option(mistake: Mistake) -> str:
    option = mistake.error.option_name
    option = next((word for word in mistake.words if _is_one_dash(word) and option == word[:2]), option)
    if near := _nearest(option.lstrip("-"), [each.lstrip("-") for each in _options(mistake.command)]):
        return f"unknown option {option}; did you mean --{near[0]}?"
    commands = getattr(mistake.command, "commands", {})
    if homes := [name for name, each in commands.items() if option in _options(each)]:
        return f"options stand behind the command: clean {homes[0]} {option} …"
    return f"unknown option {option}."


def _nearest(word: str, known: Sequence[str]) -> list[str]:
    """Return what is nearest to a misspelt word, if it is near.

    >>> _nearest("worker", ["workers", "config"]), _nearest("foo", ["out"])
    (['workers'], [])
    """
    return difflib.get_close_matches(word, known, n=2, cutoff=0.65)  # chosen by hand; not tuned


def _is_one_dash(word: str) -> bool:
    """Tell if a long option was written with one dash, or several short ones were together.

    >>> _is_one_dash("-workers"), _is_one_dash("--workers"), _is_one_dash("-o")
    (True, False, False)
    """
    return word.startswith("-") and not word.startswith("--") and len(word) > 2


def _options(command: Any) -> Iterator[str]:
    for each in command.params:
        if each.param_type_name == "option":
            yield from (*each.opts, *each.secondary_opts)
    yield "--help"


def _missing(mistake: Mistake) -> str:
    return f"{_name(mistake.error.param)} is missing{_meaning(mistake.error.param)}"


def _wrong_value(mistake: Mistake) -> str:
    error = mistake.error
    said = str(error.message).removeprefix("Value error, ").rstrip(".")
    for pattern, ours in VALUES:
        if found := re.search(pattern, str(error.message)):
            said = ours.format(next(filter(None, found.groups()), ""))
            break
    if error.param is None:
        return f"{said}."
    value = _given(error.param, mistake.words)
    what = f"{_name(error.param)} {value}" if value is not None and value not in said else _name(error.param)
    return f"{what}: {said}."


def _given(parameter: Any, words: Sequence[str]) -> str | None:
    """Return the last value that the command line has for an option."""
    given = None
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option, equals, value = word.partition("=")
        if option in parameter.opts:
            given = value if equals else following
    return given


def _wrong_option(mistake: Mistake) -> str:
    name = mistake.error.option_name
    if "does not take" in mistake.error.message:
        return f"{name} takes no value."
    return f"{name} needs a value{_meaning(next((each for each in mistake.command.params if name in each.opts), None))}"


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name.upper())


def _meaning(parameter: Any) -> str:
    """Return the help of a parameter as the rest of a sentence."""
    text = str(getattr(parameter, "help", None) or "").rstrip(".")
    return f": {text[0].lower()}{text[1:]}." if text else "."


def _other(mistake: Mistake) -> str:
    error, command = mistake.error, mistake.command
    if "No such command" in error.message:
        return _unknown_command(next(word for word in mistake.words if not word.startswith("-")), command)
    if extra := re.search(r"extra argument(?:\(s\))? \((.*)\)$", error.message, re.S):
        places = [_name(each) for each in command.params if each.param_type_name == "argument"]
        return f"{extra[1]} is too much{f' after {places[-1]}' if places else ': this command takes options only'}."
    return str(error.format_message())


def _unknown_command(word: str, command: Any) -> str:
    if near := _nearest(word, list(command.commands)):
        return f"unknown command {word!r}; did you mean {' or '.join(near)}?"
    if Path(word).exists():
        return f"unknown command {word!r}; to clean that file or folder: clean run {word}."
    return f"unknown command {word!r}."


SAID: dict[str, Callable[[Mistake], str]] = {
    "NoSuchOption": _unknown_option,
    "MissingParameter": _missing,
    "BadParameter": _wrong_value,
    "BadOptionUsage": _wrong_option,
}
