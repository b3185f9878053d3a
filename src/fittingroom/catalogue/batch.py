"""The run itself: what is left to do, have it done, write it down, and tell.

Invariant: of each finished work the picture is whole on the shelf before its line is in the journal, and whoever
watches hears of it after that line.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from fittingroom.catalogue.crew import Keep, LocalCrew, Made
from fittingroom.catalogue.pictures import PhotoError, Pictures
from fittingroom.catalogue.plan import Making, Plan, Work, tiles
from fittingroom.catalogue.records import Record, failed
from fittingroom.catalogue.shelf import PICTURES, Shelf
from fittingroom.catalogue.table import write_table
from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import Settings

TABLE_SECONDS: Final = 60.0
"""Between two results tables while the batch runs."""

CHANGED_PHOTO: Final = "FailedOperation.ImageDownloadError"


class Watcher(Protocol):
    """Whoever follows a batch."""

    def began(self, total: int, done: int, failed: int) -> None:
        """total: works; done, failed: those of earlier runs that stand."""

    def heard(self, record: Record) -> None:
        """One more work has ended."""


class Crew(Protocol):
    """Whoever dresses the works."""

    async def run(self, tiles: Sequence[Sequence[Work]], keep: Keep) -> None:
        """Hand each work to `keep` once. Raises `CatalogueError`, and what `keep` raises."""


@dataclass
class Batch:
    """One run over a plan on an opened shelf. records: what stands, by key; it grows as works end. stop: set it, and
    what runs is finished and nothing more begun."""

    plan: Plan
    making: Making
    settings: Settings
    shelf: Shelf
    watcher: Watcher
    records: dict[str, Record]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    _noting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _told: float = field(default_factory=time.monotonic)

    async def run(self, crew: Callable[[Batch, Pictures], Crew] | None = None) -> None:
        """Do what is left and write the table. crew: makes another one than this machine's workers.

        Raises `CatalogueError`; the table is written then too.
        """
        left = [work for key, work in self.plan.works.items() if key not in self.records]
        ended = list(self.records.values())
        bad = sum(record.status == "failed" for record in ended)
        self.watcher.began(len(self.plan.works), len(ended) - bad, bad)
        pictures = Pictures(self.settings, self.settings.dispatch.workers)
        await pictures.start()
        try:
            if left:
                people = crew(self, pictures) if crew else self._local(pictures)
                await people.run(tiles(left), self._keeper(pictures))
        finally:
            await pictures.close()
            await self._write_table()

    def _local(self, pictures: Pictures) -> Crew:
        return LocalCrew(self.settings, self.making, pictures, self.stop)

    def _keeper(self, pictures: Pictures) -> Callable[[Work, Made, float], Awaitable[None]]:
        async def keep(work: Work, made: Made, seconds: float) -> None:
            if isinstance(made, RenderedImage):
                try:
                    await pictures.review_result(work, made.data)
                except ApiError as error:
                    made = error
            await self._keep(work, made, round(seconds, 3))

        return keep

    async def _keep(self, work: Work, made: Made, seconds: float) -> None:
        if isinstance(made, RenderedImage):
            await asyncio.to_thread(self.shelf.put, f"{PICTURES}/{work.file}", made.data)
            record = Record(
                work.key,
                work.file,
                "done",
                confidence=round(made.confidence, 4),
                warnings=made.warnings,
                seconds=seconds,
            )
        elif isinstance(made, PhotoError):
            record = Record(work.key, work.file, "failed", CHANGED_PHOTO, f"{made}.", lasting=False)
        else:
            record = failed(work.key, work.file, made, seconds)
        async with self._noting:
            await asyncio.to_thread(self.shelf.note, record)
            self.records[work.key] = record
            self.watcher.heard(record)
            if time.monotonic() - self._told > TABLE_SECONDS:
                await self._write_table()

    async def _write_table(self) -> None:
        self._told = time.monotonic()
        await asyncio.to_thread(write_table, self.shelf, self.plan, dict(self.records))


def standing(plan: Plan, journal: Sequence[Record], present: set[str], *, retry_failed: bool) -> dict[str, Record]:
    """What earlier runs did that still counts, by key.

    A picture counts while it lies there and was the last to be written under its name; a failure while it is the
    photos' own, unless `retry_failed`.
    """
    last = {record.key: record for record in journal}
    owner = {record.file: record.key for record in journal if record.status == "done"}
    counts: dict[str, Record] = {}
    for key, work in plan.works.items():
        record = last.get(key)
        if record is None:
            continue
        if record.status == "done":
            is_good = owner[record.file] == key and work.file == record.file and record.file in present
        else:
            is_good = record.lasting and not retry_failed
        if is_good:
            counts[key] = record
    return counts
