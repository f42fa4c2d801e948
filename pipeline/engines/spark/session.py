"""Sessions of Spark: open one with a time limit, or take the caller's."""

from __future__ import annotations

import atexit
import os
import socket
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pipeline.engines.spark.java import require_java
from pipeline.errors import UserError
from pipeline.extras import how_to_install
from pipeline.settings import SparkSettings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Answer = TypeVar("Answer")

LOGGING = Path(__file__).parent / "data" / "log4j2.properties"
#: Set where `spark-submit` started this process: master, Java and configuration are its affair then.
SUBMITTED = "PYSPARK_GATEWAY_PORT"
SECONDS_BETWEEN_TRIES = 0.5
LINES_OF_LOG = 5
NO_MASTER = (
    "the master {} does not answer ({}). Is it running, and is this its address? Nothing was done. [spark] "
    "start_seconds = {:g} says how long to wait."
)


def require_pyspark() -> None:
    """Raise UserError unless pyspark can be imported, with the pandas that it asks for, and is of a known version."""
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    try:
        import pandas  # noqa: F401, PLC0415 - an extra, as the next
        import pyspark  # noqa: PLC0415
    except ImportError as error:
        raise UserError(f"--engine spark: {error}. Try: {how_to_install('spark')}") from None
    if int(pyspark.__version__.partition(".")[0]) < 4:
        raise UserError(
            f"--engine spark needs pyspark 4 or newer, and {pyspark.__version__} is installed. "
            f"Try: {how_to_install('spark').replace('pyspark', 'pyspark>=4.0', 1)}"
        )


#: The session that we opened, as long as it is open: an engine inside another uses that of the outer one.
_OURS: list[SparkSession] = []


def session_open() -> SparkSession | None:
    """Return the session that we opened, if there is one."""
    return _OURS[-1] if _OURS else None


def close_session() -> None:
    """Stop the session that we opened."""
    while _OURS:
        _OURS.pop().stop()


def open_session(settings: SparkSettings) -> SparkSession:
    """Open a session on the master of the settings; raise UserError if it is not there in time."""
    require_pyspark()
    if SUBMITTED not in os.environ:
        addresses = addresses_of(settings.master)
        require_java()
        wait_for_master(settings, addresses)
    try:
        _OURS.append(within(settings.start_seconds, lambda: _opened(settings)))
        return _OURS[-1]
    except TimeoutError:
        raise UserError(
            NO_MASTER.format(settings.master, "it gave us no session", settings.start_seconds) + last_words()
        ) from None
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"Spark could not be started on {settings.master}: {cause_of(error)}{last_words()}") from None


def wait_for_master(settings: SparkSettings, addresses: Sequence[tuple[str, int]]) -> None:
    """Wait until one of the masters of a standalone cluster takes a connection; of other kinds there are none."""
    if not addresses:
        return
    until, why = time.monotonic() + settings.start_seconds, "?"
    while time.monotonic() < until:
        for host, port in addresses:
            try:
                socket.create_connection((host, port), timeout=settings.start_seconds).close()
            except OSError as error:
                why = str(error)
            else:
                return
        time.sleep(SECONDS_BETWEEN_TRIES)
    raise UserError(NO_MASTER.format(settings.master, why, settings.start_seconds))


def addresses_of(master: str) -> list[tuple[str, int]]:
    """Return hosts and ports of the masters of a standalone cluster; none for other kinds.

    >>> addresses_of("spark://one:7077,two:7078")
    [('one', 7077), ('two', 7078)]
    >>> addresses_of("spark://one")
    Traceback (most recent call last):
    pipeline.errors.UserError: --master spark://one: a standalone master is spark://HOST:PORT, most often port 7077.
    """
    if not master.startswith("spark://"):
        return []
    try:
        found = [urlsplit(f"spark://{each}") for each in master.removeprefix("spark://").split(",")]
        addresses = [(each.hostname or "", each.port or 0) for each in found]
    except ValueError:
        addresses = [("", 0)]
    if not all(host and port for host, port in addresses):
        raise UserError(f"--master {master}: a standalone master is spark://HOST:PORT, most often port 7077.")
    return addresses


