"""Light on a colour: nothing at 1, white not grey, black not drowned, hue kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fittingroom.engines.drape.colour import relit


def lit(colour: tuple[float, float, float], factor: float) -> np.ndarray:
    rgb = np.full((2, 2, 3), colour, np.float32)
    return relit(rgb, np.full((2, 2), factor, np.float32))[0, 0]


@given(st.tuples(*[st.floats(0, 255, width=32)] * 3))
@settings(max_examples=40, deadline=None)
def test_a_factor_of_one_changes_nothing(colour: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(lit(colour, 1.0), colour, atol=1e-4)


@given(st.tuples(*[st.floats(0, 255, width=32)] * 3), st.floats(0.6, 0.98), st.floats(1.02, 1.25))
@settings(max_examples=60, deadline=None)
def test_more_light_is_never_darker_and_stays_in_range(
    colour: tuple[float, float, float], less: float, more: float
) -> None:
    dim, bright = lit(colour, less), lit(colour, more)
    assert (dim <= np.array(colour) + 1e-3).all()
    assert (bright >= np.array(colour) - 1e-3).all()
    assert bright.max() <= 256.0


def test_white_stays_white() -> None:
    assert lit((250, 250, 250), 1.15).max() < 254
    assert lit((250, 250, 250), 0.95).min() > 235


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_black_shows_its_folds_but_stays_black(factor: float) -> None:
    change = lit((12, 12, 14), factor) - np.array((12, 12, 14))
    assert 2.0 < np.abs(change).max() < 12.0
    assert (np.sign(change) == np.sign(factor - 1)).all()


def test_a_mid_colour_keeps_its_hue() -> None:
    dim = lit((180, 90, 60), 0.8)
    np.testing.assert_allclose(dim / dim.sum(), np.array((180, 90, 60)) / 330, atol=0.01)
