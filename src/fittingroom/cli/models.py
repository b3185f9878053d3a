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

from fittingroom.cli.common import HERE, Place
from fittingroom.cli.tables import show
from fittingroom.cli.weight_sets import HEADINGS, NOTE, cells, verified
from fittingroom.cli.weight_sets import bring as bring_set
from fittingroom.configuration import ConfigurationError
from fittingroom.models import ModelsError, State, Weight, WeightSet, all_sets, all_weights, models_dir, state
from fittingroom.models.manifest import engine_weights, find, identify
from fittingroom.models.pull import adopt
from fittingroom.models.pull import pull as bring
from fittingroom.models.report import Advance
from fittingroom.models.sets import record_of
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
    from_path: Annotated[Path | None, Parameter(name="--from")] = None,
    revision: str | None = None,
    place: Place = HERE,
) -> int:
    """Bring weights into the cache: all that `drape` loads, or those named. What is there is checked and kept.

    A name may be that of a set for a neural engine, such as `fashn`: it comes from the hub that HF_ENDPOINT names, and
    the few of the other weights that the engine loads besides come with it.

    Parameters
    ----------
    names
        Names as `fittingroom models list` shows them.
    from_path
        Take this file instead of fetching (its sha256 says which weight it is), or for a set this folder.
    revision
        For a set: commit, branch or tag of its first repository instead of the one that this version names.
    """
    reporter = TerminalReporter(Console(file=sys.stdout))
    try:
        allowed = place.configuration().settings.neural.allow_noncommercial
        weights, sets = _chosen(names)
        further = [find(name, all_weights()) for one in sets if from_path is None for name in one.weights]
        weights += [weight for weight in dict.fromkeys(further) if weight not in weights]
        if from_path is not None and len(names) > 1:
            raise ModelsError("--from takes one file or folder, so at most one name.")
        if revision is not None and (len(names) != 1 or len(sets) != 1):
            raise ModelsError("--revision is for one set of weights.")
        for one in sets:
            bring_set(one, models_dir(), reporter, folder=from_path, revision=revision, allow_noncommercial=allowed)
        if from_path is not None and not sets:
            adopt(from_path, _weight_of(from_path, names), models_dir(), reporter, allow_noncommercial=allowed)
        elif weights:
            bring(weights, models_dir(), reporter, allow_noncommercial=allowed)
    except (ModelsError, ConfigurationError) as error:
        return _fail(error)
    return 0


@app.command(name="list")
def list_() -> int:
    """List weights and sets: size, licence, whether they are in the cache, what they are for.

    Of a set also the card's memory and the seconds that a picture is expected to take.
    """
    folder = models_dir()
    show(
        ("name", "MB", "licence", "state", "use"),
        (
            (weight.name, f"{weight.bytes / 1e6:.1f}", weight.license, state(weight, folder).value, weight.use)
            for weight in all_weights().values()
        ),
    )
    if all_sets():
        print()
        show(HEADINGS, (cells(one, folder) for one in all_sets().values()))
        print(NOTE)
    Console(file=sys.stdout).print(f"in {folder}", markup=False, highlight=False, soft_wrap=True)
    return 0


@app.command
def verify(*names: str) -> int:
    """Hash weights in the cache: all that `drape` loads and every set that is there, or those named.

    Exit code 1 where one is missing or wrong.
    """
    try:
        weights, sets = _chosen(names)
    except ModelsError as error:
        return _fail(error)
    if not names:
        sets = [one for one in all_sets().values() if record_of(one.name, models_dir()) is not None]
    reporter = TerminalReporter(Console(file=sys.stdout))
    bad = []
    for weight in weights:
        found = state(weight, models_dir(), thorough=True)
        wrong = None if found is State.PRESENT else found.value
        bad += _told(weight.name, wrong, reporter)
    for one in sets:
        bad += _told(one.name, verified(one, models_dir()), reporter)
    if bad:
        count = len(weights) + len(sets)
        return _fail(f"{len(bad)} of {count} weights are not usable. Run: fittingroom models pull {' '.join(bad)}")
    return 0


def _told(name: str, wrong: str | None, reporter: TerminalReporter) -> list[str]:
    reporter.say(f"{name}: {wrong or 'sha256 verified'}")
    return [] if wrong is None else [name]


def _chosen(names: tuple[str, ...]) -> tuple[list[Weight], list[WeightSet]]:
    """Weights and sets of those names; of no name the weights of `drape` alone."""
    if not names:
        return list(engine_weights(all_weights()).values()), []
    known = all_sets()
    sets = [known[name] for name in names if name in known]
    return [find(name, all_weights(), also=tuple(known)) for name in names if name not in known], sets


def _weight_of(file: Path, names: tuple[str, ...]) -> Weight:
    if names:
        return find(names[0], all_weights())
    if not file.is_file():
        raise ModelsError(f"{file} is not a file.")
    return identify(file, sha256_of(file), all_weights())


def _fail(problem: object) -> int:
    Console(stderr=True).print(str(problem), markup=False, highlight=False, soft_wrap=True)
    return FAILED
