"""The application `clean`: how its commands begin and end, whatever happens to them.

Importing this is cheap, and each command imports the modules it uses in its body, so that `clean --help` answers at
once.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.models import CommandFunctionType

from pipeline import __version__, interrupts
from pipeline.cli import mistakes
from pipeline.cli.help import PlainHelpCommand
from pipeline.console import PlainConsole, in_one_line, prepare_streams
from pipeline.errors import CRASHED, UserError, explained
from pipeline.interrupts import INTERRUPTED


class Application(typer.Typer):
    """An application whose commands end with one line on Ctrl-C."""

    def command(self, name: str | None = None, **options: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        """Add a command; see `typer.Typer.command`."""
        add = super().command(name, cls=PlainHelpCommand, **options)

        def interruptible(command: CommandFunctionType) -> CommandFunctionType:
            add(_interruptible(command))
            return command

        return interruptible


def _interruptible(command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def interruptible(*args: Any, **options: Any) -> Any:
        interrupts.can_tidy_up()
        try:
            return command(*args, **options)
        except KeyboardInterrupt as interrupt:
            complain(str(interrupt) or "interrupted.", INTERRUPTED)

    return interruptible


#: Shown below the list of commands; the first characters keep the lines as they are.
EXAMPLES = """\b
To begin with:
  clean demo                       some invented news, cleaned, to look at
  clean init news/                 how your own files would be read
  clean run news/ --out corpus     clean files or folders into a corpus
  clean explain FILE --out corpus  what was cut from a document, and why
`clean COMMAND --help` says more about a command."""

app = Application(
    name="clean",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Raw news in, a canonical corpus in Parquet out, and for every word that was cut the rule that cut it.",
    epilog=EXAMPLES,
)

#: Packages whose exceptions mean that a store cannot be read. They are optional, so they are known by name.
STORE_CLIENTS = ("botocore", "aiobotocore", "aiohttp")

#: Objects made before the garbage collector looks for circles of them (Python's default is 700). Measured on a run over
#: one text: 437 collections in 0.38 s of 3.5, now 29 in 0.19 s; what is imported stays anyway. 50,000 gains no more.
OBJECTS_A_COLLECTION = 10_000


def main() -> None:
    """Run the command line. An error that the user can fix becomes one message and an exit code, not a traceback."""
    gc.set_threshold(OBJECTS_A_COLLECTION)
    prepare_streams()
    with interrupts.handled():
        _run()


def _run() -> None:
    command = typer.main.get_command(app)
    try:
        sys.exit(command.main(prog_name="clean", standalone_mode=False) or 0)
    except UserError as error:
        complain(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader closed the pipe (`clean export … | head`), which is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        _complain_of_usage(error, command)
        in_words = explained(error)
        if isinstance(in_words, UserError):
            complain(str(in_words), in_words.exit_code)
        if type(error).__module__.partition(".")[0] in STORE_CLIENTS:
            complain(f"the store did not answer correctly ({type(error).__name__}: {error}). Try again.", 4)
        traceback.print_exc()
        sys.exit(CRASHED)


def _complain_of_usage(error: Exception, command: Any) -> None:
    """End the program if the error is typer's: about options and arguments, or a question that was left unanswered."""
    if mistakes.is_help(error):
        typer.echo(str(error), err=True)
        sys.exit(UserError.exit_code)
    if mistakes.is_usage_error(error):
        complain(mistakes.in_our_words(error, sys.argv[1:], command), UserError.exit_code)
    if isinstance(error, typer.Abort):
        complain("left without an answer.", 1)


def complain(message: str, exit_code: int) -> NoReturn:
    """Print a message and end the program."""
    PlainConsole(stderr=True).print(in_one_line(f"clean: {message}"), style="red", soft_wrap=True)
    sys.exit(exit_code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"copydesk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    del version
    Path.cwd()  # where it was removed, `main` says so
