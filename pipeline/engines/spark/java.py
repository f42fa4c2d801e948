"""Java, which Spark runs on: find it, and say what to do where it is missing or too old."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from pipeline.errors import UserError

#: Of Spark 4.
OLDEST = 17
SECONDS_TO_ANSWER = 60.0
HOW_TO_INSTALL = (
    "On Debian and Ubuntu: apt-get install default-jre-headless. With conda: conda install openjdk. Or set JAVA_HOME "
    "to the folder of one that is there"
)


def require_java() -> None:
    """Raise UserError unless there is a Java that Spark runs on, where Spark looks for it: JAVA_HOME, then PATH."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if program is None or not Path(program).is_file():
        looked = f"JAVA_HOME is {home}, and there is no {program}" if home else "JAVA_HOME is not set, PATH has no java"
        raise UserError(f"--engine spark needs Java {OLDEST} or newer, and there is none ({looked}). {HOW_TO_INSTALL}.")
    try:
        answer = subprocess.run(
            [program, "-version"], capture_output=True, text=True, timeout=SECONDS_TO_ANSWER, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"{program} does not work ({error}). {HOW_TO_INSTALL}.") from None
    version = version_in(answer.stderr + answer.stdout)
    if version < OLDEST:
        found = f"is Java {version}" if version else "does not tell its version"
        raise UserError(f"--engine spark needs Java {OLDEST} or newer, and {program} {found}. {HOW_TO_INSTALL}.")


def version_in(answer: str) -> int:
    """Return the version that Java tells; 0 if there is none.

    >>> version_in('openjdk version "17.0.15" 2025-04-15'), version_in('java version "1.8.0_392"'), version_in("?")
    (17, 8, 0)
    """
    found = re.search(r'version "(?:1\.)?(\d+)', answer)
    return int(found[1]) if found else 0
