"""Where the linters of deploy/ are, for the tests of it.

They come from `make check-deploy` (an environment of their own, `.venvs/deploy`) or from the system. Invariant: a tool
that is absent skips the test and says how to get it; one that is there and fails, fails the test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
_OURS = Path(os.environ.get("FITTINGROOM_TEST_DEPLOY_TOOLS", ROOT / ".venvs" / "deploy" / "bin"))


def tool(name: str, remedy: str = "make check-deploy") -> str:
    """The path of a program; skips the test where there is none. remedy: what brings it."""
    found = shutil.which(name, path=os.pathsep.join([str(_OURS), os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip(f"{name} is not installed ({remedy})")
    return found


def output_of(*words: str | Path, stdin: str | None = None, cwd: Path | None = None) -> tuple[int, str]:
    """Exit code and all that a command said."""
    done = subprocess.run(
        [str(word) for word in words],
        check=False,
        input=stdin,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout
