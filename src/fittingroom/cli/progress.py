"""How far a long run is: a bar on a terminal, a line now and then elsewhere; both on stderr.

Invariant: rate and time left speak of this run alone, since what earlier runs did took no time in it.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from fittingroom.catalogue.records import Record

LINE_SECONDS: Final = 10.0
"""Between two lines where there is no terminal."""


class BarWatcher:
    """Draws a bar. Use as a context manager around the run."""

    def __init__(self) -> None:
        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}, {task.fields[failed]} failed,"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=Console(stderr=True),
        )
        self._task: TaskID | None = None
        self._counts = Counts()

    def __enter__(self) -> BarWatcher:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def began(self, total: int, done: int, failed: int) -> None:
        """As `Watcher.began`."""
        self._counts = Counts(total, done, failed)
        ended = done + failed
        self._task = self._bar.add_task("", total=total, completed=ended, rate="-", failed=failed)

    def heard(self, record: Record) -> None:
        """As `Watcher.heard`."""
        self._counts.add(record)
        if self._task is not None:
            self._bar.update(self._task, advance=1, rate=self._counts.rate(), failed=self._counts.failed)


class LineWatcher:
    """Prints a line at the beginning and then every LINE_SECONDS."""

    def __init__(self) -> None:
        self._counts = Counts()
        self._told = 0.0

    def __enter__(self) -> LineWatcher:
        return self

    def __exit__(self, *_: object) -> None:
        self._tell()

    def began(self, total: int, done: int, failed: int) -> None:
        """As `Watcher.began`."""
        self._counts = Counts(total, done, failed)
        self._tell()

    def heard(self, record: Record) -> None:
        """As `Watcher.heard`."""
        self._counts.add(record)
        if time.monotonic() - self._told >= LINE_SECONDS:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        print(self._counts, file=sys.stderr, flush=True)


class Counts:
    """Numbers of a run."""

    def __init__(self, total: int = 0, done: int = 0, failed: int = 0) -> None:
        self.total, self.done, self.failed = total, done, failed
        self._before = done + failed
        self._started = time.monotonic()

    def add(self, record: Record) -> None:
        """One more has ended."""
        if record.status == "done":
            self.done += 1
        else:
            self.failed += 1

    def rate(self) -> str:
        """Pictures a second, or a minute where they are slow."""
        here = self.done + self.failed - self._before
        per_second = here / max(1e-9, time.monotonic() - self._started)
        return f"{per_second:.1f}/s" if per_second >= 1 else f"{60 * per_second:.1f}/min"

    def __str__(self) -> str:
        ended = self.done + self.failed
        text = f"{ended}/{self.total}, {self.failed} failed"
        here = ended - self._before
        if not here:
            return text
        left = (self.total - ended) * (time.monotonic() - self._started) / here
        return f"{text}, {self.rate()}, {timedelta(seconds=round(left))} left"
