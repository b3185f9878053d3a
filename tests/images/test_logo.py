"""The caller's own mark: where it goes, how it is stretched, and what is refused."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fittingroom.errors import ApiError
from fittingroom.images.logo import MAX_SIDE, Rect, add_logo, place

SIZE = (600, 800)
GREY = np.full((800, 600, 3), 100, np.uint8)
NOTHING = (None, None, None, None)
INT64 = st.integers(-(2**63), 2**63 - 1)


def solid(width: int = 40, height: int = 20, colour=(255, 0, 0, 255)) -> np.ndarray:
    return np.full((height, width, 4), colour, np.uint8)


def refusal(rect, size=SIZE) -> ApiError:
    with pytest.raises(ApiError) as caught:
        place(size, (40, 20), rect)
    return caught.value


# --- the rectangle -----------------------------------------------------------------------------------------------


def test_a_complete_rectangle_is_taken_as_it_is():
    assert place(SIZE, (40, 20), (10, 20, 30, 90)) == Rect(10, 20, 30, 90)


def test_without_a_rectangle_the_logo_keeps_its_shape_at_the_place_of_the_text():
    rect = place(SIZE, (40, 20), NOTHING)
    assert rect == Rect(600 - 12 - 150, 800 - 12 - 75, 150, 75)
    tall = place(SIZE, (20, 200), NOTHING)
    assert (tall.width, tall.height) == (8, 80)
    assert (tall.x + tall.width, tall.y + tall.height) == (588, 788)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((None, None, 100, None), (100, 50)),
        ((None, None, None, 100), (200, 100)),
        ((None, None, 1, None), (1, 1)),
        ((5, 5, None, None), (150, 75)),
    ],
)
def test_missing_sides_follow_the_logos_shape(asked, expected):
    rect = place(SIZE, (40, 20), asked)
    assert (rect.width, rect.height) == expected


def test_a_missing_corner_means_the_lower_right_one_by_one_axis():
    assert place(SIZE, (40, 20), (7, None, 100, 50)) == Rect(7, 738, 100, 50)
    assert place(SIZE, (40, 20), (None, 7, 100, 50)) == Rect(488, 7, 100, 50)
    assert place(SIZE, (40, 20), (None, None, 5000, 5000)) == Rect(0, 0, 5000, 5000)


@pytest.mark.parametrize("value", [0, -1, MAX_SIDE + 1, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("side", ["Width", "Height"])
def test_a_width_or_height_that_is_none_is_refused_by_name(side, value):
    error = refusal((0, 0, value, 10) if side == "Width" else (0, 0, 10, value))
    assert (error.reason, error.code) == ("logo_rect_size", "InvalidParameterValue.ParameterValueError")
    for language in ("en-US", "zh-CN"):
        assert f"LogoParam.LogoRect.{side}" in error.message(language)
        assert str(value) in error.message(language)


@pytest.mark.parametrize("corner", [(600, 0), (0, 800), (-30, 0), (0, -40), (2**62, 2**62), (-(2**63), 0)])
def test_a_rectangle_wholly_outside_is_refused(corner):
    error = refusal((*corner, 30, 40))
    assert (error.reason, error.code) == ("logo_rect_outside", "InvalidParameterValue.ParameterValueError")
    assert "600x800" in error.message()


@pytest.mark.parametrize("corner", [(599, 0), (0, 799), (-29, 0), (0, -39), (-29, -39), (599, 799)])
def test_one_visible_pixel_is_enough(corner):
    after = add_logo(GREY, solid(), (*corner, 30, 40))
    assert (after != GREY).any()


# --- the drawing -------------------------------------------------------------------------------------------------


def test_it_fills_exactly_its_rectangle():
    after = add_logo(GREY, solid(), (10, 20, 30, 90))
    mask = np.zeros((800, 600), bool)
    mask[20:110, 10:40] = True
    assert (after[mask] == (255, 0, 0)).all()
    assert np.array_equal(after[~mask], GREY[~mask])


def test_it_is_stretched():
    logo = np.concatenate([solid(20, 20), solid(20, 20, (0, 0, 255, 255))], axis=1)
    after = add_logo(GREY, logo, (0, 0, 400, 100))
    assert after[50, 100].tolist() == [255, 0, 0]
    assert after[50, 300].tolist() == [0, 0, 255]


def test_alpha_lets_the_picture_through():
    assert np.array_equal(add_logo(GREY, solid(colour=(255, 0, 0, 0)), (10, 10, 50, 50)), GREY)
    half = add_logo(GREY, solid(colour=(200, 200, 200, 128)), (10, 10, 50, 50))
    assert half[20, 20].tolist() == pytest.approx([150, 150, 150], abs=1)


def test_hidden_colours_do_not_bleed_when_stretched():
    logo = np.concatenate([solid(4, 4, (255, 255, 255, 255)), solid(4, 4, (0, 255, 0, 0))], axis=1)
    after = add_logo(GREY, logo, (0, 0, 400, 200)).astype(int)
    assert np.abs(after[..., 1] - after[..., 0]).max() <= 2


def test_what_hangs_over_the_border_is_cut_off_not_squeezed():
    rng = np.random.default_rng(3)
    logo = np.dstack([rng.integers(0, 256, (50, 50, 3), np.uint8), np.full((50, 50), 255, np.uint8)])
    whole = add_logo(np.zeros((900, 900, 3), np.uint8), logo, (200, 300, 100, 100))[300:400, 200:300]
    cut = add_logo(GREY, logo, (-50, 750, 100, 100))
    assert np.array_equal(cut[750:800, 0:50], whole[0:50, 50:100])


def test_a_huge_rectangle_costs_no_more_than_the_picture():
    started = time.perf_counter()
    after = add_logo(GREY, solid(), (-8000, -8000, MAX_SIDE, MAX_SIDE))
    assert (after == (255, 0, 0)).all()
    assert time.perf_counter() - started < 1


@given(st.tuples(*[st.none() | INT64 | st.integers(-900, 900)] * 4), st.integers(1, 60), st.integers(1, 60))
def test_any_rectangle_is_drawn_or_refused(rect, width, height):
    picture = np.full((90, 70, 3), 100, np.uint8)
    logo = solid(width, height)
    try:
        expected = place((70, 90), (width, height), rect)
    except ApiError as error:
        if error.code != "InvalidParameterValue.ParameterValueError":
            raise
        return
    after = add_logo(picture, logo, rect)
    assert expected.width >= 1
    assert expected.height >= 1
    assert (after != picture).any()
