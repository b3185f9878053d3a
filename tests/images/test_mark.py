"""The visible mark: where it is, how tall, legible on anything, and nothing else touched."""

from importlib.resources import files

import numpy as np
import pytest

from fittingroom.images.mark import TEXTS, add_mark, margin, overlay

BUSY = np.random.default_rng(0).integers(0, 256, (800, 600, 3), np.uint8)


def changed(before: np.ndarray, after: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom (exclusive) of what differs."""
    rows, columns = np.nonzero((before != after).any(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def luminance(colour: np.ndarray) -> np.ndarray:
    """Relative luminance as the accessibility guidelines define it."""
    c = colour / 255.0
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("size", [(600, 800), (513, 2999), (2999, 513), (768, 1024), (64, 64)])
def test_it_stands_at_the_bottom_right_inside_the_picture(language, size):
    width, height = size
    before = np.full((height, width, 3), 200, np.uint8)
    left, top, right, bottom = changed(before, add_mark(before, language))
    gap = margin(width, height)
    assert right == width - gap
    assert bottom == height - gap
    if min(size) > 512:
        assert left > width * 0.4
        assert top > height * 0.85


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("size", [(600, 800), (1500, 2000), (2999, 600)])
def test_its_letters_are_a_twentieth_of_the_short_side_tall(language, size):
    before = np.zeros((size[1], size[0], 3), np.uint8)
    _, top, _, bottom = changed(before, add_mark(before, language))  # on black, the plate changes nothing
    assert bottom - top == pytest.approx(0.05 * min(size), abs=2)


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("level", [0, 64, 128, 192, 255])
def test_letters_and_ground_differ_by_more_than_the_guidelines_ask_on_any_grey(language, level):
    picture = np.full((800, 600, 3), level, np.uint8)
    marked = add_mark(picture, language)
    left, top, right, bottom = changed(picture, marked)
    region = luminance(marked[top:bottom, left:right].astype(float))
    ground = luminance(np.array([level * (255 - 150) / 255.0] * 3))
    assert region.max() == pytest.approx(1.0)
    assert (region.max() + 0.05) / (ground + 0.05) > 4.5
    assert 0.03 < (region > 0.9).mean() < 0.5


def test_it_is_legible_on_noise_too():
    marked = add_mark(BUSY)
    left, top, right, bottom = changed(BUSY, marked)
    values = marked[top + 2 : bottom - 2, left + 2 : right - 2]
    ground = values[values.max(axis=2) <= 106]
    assert len(ground) > 0.5 * values.shape[0] * values.shape[1]


def test_every_pixel_beside_it_stays_bit_for_bit_and_the_input_is_untouched():
    before = BUSY.copy()
    after = add_mark(before)
    assert np.array_equal(before, BUSY)
    left, top, right, bottom = changed(before, after)
    outside = np.ones(before.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert outside.mean() > 0.95
    assert np.array_equal(after[outside], before[outside])


def test_the_two_languages_draw_different_letters():
    assert not np.array_equal(add_mark(BUSY, "en-US"), add_mark(BUSY, "zh-CN"))


def test_the_font_holds_every_glyph_and_its_licence_lies_beside_it():
    ttx = pytest.importorskip("fontTools.ttLib")
    folder = files("fittingroom.images").joinpath("font")
    with folder.joinpath("mark.otf").open("rb") as file:
        font = ttx.TTFont(file)
        assert set(map(ord, "".join(TEXTS.values()))) <= set(font.getBestCmap())
        assert "Noto" not in font["name"].getDebugName(4)
    assert "SIL OPEN FONT LICENSE Version 1.1" in folder.joinpath("OFL.txt").read_text()


def test_an_overlay_is_clipped_at_the_border():
    from PIL import Image

    red = Image.new("RGBA", (100, 100), (255, 0, 0, 255))
    after = overlay(BUSY, red, 550, -50)
    assert changed(BUSY, after) == (550, 0, 600, 50)
