"""What a run ran on: machine, versions and command, since figures are worth nothing without them."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fittingroom import __version__
from fittingroom.evaluation.bench import stamp

PACKAGES = (
    "numpy",
    "opencv-contrib-python",
    "onnxruntime",
    "mediapipe",
    "pillow",
    "scikit-image",
    "torch",
    "diffusers",
)


def facts(arguments: Sequence[str]) -> dict[str, str]:
    """By name. arguments: of the command."""
    told = {
        "command": shlex.join(["fittingroom", *arguments]),
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "fittingroom": product_version(),
        "machine": f"{_cores()} cores of {_processor()}, {_memory()}",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    }
    return told | {"packages": ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name)))}


def product_version() -> str:
    """Of this package: the release, and the commit in a checkout."""
    commit = stamp()
    return __version__ if commit == "unknown" else f"{__version__} ({commit})"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    if table.exists():
        for row in table.read_text(encoding="utf-8").splitlines():
            if row.startswith("model name"):
                return row.split(":", 1)[1].strip()
    return platform.processor() or "an unnamed processor"


def _memory() -> str:
    if sys.platform == "win32":
        return "memory unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
