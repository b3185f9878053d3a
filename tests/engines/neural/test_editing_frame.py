"""What an editor is shown: whole cells, at most a megapixel, nothing stretched."""

import numpy as np
import pytest

from fittingroom.engines.neural.editing_frame import (
    MOST_ASPECT,
    MOST_PIXELS,
    border_colour,
    editing_frame,
    shown,
    size_for,
)


@pytest.mark.parametrize(
    "size", [(64, 64), (131, 97), (1024, 1024), (4000, 3000), (5000, 300), (65, 2000), (1025, 999)]
)
@pytest.mark.parametrize("cell", [16, 64])
def test_a_size_is_of_whole_cells_and_at_most_a_megapixel(size: tuple[int, int], cell: int) -> None:
    height, width = size_for(*size, cell)
    assert height % cell == width % cell == 0
    assert min(height, width) >= 64
    assert height * width <= MOST_PIXELS
    assert max(height / width, width / height) <= 8


def test_a_small_photo_is_not_enlarged_and_a_large_one_uses_what_it_may() -> None:
    assert size_for(131, 97) == (144, 112)
    height, width = size_for(4000, 3000)
    assert height * width > 0.94 * MOST_PIXELS


def test_a_person_that_fills_the_photo_is_shown_with_all_of_it() -> None:
    frame = editing_frame((20, 5, 80, 125), (131, 97, 3), 0.15)
    x0, y0, x1, y1 = frame.box
    assert x0 <= 0
    assert x1 >= 97
    assert y0 <= 0
    assert y1 >= 131


def test_a_small_person_is_shown_alone_and_keeps_pixels() -> None:
    frame = editing_frame((2000, 1000, 2300, 1900), (3000, 4000, 3), 0.15)
    assert frame.box[2] - frame.box[0] < 800
    assert frame.zoom > 0.9
    whole = editing_frame((0, 0, 4000, 3000), (3000, 4000, 3), 0.15)
    assert whole.zoom < 0.35


@pytest.mark.parametrize("shape", [(131, 97, 3), (800, 333, 3), (2000, 3001, 3)])
def test_what_is_framed_comes_back_where_it_was(shape: tuple[int, int, int]) -> None:
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    photo = np.stack([rows * 255 // shape[0], columns * 255 // shape[1], rows * 0 + 90], axis=-1).astype(np.uint8)
    frame = editing_frame((0, 0, shape[1], shape[0]), shape, 0.15)
    back, where = frame.back(frame.cut(photo, border_colour(photo)), shape)
    assert where.all()
    assert np.abs(back.astype(int) - photo)[8:-8, 8:-8].max() <= 3


def test_a_garment_photo_is_reduced_and_a_narrow_one_is_given_room_of_its_own_colour() -> None:
    assert shown(np.zeros((2000, 1000, 3), np.uint8), 500_000).shape == (1000, 500, 3)
    thin = np.full((900, 40, 3), (9, 200, 30), np.uint8)
    wide = shown(thin)
    assert wide.shape[1] == 900 / MOST_ASPECT
    assert (wide == (9, 200, 30)).all()
    small = np.zeros((70, 80, 3), np.uint8)
    assert np.array_equal(shown(small), small)
