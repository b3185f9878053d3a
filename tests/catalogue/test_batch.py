"""A run with a crew of the test's own: what is left to do, what is kept, what stands the next time, what is told."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from fittingroom.catalogue import batch as batch_module
from fittingroom.catalogue.batch import Batch, standing
from fittingroom.catalogue.crew import Keep, Made
from fittingroom.catalogue.manifest import read_manifest
from fittingroom.catalogue.pictures import PhotoError
from fittingroom.catalogue.plan import Making, Plan, Work, make_plan
from fittingroom.catalogue.records import Record
from fittingroom.catalogue.rows import CatalogueError
from fittingroom.catalogue.shelf import FolderShelf
from fittingroom.errors import ApiError
from fittingroom.images.encode import encode
from fittingroom.images.label import Label
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import Settings

pytestmark = pytest.mark.anyio
MAKING = Making("flat", "1.0", True, "en-US", "jpeg")


class Told:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.began_with: tuple[int, int, int] = (0, 0, 0)
        self.records: list[Record] = []

    def began(self, total: int, done: int, failed: int) -> None:
        self.began_with = (total, done, failed)

    def heard(self, record: Record) -> None:
        self.records.append(record)


class Crew:
    """Makes what the test says of a file's garment; a plain picture unless told otherwise."""

    def __init__(self, made: dict[str, Made | Exception]) -> None:
        self.made = made
        self.asked: list[str] = []

    async def run(self, tiles: Sequence[Sequence[Work]], keep: Keep) -> None:
        for work in (work for tile in tiles for work in tile):
            name = Path(work.row.garment).stem
            self.asked.append(name)
            made = self.made.get(name, picture())
            if isinstance(made, RenderedImage | ApiError | PhotoError):
                await keep(work, made, 1.23456)
            else:
                raise made


def picture(colour: int = 100) -> RenderedImage:
    label = Label("x", "00000000-0000-4000-8000-000000000000", "flat", "1", datetime.now(UTC))
    data = encode(np.full((40, 30, 3), colour, np.uint8), "jpeg", label, jpeg_quality=90)
    return RenderedImage(data, "image/jpeg", 30, 40, "flat", {}, 0.75, ("one doubt.",))


