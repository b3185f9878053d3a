"""Light of the photo on the new cloth: faint folds, darker sides, contact shadows, the photo's own grain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look, Mannequin, draw_mannequin

from fittingroom.engines.drape import light
from fittingroom.engines.drape.person import Person

LOOK = Look()


@pytest.fixture
def drawn() -> Mannequin:
    return draw_mannequin(LOOK)


def with_old(person: Person, drawn: Mannequin, pattern: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Person:
    """The old top's brightness multiplied by a pattern of x and y."""
    ys, xs = np.mgrid[0 : drawn.rgb.shape[0], 0 : drawn.rgb.shape[1]]
    factor = np.where(drawn.cloth == 1, pattern(xs, ys), 1.0)[..., None]
    return replace(person, rgb=np.clip(drawn.rgb * factor, 0, 255).astype(np.uint8))


def test_relief_is_one_where_no_old_garment_is(drawn: Mannequin) -> None:
    nothing = np.zeros(drawn.cloth.shape, np.float32)
    assert (light.relief(drawn.person(), nothing, drawn.sw) == 1.0).all()
    factor = light.relief(drawn.person(), drawn.person().upper, drawn.sw)
    assert factor.shape == drawn.cloth.shape
    assert factor.dtype == np.float32
    far = drawn.uv()[1] > 2.5
    np.testing.assert_allclose(factor[far], 1.0, atol=1e-4)


def test_relief_follows_folds_and_stays_in_its_range(drawn: Mannequin) -> None:
    folded = with_old(drawn.person(), drawn, lambda x, y: 1 + 0.07 * np.sin(x / 4.0))
    factor = light.relief(folded, drawn.person().upper, drawn.sw)
    assert light.RELIEF_RANGE[0] <= factor.min()
    assert factor.max() <= light.RELIEF_RANGE[1]
    u, v = drawn.uv()
    middle = (np.abs(u) < 0.3) & (v > 0.5) & (v < 1.2)
    xs = np.broadcast_to(np.arange(factor.shape[1]), factor.shape)
    assert np.corrcoef(factor[middle], np.sin(xs[middle] / 4.0))[0, 1] > 0.6


def test_a_print_on_the_old_garment_hardly_shows(drawn: Mannequin) -> None:
    u, v = drawn.uv()
    box = (np.abs(u) < 0.2) & (v > 0.5) & (v < 1.0)
    printed = with_old(drawn.person(), drawn, lambda x, y: np.where(box, 0.25, 1.0))
    factor = light.relief(printed, drawn.person().upper, drawn.sw)
    assert np.abs(factor - 1).max() < 0.12


def test_roundness_darkens_sides_only(drawn: Mannequin) -> None:
    cover = np.asarray(drawn.cloth == 1, np.float32)
    factor = light.roundness(cover, drawn.sw)
    assert factor.max() <= 1.0
    assert factor.min() >= 0.5
    assert (factor[cover == 0] == 1.0).all()
    row = round(drawn.origin[1] + 1.2 * drawn.sw)
    columns = np.flatnonzero(cover[row])
    assert factor[row, columns[1]] < factor[row, columns.mean().astype(int)]


def test_contact_shadow_falls_downwards_and_ends(drawn: Mannequin) -> None:
    front = np.zeros((300, 200), np.float32)
    front[100:120, 60:140] = 1.0
    factor = light.contact(front, 80.0)
    assert 1.0 - light.CHIN_SHADOW - 1e-6 <= factor.min() < 0.9
    assert factor.max() <= 1.0 + 1e-6
    assert factor[123, 100] < factor[96, 100]
    np.testing.assert_allclose(factor[200:], 1.0, atol=1e-3)
    np.testing.assert_allclose(light.contact(front, 80.0, 0.0), 1.0, atol=1e-6)


def test_grain_measures_the_photos_noise(drawn: Mannequin) -> None:
    def level(amount: float) -> float:
        noise = np.random.default_rng(2).normal(0, amount, drawn.rgb.shape)
        photo = np.clip(np.full(drawn.rgb.shape, 120) + noise, 0, 255).astype(np.uint8)
        return float(light.grain(replace(drawn.person(), rgb=photo), np.random.default_rng(1)).std())

    assert level(0.0) < 0.1
    assert level(0.0) < level(1.5) < level(4.0) < 6.0


def test_grain_repeats_with_its_seed(drawn: Mannequin) -> None:
    first, again, other = (light.grain(drawn.person(), np.random.default_rng(s)) for s in (5, 5, 6))
    assert (first == again).all()
    assert (first != other).any()
    assert first.shape == drawn.cloth.shape
    assert abs(float(first.mean())) < 0.1
