"""One pass over the photo: exact where nothing is painted, later layers over earlier ones, no colour out of range."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fittingroom.engines.drape.composite import VISIBLE, Layer, cloth_layer, composite, visible_box
from fittingroom.engines.drape.parts import Drawn

SHAPE = (9, 13)


def photo(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)


def layer(seed: int) -> Layer:
    """Colours and light far out of range, an alpha with exact zeros, exact ones and traces."""
    rng = np.random.default_rng(seed)
    alpha = np.clip(rng.uniform(-0.7, 1.5, SHAPE), 0, 1).astype(np.float32)
    alpha[rng.random(SHAPE) < 0.2] = VISIBLE / 2
    light = rng.uniform(0.2, 3.0, SHAPE).astype(np.float32) if seed % 2 else None
    return Layer(rng.uniform(-60, 320, (*SHAPE, 3)).astype(np.float32), alpha, light)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=5))
@settings(max_examples=60, deadline=None)
def test_exact_outside_the_mask(seed: int, layers: list[int]) -> None:
    picture, mask = composite(photo(seed), [layer(k) for k in layers])
    assert picture.dtype == np.uint8
    assert picture.shape == (*SHAPE, 3)
    assert mask.dtype == np.float32
    assert mask.shape == SHAPE
    assert (mask >= 0).all()
    assert (mask <= 1).all()
    assert (picture[mask == 0] == photo(seed)[mask == 0]).all()
    painted = np.zeros(SHAPE, bool)
    for k in layers:
        painted |= layer(k).alpha > VISIBLE
    assert (~painted == (mask == 0)).all(), "the mask is zero exactly where no layer shows"


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_the_photo_is_left_alone(seed: int) -> None:
    before = photo(seed)
    again = before.copy()
    composite(before, [layer(seed + 1), layer(seed + 2)])
    assert (before == again).all()


def test_an_opaque_layer_hides_all_below() -> None:
    top = Layer(np.full((*SHAPE, 3), 77.0, np.float32), np.ones(SHAPE, np.float32))
    picture, mask = composite(photo(1), [layer(3), layer(4), top])
    assert (picture == 77).all()
    assert (mask == 1).all()


def test_half_a_layer_is_half_of_each() -> None:
    dark = np.zeros((*SHAPE, 3), np.uint8)
    half = Layer(np.full((*SHAPE, 3), 200.0, np.float32), np.full(SHAPE, 0.5, np.float32))
    assert (composite(dark, [half])[0] == 100).all()


def test_light_scales_the_colour_and_is_clipped() -> None:
    rgb, ones = np.full((*SHAPE, 3), (100.0, 200.0, 40.0), np.float32), np.ones(SHAPE, np.float32)
    dim = composite(photo(1), [Layer(rgb, ones, 0.5 * ones)])[0]
    glare = composite(photo(1), [Layer(rgb, ones, 2 * ones)])[0]
    assert (dim == (50, 100, 20)).all()
    assert (glare == (200, 255, 80)).all()


def test_no_layers_no_change() -> None:
    picture, mask = composite(photo(4), [])
    assert (picture == photo(4)).all()
    assert not mask.any()


def test_cloth_lies_behind_what_is_kept() -> None:
    keep = np.zeros(SHAPE, np.float32)
    keep[:, :4], keep[:, 4:8] = 1.0, 0.25
    drawn = Drawn("trunk", np.full((*SHAPE, 3), 90.0, np.float32), np.full(SHAPE, 0.8, np.float32))
    grain = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
    made = cloth_layer(drawn, keep, np.ones(SHAPE, np.float32), grain)
    np.testing.assert_allclose(made.alpha[:, :4], 0.0)
    np.testing.assert_allclose(made.alpha[:, 4:8], 0.6, atol=1e-6)
    np.testing.assert_allclose(made.alpha[:, 8:], 0.8, atol=1e-6)
    grained = 90.0 + grain[..., None].repeat(3, axis=-1)
    np.testing.assert_allclose(made.rgb[:, 4:], grained[:, 4:], atol=1e-4)
    picture, mask = composite(photo(2), [made])
    assert (picture[:, :4] == photo(2)[:, :4]).all()
    assert not mask[:, :4].any()


def test_cloth_is_lit() -> None:
    ones = np.ones(SHAPE, np.float32)
    drawn = Drawn("trunk", np.full((*SHAPE, 3), 120.0, np.float32), ones)
    made = cloth_layer(drawn, 0 * ones, 0.9 * ones, 0 * ones)
    np.testing.assert_allclose(made.rgb, 108.0, atol=1e-3)
    assert (drawn.rgb == 120).all(), "the drawn part itself stays"


def test_the_visible_box_is_tight_and_may_be_empty() -> None:
    alpha = np.zeros(SHAPE, np.float32)
    assert alpha[visible_box(alpha)].size == 0
    alpha[3:5, 7:11] = 1.0
    alpha[8, 0] = VISIBLE / 2
    assert visible_box(alpha) == (slice(3, 5), slice(7, 11))
