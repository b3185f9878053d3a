"""`fittingroom doctor`: what is missing on this machine, and how to get it.

Invariant: exit code 1 exactly when something keeps the server from doing its work.
"""

from __future__ import annotations

import sys
from itertools import chain

from rich.console import Console
from rich.text import Text

from fittingroom.cli.checks import Level, examine
from fittingroom.cli.common import FAILED, HERE, Place, reported
from fittingroom.cli.ray_check import ray

_MARKS: dict[Level, tuple[str, str]] = {
    "ok": ("ok     ", "green"),
    "note": ("note   ", "yellow"),
    "problem": ("PROBLEM", "bold red"),
}


@reported
def doctor(*, port: int | None = None, engine: str | None = None, place: Place = HERE) -> int:
    """Say what is missing on this machine.

    Parameters
    ----------
    port
        Port to look at instead of the one set.
    engine
        Engine to look at instead of the one set.
    """
    settings = place.configuration(server__port=port, engine__name=engine).settings
    console = Console(file=sys.stdout, soft_wrap=True, highlight=False)
    problems = 0
    for finding in chain(examine(settings), ray(settings)):
        word, style = _MARKS[finding.level]
        console.print(Text.assemble((word, style), " ", finding.what, ": ", finding.detail))
        problems += finding.level == "problem"
    if not problems:
        return 0
    console.print(f"{problems} problem{'s' if problems > 1 else ''} found")
    return FAILED
