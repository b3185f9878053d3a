"""Contact sheets of a batch: only pages that changed are drawn, none is left over, nothing stops at a lost photo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pictures as drawn
import pytest
from PIL import Image

from fittingroom.catalogue.batch import Batch
from fittingroom.catalogue.pages import ROWS, draw_pages
from fittingroom.catalogue.plan import Making, make_plan
from fittingroom.catalogue.records import Record
from fittingroom.catalogue.rows import CatalogueError, Row, read_row
from fittingroom.catalogue.shelf import FolderShelf
from fittingroom.settings import Settings

pytestmark = pytest.mark.anyio
MAKING = Making("flat", "1", True, "en-US", "jpeg")


class Silent:
    def began(self, total: int, done: int, failed: int) -> None: ...

    def heard(self, record: Record) -> None: ...


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[FolderShelf]:
    drawn.figure().save(tmp_path / "p.png")
    for number in range(ROWS + 2):
        drawn.garment((600, 700 + number)).save(tmp_path / f"g{number}.png")
    with closing(FolderShelf(tmp_path / "out")) as opened:
        opened.open()
        yield opened


def batch(folder: Path, shelf: FolderShelf, numbers: range, failed: int = -1) -> Batch:
    """A batch that has done the garments of these numbers, but for one."""
    rows = [read_row({"person": "p.png", "garment": f"g{n}.png", "type": "Dress"}, "m:1", folder) for n in numbers]
    assert all(isinstance(row, Row) for row in rows)
    plan = make_plan(rows, MAKING)
    records = {}
    for number, (key, work) in zip(numbers, plan.works.items(), strict=True):
        drawn.figure((300, 400)).save(folder / "out/pictures" / work.file)
        is_done = number != failed
        warnings = ("a long warning that says much " * 8,)
        records[key] = Record(key, work.file, "done" if is_done else "failed", confidence=0.5, warnings=warnings)
    return Batch(plan, MAKING, Settings(), shelf, Silent(), records)


def pages(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out/sheets").glob("*.jpg"))


async def test_only_what_changed_is_drawn(tmp_path: Path, shelf: FolderShelf) -> None:
    whole = batch(tmp_path, shelf, range(ROWS + 2))
    assert await draw_pages(whole) == 2
    assert pages(tmp_path) == ["00001.jpg", "00002.jpg"]
    assert await draw_pages(whole) == 0
    assert await draw_pages(batch(tmp_path, shelf, range(ROWS + 1))) == 1
    assert await draw_pages(batch(tmp_path, shelf, range(ROWS + 1), failed=0)) == 1, "the failed one is on no page"
    assert pages(tmp_path) == ["00001.jpg"]


async def test_captions_stay_on_the_page(tmp_path: Path, shelf: FolderShelf) -> None:
    await draw_pages(batch(tmp_path, shelf, range(1)))
    with Image.open(tmp_path / "out/sheets/00001.jpg") as page:
        right = page.convert("L").crop((page.width - 12, 0, page.width, page.height))
        assert right.getextrema()[0] > 200, "letters run over the right border"


async def test_a_photo_that_is_lost_leaves_its_place_grey(tmp_path: Path, shelf: FolderShelf) -> None:
    job = batch(tmp_path, shelf, range(1))
    (tmp_path / "p.png").unlink()
    assert await draw_pages(job) == 1
    with Image.open(tmp_path / "out/sheets/00001.jpg") as page:
        assert page.getpixel((60, 120)) == (225, 225, 225)


async def test_what_the_shelf_lost_or_spoilt_is_told(tmp_path: Path, shelf: FolderShelf) -> None:
    job = batch(tmp_path, shelf, range(1))
    shelf.put("sheets/index.json", b"[1")
    with pytest.raises(CatalogueError, match="delete it, and all pages are drawn again"):
        await draw_pages(job)
    shelf.remove("sheets/index.json")
    for path in (tmp_path / "out/pictures").iterdir():
        path.unlink()
    with pytest.raises(CatalogueError, match="has vanished while the batch ran"):
        await draw_pages(job)


async def test_a_stop_ends_it(tmp_path: Path, shelf: FolderShelf) -> None:
    job = batch(tmp_path, shelf, range(1))
    job.stop.set()
    assert await draw_pages(job) == 0
    assert pages(tmp_path) == []