def within(seconds: float, work: Callable[[], Answer]) -> Answer:
    """Do work in a thread and return its answer; raise TimeoutError if there is none in time.

    >>> within(5, lambda: 2)
    2
    """
    answers: list[Any] = []

    def keep() -> None:
        try:
            answers.append((work(), None))
        except BaseException as error:
            answers.append((None, error))

    thread = Thread(target=keep, daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers:
        raise TimeoutError
    answer, error = answers[0]
    if error is not None:
        raise error
    return answer  # type: ignore[no-any-return]


def _opened(settings: SparkSettings) -> SparkSession:
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - an extra
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    conf = SparkConf(loadDefaults=False)
    for key, value in configuration(settings):
        conf.set(key, value)
    os.environ["PYSPARK_PYTHON"] = conf.get("spark.pyspark.python") or os.environ.get("PYSPARK_PYTHON", sys.executable)
    if SUBMITTED in os.environ:
        return SparkSession.builder.config(conf=conf).getOrCreate()
    launch: Any = launch_gateway
    gateway = SparkContext._gateway or launch(conf, {"stdout": _log(), "stderr": _log()})
    SparkContext(conf=conf, gateway=gateway)
    return SparkSession.builder.getOrCreate()


def configuration(settings: SparkSettings) -> list[tuple[str, str]]:
    """Return our configuration of a session, then the user's, who may change any of it.

    >>> dict(configuration(SparkSettings(conf=("spark.executor.memory=8g",))))["spark.executor.memory"]
    '8g'
    """
    ours = {
        "spark.app.name": "copydesk",
        "spark.ui.showConsoleProgress": "false",
        # The working folder of an executor stays off the path of its Python: what lies there may be anybody's.
        "spark.executorEnv.PYTHONSAFEPATH": "1",
        # Not extraJavaOptions: those are the user's, and come after these.
        "spark.driver.defaultJavaOptions": f"-Dlog4j2.configurationFile=file:{LOGGING}",
        # A worker that dies takes a task of each of its cores with it; after four such deaths Spark would end the job.
        "spark.task.maxFailures": "8",
    }
    if settings.master.startswith("local"):
        ours |= {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
        }
    given = [(key.strip(), value) for key, _, value in (each.partition("=") for each in settings.conf)]
    master = [] if SUBMITTED in os.environ else [("spark.master", settings.master)]
    return [*master, *ours.items(), *given]


# ---------------------------------------------------------------- what Spark says

_LOGS: list[tuple[Path, IO[bytes]]] = []


def _log() -> IO[bytes]:
    """Return the file that takes what the Java process of this one says, for as long as this one lives."""
    if not _LOGS:
        number, name = tempfile.mkstemp(prefix="copydesk-spark-", suffix=".log")
        _LOGS.append((Path(name), os.fdopen(number, "wb")))
        atexit.register(Path(name).unlink, missing_ok=True)
    return _LOGS[0][1]


def last_words() -> str:
    """Quote the end of what Spark said, if it said anything."""
    with suppress(OSError, IndexError):
        lines = [each.strip() for each in _LOGS[0][0].read_text(encoding="utf-8", errors="replace").splitlines()]
        said = [each for each in lines if each and not each.startswith(("WARNING:", "at "))][-LINES_OF_LOG:]
        return f" Spark said: {' / '.join(said)}" if said else ""
    return ""


def cause_of(error: BaseException) -> str:
    """Say in one line why a call of Spark failed: the innermost cause that it names.

    >>> cause_of(RuntimeError("Job aborted.\\nCaused by: java.io.IOException: no route to host\\n\\tat x.y.Z"))
    'java.io.IOException: no route to host'
    """
    lines = [each.strip() for each in str(error).splitlines() if each.strip()]
    caused = [each.removeprefix("Caused by:").strip() for each in lines if each.startswith("Caused by:")]
    python = [each for each in lines if each.split(":")[0].endswith(("Error", "Exception")) and " at " not in each]
    return next(iter([*caused[-1:], *python[-1:], *lines[:1]]), type(error).__name__)


def hosts_in_words(names: Sequence[str]) -> str:
    """Join the names of hosts for a message, at most five of them.

    >>> hosts_in_words(["b", "a", "a"])
    'a, b'
    """
    found = sorted(set(names))
    return ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
