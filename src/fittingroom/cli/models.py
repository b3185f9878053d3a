"""`fittingroom models pull|list|verify`: the weights of the engines, seen from a terminal.

Lines go to stdout, so that a log of `make setup` shows which source served each file; bars are drawn on a terminal
only. Invariant: exit code 0 means that every weight asked for is in the cache with the right sha256.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn
from rich.table import Table

from fittingroom.models import ModelsError, State, Weight, all_weights, models_dir, state
from fittingroom.models.manifest import engine_weights, find, identify
from fittingroom.models.pull import adopt
from fittingroom.models.pull import pull as bring
from fittingroom.models.report import Advance
from fittingroom.models.store import sha256_of

app = App(name="models", help="Bring, list and check the engines' weights.")

FAILED = 1


class TerminalReporter:
    """Bars on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str) -> None:
        """Print one line, never wrapped or coloured by accident."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def task(self, label: str, total: int | None, done: int = 0) -> Iterator[Advance]:
        """Show a bar of `total` bytes, a pulse where the total is unknown, or one line off a terminal."""
        if not self._console.is_terminal:
            self.say(f"  {label} ...")
            yield lambda count: None
            return
        sizes = (DownloadColumn(), TransferSpeedColumn()) if total is not None else ()
        columns = (TextColumn("  {task.description}", markup=False), BarColumn(), *sizes, TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            bar = progress.add_task(label, total=total, completed=done)
            yield lambda count: progress.advance(bar, count)


@app.command
def pull(
    *names: str,
    from_file: Annotated[Path | None, Parameter(name="--from")] = None,
) -> int:
    """Bring weights into the cache: all that engines load, or those named. What is there is checked and kept.

    Parameters
    ----------
    names
        Names as `fittingroom models list` shows them.
    from_file
        Take this file instead of fetching; its sha256 says which weight it is.
    """
    reporter = TerminalReporter(Console(file=sys.stdout))
    try:
        if from_file is None:
            bring(_named(names), models_dir(), reporter)
        else:
            adopt(from_file, _weight_of(from_file, names), models_dir(), reporter)
    except ModelsError as error:
        return _fail(error)
    return 0


@app.command(name="list")
def list_() -> int:
    """List the weights: size, licence, whether they are in the cache, what they are for."""
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "MB", "licence", "state", "use"):
        table.add_column(heading, justify="right" if heading == "MB" else "left")
    for weight in all_weights().values():
        found = state(weight, models_dir())
        table.add_row(weight.name, f"{weight.bytes / 1e6:.1f}", weight.license, found.value, weight.use)
    console = Console(file=sys.stdout)
    console.print(table)
    console.print(f"in {models_dir()}", markup=False, highlight=False, soft_wrap=True)
    return 0


@app.command
def verify(*names: str) -> int:
    """Hash weights in the cache, all that engines load or those named. Exit code 1 where one is missing or wrong."""
    try:
        weights = _named(names)
    except ModelsError as error:
        return _fail(error)
    reporter = TerminalReporter(Console(file=sys.stdout))
    bad = []
    for weight in weights:
        found = state(weight, models_dir(), thorough=True)
        reporter.say(f"{weight.name}: {'sha256 verified' if found is State.PRESENT else found.value}")
        if found is not State.PRESENT:
            bad.append(weight.name)
    if bad:
        return _fail(
            f"{len(bad)} of {len(weights)} weights are not usable. Run: fittingroom models pull {' '.join(bad)}"
        )
    return 0


def _named(names: tuple[str, ...]) -> list[Weight]:
    return [find(name, all_weights()) for name in names] if names else list(engine_weights(all_weights()).values())


def _weight_of(file: Path, names: tuple[str, ...]) -> Weight:
    if len(names) > 1:
        raise ModelsError("--from takes one file, so at most one name.")
    if names:
        return find(names[0], all_weights())
    if not file.is_file():
        raise ModelsError(f"{file} is not a file.")
    return identify(file, sha256_of(file), all_weights())


def _fail(problem: object) -> int:
    Console(stderr=True).print(str(problem), markup=False, highlight=False, soft_wrap=True)
    return FAILED
