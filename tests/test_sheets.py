"""Contact sheets: nothing cropped, nothing enlarged, text where it belongs."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.sheets import LINE, MARGIN, Row, contact_sheet

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def plain(width: int, height: int, colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def pixels_of(sheet: np.ndarray, colour: tuple[int, int, int]) -> tuple[int, int]:
    """Width and height of the box of a colour."""
    ys, xs = np.nonzero((sheet == colour).all(axis=-1))
    return int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1


def row(*sizes: tuple[int, int], caption: tuple[str, ...] = ()) -> Row:
    return Row(tuple(plain(*size, colour) for size, colour in zip(sizes, (RED, GREEN, BLUE), strict=True)), caption)


def test_small_pictures_keep_their_size() -> None:
    sheet = np.asarray(contact_sheet([row((30, 40), (50, 20), (30, 40))]))
    assert pixels_of(sheet, RED) == (30, 40)
    assert pixels_of(sheet, GREEN) == (50, 20)
    assert sheet.shape == (LINE + 40 + 3 * MARGIN, 30 + 50 + 30 + 4 * MARGIN, 3)


def test_large_pictures_are_reduced_whole() -> None:
    sheet = np.asarray(contact_sheet([row((1000, 2000), (3000, 1000), (10, 10))], cell=(100, 120)))
    assert pixels_of(sheet, RED) == (60, 120)
    assert pixels_of(sheet, GREEN) == (100, 33)
    assert pixels_of(sheet, BLUE) == (10, 10)


def test_captions_take_lines_of_their_own() -> None:
    bare = contact_sheet([row((30, 40), (30, 40), (30, 40))])
    told = contact_sheet([row((30, 40), (30, 40), (30, 40), caption=("one", "two"))])
    assert told.height == bare.height + 2 * LINE
    strip = np.asarray(told)[-MARGIN - 2 * LINE : -MARGIN]
    assert strip.min() < 200
    assert np.asarray(bare)[-MARGIN:].min() == 255


def test_rows_stand_under_each_other_in_columns() -> None:
    sheet = np.asarray(contact_sheet([row((30, 40), (30, 40), (30, 40)), row((90, 10), (30, 40), (30, 40))]))
    xs = np.nonzero((sheet == RED).all(axis=-1))[1]
    assert (xs.min(), xs.max()) == (MARGIN, MARGIN + 89)
    assert np.nonzero((sheet == GREEN).all(axis=-1))[1].min() == 2 * MARGIN + 90


def test_a_sheet_of_two_columns() -> None:
    pictures = (plain(5, 5, RED), plain(6, 6, GREEN))
    assert pixels_of(np.asarray(contact_sheet([Row(pictures)], headings=("a", "b"))), GREEN) == (6, 6)


def test_refuses_an_empty_sheet_and_uneven_rows() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        contact_sheet([])
    with pytest.raises(ValueError, match="2 pictures under 3 headings"):
        contact_sheet([Row((plain(5, 5, RED), plain(5, 5, RED)))])
