"""Build hook of hatchling: compiles the kernels for an editable installation or a wheel."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the project is not installed yet

from stages.native import build, sources

#: The C compiler of last resort, taken as a dependency of the build only where no other is found.
ZIGLANG = "ziglang>=0.13"


class BuildHook(BuildHookInterface):  # type: ignore[misc]
    """Add the shared library to what is installed."""

    def dependencies(self) -> list[str]:
        """Ask for a compiler where the machine has none."""
        return [] if build.compiler() else [ZIGLANG]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile: beside the sources for an editable installation, else into the wheel alone."""
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{self._platform(build.compiler())}"
        beside = Path(self.root, "stages", "native", sources.LIBRARY)
        if version == "editable":
            if not build.is_current(beside):
                build.build(beside)
            return
        self._folder = tempfile.TemporaryDirectory()
        library = Path(self._folder.name, sources.LIBRARY)
        build.build(library)
        build_data["force_include"][str(library)] = f"stages/native/{sources.LIBRARY}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the library that the wheel now holds."""
        if version != "editable":
            self._folder.cleanup()

    def _platform(self, command: list[str]) -> str:
        """Return the platform that the library runs on, as the wheel's tag names it."""
        glibc = next((word.rpartition("-gnu.")[2] for word in command if "-linux-gnu." in word), "")
        platform: str = self.build_config.builder.get_best_matching_tag().rpartition("-")[2]
        return platform.replace("linux", f"manylinux_{glibc.replace('.', '_')}", 1) if glibc else platform