class World:
    """A folder with a manifest of four garments on one person, and runs over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("p", "g1", "g2", "g3", "g4"):
            (folder / f"{name}.jpg").write_text(name)
        self.lines = [f"p.jpg,g{n}.jpg,Dress,g{n}" for n in range(1, 5)]
        self.told = Told()

    def plan(self) -> Plan:
        path = self.folder / "m.csv"
        path.write_text("\n".join(["person,garment,type,id", *self.lines]) + "\n")
        return make_plan(read_manifest(path), MAKING)

    async def run(self, retry_failed: bool = False, **made: Made | Exception) -> list[str]:
        """The garments that the crew was asked for."""
        crew, self.told = Crew(made), Told()
        with closing(FolderShelf(self.folder / "out")) as shelf:
            journal = shelf.open()
            plan = self.plan()
            stands = standing(plan, journal, shelf.present(), retry_failed=retry_failed)
            await Batch(plan, MAKING, Settings(), shelf, self.told, stands).run(lambda *_: crew)
        return crew.asked

    def table(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self.folder / "out/results.csv").read_text())))

    def states(self) -> list[str]:
        return [line["status"] for line in self.table()]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_all_are_made_once(world: World) -> None:
    assert await world.run() == ["g1", "g2", "g3", "g4"]
    assert world.told.began_with == (4, 0, 0)
    assert [record.status for record in world.told.records] == ["done"] * 4
    assert await world.run() == []
    assert world.told.began_with == (4, 4, 0)
    assert world.states() == ["done"] * 4


async def test_what_ended_before_a_fall_stands(world: World) -> None:
    with pytest.raises(CatalogueError, match="disk"):
        await world.run(g3=CatalogueError("the disk is full"))
    assert world.states() == ["done", "done", "open", "open"]
    assert await world.run() == ["g3", "g4"]


async def test_a_changed_row_alone_is_made_again(world: World) -> None:
    await world.run()
    (world.folder / "g2.jpg").write_text("a new cut")
    world.lines[3] = "p.jpg,g4.jpg,Upper-body,g4"
    assert await world.run() == ["g2", "g4"]
    (world.folder / "g2.jpg").write_text("g2")
    assert await world.run() == ["g2"], "the file holds the new cut's picture now"


async def test_a_picture_that_vanished_is_made_again(world: World) -> None:
    await world.run()
    (world.folder / "out/pictures/g3.jpg").unlink()
    assert await world.run() == ["g3"]


async def test_failures_of_the_photos_last_and_others_do_not(world: World) -> None:
    lasting, passing = ApiError("no_garment", parameter="ClothesUrl", clothes_type="Dress"), ApiError("worker_crashed")
    await world.run(g1=lasting, g2=passing, g3=PhotoError("the file of person was changed"))
    assert world.states() == ["failed", "failed", "failed", "done"]
    assert await world.run(g2=passing) == ["g2", "g3"]
    assert world.told.began_with == (4, 1, 1)
    assert await world.run(retry_failed=True) == ["g1", "g2"]
    assert world.states() == ["done"] * 4


async def test_the_table_says_everything_twice(world: World) -> None:
    world.lines += ["p.jpg,none.jpg,Dress,", "https://a:b@x.example/p.jpg?sig=1,g1.jpg,Dress,"]
    await world.run(g2=ApiError("no_person", parameter="ModelUrl"))
    lines = world.table()
    assert [line["row"] for line in lines] == [f"m.csv:{n}" for n in range(2, 8)]
    assert lines[0] | {"seconds": ""} == {
        "row": "m.csv:2",
        "id": "g1",
        "person": "p.jpg",
        "garment": "g1.jpg",
        "type": "Dress",
        "status": "done",
        "file": "pictures/g1.jpg",
        "code": "",
        "message": "",
        "confidence": "0.75",
        "warnings": "one doubt.",
        "seconds": "",
    }
    assert lines[0]["seconds"] == "1.235"
    assert (lines[1]["file"], lines[1]["code"]) == ("", "InvalidParameterValue.ParameterValueError")
    assert lines[1]["message"].startswith("No person was found in the image of `person`.")
    assert lines[4]["status"] == "failed"
    assert lines[4]["message"] == "the file of garment cannot be read: No such file or directory."
    assert lines[5]["person"] == "https://x.example/p.jpg"
    parquet = pq.read_table(world.folder / "out/results.parquet").to_pylist()
    assert [line["message"] for line in parquet] == [line["message"] for line in lines]
    assert parquet[0]["warnings"] == ["one doubt."]
    assert parquet[1]["confidence"] is None
    for path in (world.folder / "out").iterdir():
        assert path.is_dir() or b"sig=1" not in path.read_bytes()


async def test_without_pyarrow_the_table_is_csv(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fittingroom.catalogue.table.find_spec", lambda _: None)
    await world.run()
    assert world.states() == ["done"] * 4
    assert not (world.folder / "out/results.parquet").exists()


async def test_the_table_is_written_now_and_then(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_module, "TABLE_SECONDS", -1.0)
    seen = []

    class Looking(Told):
        def heard(self, record: Record) -> None:
            seen.append(world.states() if (world.folder / "out/results.csv").exists() else [])

    crew, plan = Crew({}), world.plan()
    with closing(FolderShelf(world.folder / "out")) as shelf:
        shelf.open()
        await Batch(plan, MAKING, Settings(), shelf, Looking(), {}).run(lambda *_: crew)
    assert seen[1:] == [["done"] * n + ["open"] * (4 - n) for n in (1, 2, 3)]


async def test_the_operators_reviewer_judges_results(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise ApiError("result_refused")

    monkeypatch.setattr(batch_module.Pictures, "review_result", refuse)
    await world.run()
    assert world.states() == ["failed"] * 4
    assert list((world.folder / "out/pictures").iterdir()) == []


async def test_works_are_kept_at_the_same_time(world: World) -> None:
    """Lanes do not wait for each other, and the journal's lines do not mix."""

    class Together(Crew):
        async def run(self, tiles: Sequence[Sequence[Work]], keep: Keep) -> None:
            await asyncio.gather(*(keep(work, picture(), 1.0) for tile in tiles for work in tile))

    plan = world.plan()
    with closing(FolderShelf(world.folder / "out")) as shelf:
        shelf.open()
        await Batch(plan, MAKING, Settings(), shelf, world.told, {}).run(lambda *_: Together({}))
    with closing(FolderShelf(world.folder / "out")) as shelf:
        assert sorted(record.file for record in shelf.open()) == [f"g{n}.jpg" for n in range(1, 5)]
