"""Works on real worker processes: what comes back, who gets which work, deaths, stops, engines that do not load."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pictures as drawn
import pytest

from fittingroom.catalogue.crew import LocalCrew, Made
from fittingroom.catalogue.pictures import Pictures
from fittingroom.catalogue.plan import Making, Work, make_plan, tiles
from fittingroom.catalogue.rows import CatalogueError, Row, read_row
from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import DispatchSettings, EngineSettings, ModerationSettings, Settings

pytestmark = pytest.mark.anyio
FLAT = "flat_engine:FlatEngine"


def making(engine: str = FLAT) -> Making:
    return Making(engine, "1", True, "en-US", "jpeg")


def works(folder: Path, *tricks: str, persons: int = 1) -> list[Work]:
    """One work for each garment, "" for a plain one, and each person."""
    rows = []
    for person in range(persons):
        drawn.figure((600, 800 + person)).save(folder / f"p{person}.png")
        for number, trick in enumerate(tricks):
            drawn.garment((600, 700 + number), trick or None).save(folder / f"{number}{trick}.png")
            names = {"person": f"p{person}.png", "garment": f"{number}{trick}.png", "type": "Dress"}
            row = read_row(names, "m:1", folder)
            assert isinstance(row, Row)
            rows.append(row)
    return list(make_plan(rows, making()).works.values())


def settings(workers: int = 1, engine: str = FLAT, **dispatch: object) -> Settings:
    return Settings(
        engine=EngineSettings(name=engine),
        moderation=ModerationSettings(enabled=False),
        dispatch=DispatchSettings.model_validate({"workers": workers, "threads": 1, "grace": 0.5, **dispatch}),
    )


class Kept:
    """What a crew hands in."""

    def __init__(self) -> None:
        self.made: dict[str, Made] = {}
        self.order: list[str] = []

    async def __call__(self, work: Work, made: Made, seconds: float) -> None:
        name = Path(work.row.garment).stem
        self.order.append(name)
        self.made[name] = made
        assert seconds >= 0

    def said(self) -> dict[str, str]:
        return {name: made.reason if isinstance(made, ApiError) else "done" for name, made in self.made.items()}


async def dress(
    todo: list[Work], chosen: Settings, stop: asyncio.Event | None = None, keep: Kept | None = None
) -> Kept:
    keep = keep or Kept()
    photos = Pictures(chosen, chosen.dispatch.workers)
    await photos.start()
    try:
        crew = LocalCrew(chosen, making(chosen.engine.name), photos, stop or asyncio.Event())
        await asyncio.wait_for(crew.run(tiles(todo), keep), 60)
    finally:
        await photos.close()
    return keep


async def test_each_work_ends_as_its_photos_ask(tmp_path: Path) -> None:
    kept = await dress(works(tmp_path, "", "no-garment", "fail", "crash", ""), settings())
    assert kept.said() == {
        "0": "done",
        "1no-garment": "no_garment",
        "2fail": "engine_failed",
        "3crash": "worker_crashed",
        "4": "done",
    }
    assert kept.order == sorted(kept.order)
    picture = kept.made["0"]
    assert isinstance(picture, RenderedImage)
    assert (picture.width, picture.height) == (600, 800)


async def test_a_free_worker_takes_from_the_end_of_the_longest_lane(tmp_path: Path) -> None:
    todo = works(tmp_path, *[""] * 5)
    chosen = settings(2)
    photos = Pictures(chosen, 2)
    await photos.start()
    crew = LocalCrew(chosen, making(), photos, asyncio.Event())
    crew._tiles.extend(tiles(todo))
    taken = [crew._take(lane) for lane in (0, 0, 1, 0, 1, 0)]
    for one in taken[:5]:
        assert one is not None
        await one[1]
    await photos.close()
    assert [one and Path(one[0].row.garment).stem for one in taken] == ["0", "1", "4", "2", "3", None]


async def test_a_picture_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    kept = await dress(works(tmp_path, "spin", "deaf", ""), settings(job_timeout=0.6))
    assert kept.said() == {"0spin": "timeout", "1deaf": "timeout", "2": "done"}


async def test_a_stop_lets_the_present_picture_end(tmp_path: Path) -> None:
    stop = asyncio.Event()

    class Stopping(Kept):
        async def __call__(self, work: Work, made: Made, seconds: float) -> None:
            await super().__call__(work, made, seconds)
            stop.set()

    kept = await dress(works(tmp_path, "", "", "", ""), settings(), stop, Stopping())
    assert kept.said() == {"0": "done"}


async def test_an_engine_that_cannot_be_loaded_ends_the_batch(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="the engine cannot be started: RegistryError: there is no engine named"):
        await dress(works(tmp_path, ""), settings(engine="none"))


async def test_a_shelf_that_is_full_ends_the_batch(tmp_path: Path) -> None:
    class Full(Kept):
        async def __call__(self, work: Work, made: Made, seconds: float) -> None:
            raise CatalogueError("No space left on device")

    with pytest.raises(CatalogueError, match="No space left"):
        await dress(works(tmp_path, "", ""), settings(), keep=Full())


async def test_a_photo_changed_meanwhile_is_not_dressed(tmp_path: Path) -> None:
    todo = works(tmp_path, "", "")
    drawn.garment((640, 640)).save(tmp_path / "0.png")
    (tmp_path / "1.png").unlink()
    kept = await dress(todo, settings())
    assert [str(made) for made in kept.made.values()] == [
        "the file of garment was changed while the batch ran; run it again",
        "the file of garment cannot be read any more: No such file or directory",
    ]
