"""`fittingroom batch`: dress every pair of a manifest, on this machine's workers or on Ray.

Killed at any moment, the same command goes on where it was. Exit codes: 0 all done, 1 some failed or the batch could
not go on, 2 it could not begin, 130 and 143 stopped by a signal. Invariant: nothing is made, fetched or written before
the manifest as a whole has been read.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from fittingroom.catalogue.batch import Batch, Crew, standing
from fittingroom.catalogue.manifest import Rows, cross, read_manifest
from fittingroom.catalogue.pages import draw_pages
from fittingroom.catalogue.pictures import Pictures
from fittingroom.catalogue.plan import Making, Plan, make_plan
from fittingroom.catalogue.rows import BadRow, CatalogueError
from fittingroom.catalogue.shelf import FolderShelf, Shelf
from fittingroom.catalogue.table import table_lines, with_parquet
from fittingroom.cli.common import FAILED, HERE, Place
from fittingroom.cli.progress import BarWatcher, LineWatcher
from fittingroom.configuration import ConfigurationError
from fittingroom.dispatch.memory import forbid_core_dumps
from fittingroom.engines.choice import settled
from fittingroom.engines.registry import RegistryError
from fittingroom.errors import Language
from fittingroom.logs import configure_logs
from fittingroom.objects import ObjectsError
from fittingroom.settings import Settings

USAGE: Final = 2
TOLD: Final = 20
"""Bad rows that are told one by one."""


@Parameter(name="*")
@dataclass(frozen=True)
class Cross:
    """Instead of a manifest: every garment on every person.

    Parameters
    ----------
    persons
        Folder of photos, or a text file with a path or URL a line.
    garments
        The same of the garments.
    clothes_type
        What kind of garments they are.
    """

    persons: Path | None = None
    garments: Path | None = None
    clothes_type: Annotated[Literal["Upper-body", "Lower-body", "Dress"] | None, Parameter(name="--type")] = None


@Parameter(name="*")
@dataclass(frozen=True)
class Look:
    """What the pictures look like, and what is drawn of them.

    Parameters
    ----------
    mark
        Draw the visible mark. The machine-readable label is written either way.
    language
        Language of the mark.
    sheets
        Draw contact sheets at the end.
    """

    mark: bool = True
    language: Language = "en-US"
    sheets: bool = True


def batch(
    manifest: Path | None = None,
    /,
    *,
    out: Annotated[str, Parameter(name=["--out", "-o"])],
    cross_of: Cross = Cross(),
    engine: str | None = None,
    workers: int | None = None,
    ray_address: str | None = None,
    retry_failed: Annotated[bool, Parameter(negative=())] = False,
    allow_net: Annotated[list[str] | None, Parameter(negative=())] = None,
    look: Look = Look(),
    place: Place = HERE,
) -> int:
    """Dress every pair of a manifest; the same command again goes on where it was stopped.

    Parameters
    ----------
    manifest
        CSV, JSONL or Parquet file with person, garment and type of each picture.
    out
        Folder, or s3://bucket/prefix, of pictures, results table and contact sheets.
    engine
        Engine that dresses people; `auto`, the default, takes the best that can run here (FITTINGROOM_ENGINE__NAME).
    workers
        Worker processes, or actors on Ray (FITTINGROOM_DISPATCH__WORKERS).
    ray_address
        Ray cluster to work on: HOST:PORT, auto, or local to start one here.
    retry_failed
        Try failures of earlier runs again that lie with the photos.
    allow_net
        Private network (CIDR) that photos may be fetched from; may be repeated (FITTINGROOM_FETCH__ALLOW_NET).
    """
    try:
        rows = _rows(manifest, cross_of)
        settings, choice = settled(_settings(place, engine, workers, allow_net), on_ray=ray_address is not None)
        crew = _crew(ray_address)
        shelf = _shelf(out, settings)
    except (CatalogueError, ConfigurationError, ObjectsError, RegistryError) as error:
        print(error, file=sys.stderr)
        return USAGE
    if choice.reason:
        print(f"engine {choice.engine}: {choice.reason}", file=sys.stderr)
    forbid_core_dumps()
    configure_logs(settings.log)
    try:
        with closing(shelf):
            return _run(rows, settings, shelf, crew, look, retry_failed=retry_failed)
    except (CatalogueError, ObjectsError) as error:
        print(f"{error}\nWhat is done is kept; the same command goes on from there.", file=sys.stderr)
        return FAILED


def _rows(manifest: Path | None, given: Cross) -> Rows:
    sides = (given.persons, given.garments, given.clothes_type)
    if manifest is not None and not any(sides):
        return read_manifest(manifest)
    if manifest is None and given.persons and given.garments and given.clothes_type:
        return cross(given.persons, given.garments, given.clothes_type)
    raise CatalogueError("give a manifest, or else --persons, --garments and --type together")


def _settings(place: Place, engine: str | None, workers: int | None, allow_net: list[str] | None) -> Settings:
    configuration = place.configuration(
        engine__name=engine, dispatch__workers=workers, fetch__allow_net=allow_net or None
    )
    settings = configuration.settings
    if "log.level" in configuration.sources:
        return settings
    # Thousands of lines of "rendered" would hide the one that matters.
    return settings.model_copy(update={"log": settings.log.model_copy(update={"level": "warning"})})


def _shelf(out: str, settings: Settings) -> Shelf:
    if out.startswith("s3://"):
        from fittingroom.catalogue.bucket import BucketShelf  # noqa: PLC0415 - only where a bucket was chosen

        return BucketShelf(out, settings.objects)
    if "://" in out:
        raise CatalogueError(f"--out is a folder or s3://bucket/prefix, not {out}")
    return FolderShelf(Path(out))


def _crew(ray_address: str | None) -> Callable[[Batch, Pictures], Crew] | None:
    if ray_address is None:
        return None
    from fittingroom.catalogue.on_ray import ray_crew  # noqa: PLC0415 - only where Ray was chosen

    return ray_crew(ray_address)


def _run(
    rows: Rows,
    settings: Settings,
    shelf: Shelf,
    crew: Callable[[Batch, Pictures], Crew] | None,
    look: Look,
    *,
    retry_failed: bool,
) -> int:
    making = Making(settings.engine.name, version("fittingroom"), look.mark, look.language, settings.images.format)
    journal = shelf.open()
    plan = make_plan(rows, making)
    _tell_bad(plan)
    if not with_parquet():
        print("The results table is CSV only: Parquet needs pip install 'fittingroom[batch]'.", file=sys.stderr)
    stands = standing(plan, journal, shelf.present(), retry_failed=retry_failed)
    with BarWatcher() if sys.stderr.isatty() else LineWatcher() as watcher:
        job = Batch(plan, making, settings, shelf, watcher, stands)
        caught = asyncio.run(_until_signal(job, crew, sheets=look.sheets))
    return _tell_end(job, caught)


async def _until_signal(job: Batch, crew: Callable[[Batch, Pictures], Crew] | None, *, sheets: bool) -> int:
    """Run; the signal that stopped it, or 0. A second signal ends the process at once, as signals do."""
    loop = asyncio.get_running_loop()
    caught: list[int] = []

    def stop(number: int) -> None:
        caught.append(number)
        loop.remove_signal_handler(number)
        print("Stopping: the pictures at work are finished first; once more ends it at once.", file=sys.stderr)
        job.stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        await job.run(crew)
        if sheets and not caught:
            await draw_pages(job)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    return caught[0] if caught else 0


def _tell_bad(plan: Plan) -> None:
    bad = [row for row in plan.rows if isinstance(row, BadRow)]
    for row in bad[:TOLD]:
        print(f"{row.where}: {row.problem}", file=sys.stderr)
    if len(bad) > TOLD:
        print(f"... and {len(bad) - TOLD} more rows that cannot be done; the results table has all", file=sys.stderr)


def _tell_end(job: Batch, caught: int) -> int:
    states = [line["status"] for line in table_lines(job.plan, job.records)]
    done, failed, left = (states.count(state) for state in ("done", "failed", "open"))
    print(f"{len(states)} rows: {done} done, {failed} failed" + (f", {left} not begun" if left else ""))
    if caught:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        return 128 + caught
    if failed:
        print(f"{failed} rows failed: results.csv says why.", file=sys.stderr)
    return FAILED if failed or left else 0
