"""Contact sheets: nine to a page, each picture whole, each with its number."""

from __future__ import annotations

import numpy as np

from fittingroom.evaluation.pages import COLUMNS, HEIGHT, LINE, MARGIN, REFUSED, ROWS, Tile, pages

GREEN = (0, 200, 0)


def tile(number: str = "upper-01", note: str = "", ink: tuple[int, int, int] = (0, 0, 0)) -> Tile:
    return Tile(number, tuple(np.full((800, 300, 3), GREEN, np.uint8) for _ in range(3)), note, ink)


def test_pages_are_filled_one_after_another() -> None:
    made = list(pages([tile() for _ in range(2 * COLUMNS * ROWS + 1)]))
    assert [page.height for page in made] == [ROWS * (HEIGHT + LINE + MARGIN) + MARGIN] * 2 + [
        HEIGHT + LINE + 2 * MARGIN
    ]
    assert made[0].width == COLUMNS * made[2].width
    assert list(pages([])) == []


def test_every_picture_is_reduced_whole() -> None:
    (page,) = pages([tile()])
    ys, xs = np.nonzero((np.asarray(page) == GREEN).all(axis=-1))
    assert np.ptp(ys) + 1 == HEIGHT
    assert len(np.unique(xs)) == 3 * 150


def test_small_pictures_are_brought_to_the_same_height() -> None:
    (page,) = pages([Tile("n", (np.full((40, 20, 3), GREEN, np.uint8),))])
    assert (np.asarray(page) == GREEN).all(axis=-1).sum() == HEIGHT * HEIGHT // 2


def test_the_label_is_written_in_its_ink_and_stays_above_its_pictures() -> None:
    (short,) = pages([tile(ink=REFUSED)])
    (long,) = pages([tile(note="a very long warning " * 20, ink=REFUSED)])
    assert short.size == long.size
    line = np.asarray(long)[MARGIN : MARGIN + LINE, MARGIN:]
    assert (line == REFUSED).all(axis=-1).any()
    assert not (np.asarray(next(pages([tile()]))) == REFUSED).all(axis=-1).any()
