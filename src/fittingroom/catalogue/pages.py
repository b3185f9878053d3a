"""Contact sheets of a batch: person, garment and result of every picture, page by page.

An index says which pictures each page shows, so that only pages that changed are drawn when a long catalogue is taken
up again. Photos are reduced for the page and kept nowhere else. Invariant: page n shows the n-th ROWS pictures that are
done, in the manifest's order.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections import OrderedDict
from collections.abc import Sequence
from textwrap import wrap
from typing import Final

import numpy as np
from PIL import Image

from fittingroom.catalogue.batch import Batch
from fittingroom.catalogue.pictures import PhotoError, Pictures
from fittingroom.catalogue.plan import Work
from fittingroom.catalogue.rows import CatalogueError
from fittingroom.catalogue.shelf import PICTURES, Shelf
from fittingroom.engines.protocol import RgbImage
from fittingroom.errors import ApiError
from fittingroom.images.decode import decode
from fittingroom.images.limits import PictureLimits
from fittingroom.sheets import Row, contact_sheet

ROWS: Final = 6
CELL: Final = (300, 400)
INDEX: Final = "sheets/index.json"
QUALITY: Final = 88
COLUMNS: Final = 90
"""Letters in a line of a caption, which the page's width cuts off."""

_ANY: Final = PictureLimits(over=0, under=20_001)
_LOST: Final = np.full((CELL[1] // 2, CELL[0] // 2, 3), 225, np.uint8)
"""Stands for a photo that cannot be had a second time, say behind a URL that has expired."""


async def draw_pages(job: Batch) -> int:
    """Draw what changed, until `job.stop`; the number of pages drawn. Raises `CatalogueError`."""
    pages = _pages_of(job)
    before = await asyncio.to_thread(_read_index, job.shelf)
    pictures = Pictures(job.settings, 1, reviewing=False)
    thumbnails = _Thumbnails()
    await pictures.start()
    drawn = 0
    try:
        for number, works in enumerate(pages, 1):
            name, content = f"{number:05d}.jpg", _content(works)
            if before.get(name) != content and not job.stop.is_set():
                before.pop(name, None)
                rows = [await _row(job, work, pictures, thumbnails) for work in works]
                await asyncio.to_thread(_draw, job.shelf, name, rows)
                before[name] = content
                drawn += 1
        await asyncio.to_thread(_tidy, job.shelf, before, len(pages))
    finally:
        await pictures.close()
    return drawn


def _pages_of(job: Batch) -> list[list[Work]]:
    wanted = dict.fromkeys(key for key in job.plan.of_row if key in job.records)
    done = [job.plan.works[key] for key in wanted if job.records[key].status == "done"]
    return [done[first : first + ROWS] for first in range(0, len(done), ROWS)]


def _content(works: Sequence[Work]) -> str:
    """What a page shows."""
    return hashlib.sha256("".join(work.key for work in works).encode()).hexdigest()[:16]


def _read_index(shelf: Shelf) -> dict[str, str]:
    content = shelf.get(INDEX)
    if content is None:
        return {}
    try:
        return dict(json.loads(content))
    except (ValueError, TypeError) as error:
        raise CatalogueError(f"{INDEX} is damaged ({error}): delete it, and all pages are drawn again") from error


def _tidy(shelf: Shelf, index: dict[str, str], pages: int) -> None:
    """Pages that a shorter catalogue no longer has are removed; then the index is written."""
    for name in [name for name in index if int(name.partition(".")[0]) > pages]:
        shelf.remove(f"sheets/{name}")
        del index[name]
    shelf.put(INDEX, json.dumps(index).encode())


async def _row(job: Batch, work: Work, pictures: Pictures, thumbnails: _Thumbnails) -> Row:
    caption = [work.file]
    try:
        person, garment = await pictures.of(work)
    except (ApiError, PhotoError) as error:
        said = error.message() if isinstance(error, ApiError) else str(error)
        caption += wrap(f"a photo cannot be shown: {said}", COLUMNS)
        inputs = (_LOST, _LOST)
    else:
        inputs = await asyncio.to_thread(
            lambda: (thumbnails.of(work.row.person, person), thumbnails.of(work.row.garment, garment))
        )
    result = await asyncio.to_thread(job.shelf.get, f"{PICTURES}/{work.file}")
    if result is None:
        raise CatalogueError(f"{PICTURES}/{work.file} has vanished while the batch ran")
    record = job.records[work.key]
    caption.append(f"{work.row.clothes_type}, confidence {record.confidence:.2f}")
    for warning in record.warnings:
        caption += wrap(warning, COLUMNS)
    return Row((*inputs, await asyncio.to_thread(_reduced, result)), tuple(caption))


def _draw(shelf: Shelf, name: str, rows: Sequence[Row]) -> None:
    buffer = io.BytesIO()
    contact_sheet(rows, cell=CELL).save(buffer, "JPEG", quality=QUALITY)
    shelf.put(f"sheets/{name}", buffer.getvalue())


def _reduced(data: bytes) -> RgbImage:
    image = Image.fromarray(decode(data, parameter="picture", limits=_ANY))
    image.thumbnail(CELL, Image.Resampling.LANCZOS)
    return np.asarray(image)


class _Thumbnails:
    """The last few reduced photos."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, RgbImage] = OrderedDict()

    def of(self, place: str, data: bytes) -> RgbImage:
        """A photo, reduced."""
        if place not in self._kept:
            self._kept[place] = _reduced(data)
        self._kept.move_to_end(place)
        while len(self._kept) > 200:
            self._kept.popitem(last=False)
        return self._kept[place]
