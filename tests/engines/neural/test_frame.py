"""The frame's geometry: aspect kept, small people enlarged, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.neural.frame import Frame, box_of

BOXES = [(120, 150, 160, 260), (0, 0, 300, 400), (250, 30, 300, 400), (10, 180, 290, 220)]


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("size", [(864, 576), (512, 512), (400, 700)])
def test_nothing_is_stretched_and_the_person_is_inside(textured, box, size):
    frame = Frame.around(box, textured.shape, size)
    x0, y0, x1, y1 = frame.box
    assert abs((x1 - x0) - (y1 - y0) * size[1] / size[0]) <= 1.0
    assert x0 <= box[0]
    assert y0 <= box[1]
    assert x1 >= box[2]
    assert y1 >= box[3]
    assert frame.cut(textured).shape == (*size, 3)


@pytest.mark.parametrize("box", BOXES)
def test_back_undoes_cut(textured, box):
    frame = Frame.around(box, textured.shape)
    back, where = frame.back(frame.cut(textured), textured.shape)
    away = np.abs(back.astype(int) - textured)[where > 0.5]
    assert back.shape == textured.shape
    assert where.shape == textured.shape[:2]
    assert np.percentile(away, 99) <= 8
    assert away.max() <= 40
    assert where.max() == 1.0


def test_small_people_keep_their_pixels(textured):
    frame = Frame.around((120, 150, 160, 260), textured.shape)
    assert frame.zoom > 4
    assert Frame.whole(textured.shape, (864, 576)).zoom < 2.2


def test_beyond_the_photo_lies_the_filling(textured):
    cut = Frame.around((0, 0, 300, 400), textured.shape, (500, 700)).cut(textured, (9, 8, 7))
    assert (cut[:, 0] == (9, 8, 7)).all()
    assert (cut[:, -1] == (9, 8, 7)).all()


def test_the_filling_does_not_bleed_back(textured):
    frame = Frame.whole(textured.shape, (350, 500))
    made = frame.cut(np.full_like(textured, 255), (0, 0, 0))
    back, where = frame.back(made, textured.shape)
    assert where.min() == 1.0
    assert back.min() >= 250


def test_it_fades_out_only_where_it_ends_within_the_photo(textured):
    frame = Frame.around((0, 150, 60, 260), textured.shape)
    _, where = frame.back(frame.cut(textured), textured.shape)
    x0, y0, x1, y1 = frame.box
    assert x0 == 0
    assert where[(y0 + y1) // 2, 0] == 1.0
    assert where[(y0 + y1) // 2, x1 - 1] == 0.0


def test_masks_and_points_follow(textured):
    frame = Frame.around((120, 150, 160, 260), textured.shape)
    mask = np.zeros(textured.shape[:2], np.float32)
    mask[150:260, 120:160] = 1.0
    x0, y0, x1, y1 = box_of(frame.cut_mask(mask))
    corners = frame.points(np.array([(120, 150), (160, 260)]))
    assert np.abs(corners - [(x0, y0), (x1, y1)]).max() <= 3.0


def test_what_cannot_be_framed_is_refused(textured):
    with pytest.raises(ValueError, match="empty box"):
        Frame.around((5, 5, 5, 9), textured.shape)
    with pytest.raises(ValueError, match="empty mask"):
        box_of(np.zeros((4, 4), np.float32))
    with pytest.raises(ValueError, match="the frame is"):
        Frame.whole(textured.shape, (64, 64)).back(textured, textured.shape)
