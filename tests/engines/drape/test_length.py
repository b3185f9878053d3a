"""Lengths are the garment's own; what is drawn out or layered is said; a top is tucked in only above a waistband."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import TORSO, Look

from fittingroom.engines.drape.length import (
    COVER,
    LAYERED,
    MINI,
    MOST,
    NO_BAND,
    QUIET,
    SHORT_DRESS,
    STRETCHED,
    dress_length,
    old_hem_v,
    top_length,
)
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import TryOnOptions, Tuck

HEM = TORSO[-1][1]
PIT = 0.45
OUT = TryOnOptions(tuck=Tuck.OUT)


def tucked_in(made: Scene, waist: float) -> Scene:
    """The same person with the top ending at `waist` (sw) in trousers that begin there."""
    ys, xs = np.mgrid[0 : made.shape[0], 0 : made.shape[1]].astype(np.float32)
    v = made.body.coords(np.stack([xs, ys], axis=-1))[..., 1]
    cloth = np.maximum(made.person.upper, made.person.lower)
    upper, lower = (np.where(side, cloth, 0.0).astype(np.float32) for side in (v < waist, v >= waist))
    return replace(made, person=replace(made.person, upper=upper, lower=lower))


def test_old_hem_is_found_where_it_was_drawn(scene: Callable) -> None:
    made = scene(Look(), "short")
    assert old_hem_v(made.person, made.body) == pytest.approx(HEM, abs=0.06)


def test_no_old_hem_where_no_top_ends_in_the_picture(scene: Callable) -> None:
    made = scene(Look(), "short")
    for value in (1.0, 0.0):
        assert old_hem_v(replace(made.person, upper=np.full(made.shape, value, np.float32)), made.body) is None


def test_a_longer_top_keeps_its_own_length(scene: Callable) -> None:
    made = scene(Look(), "short")
    found = top_length(HEM + 0.4, PIT, made.person, made.body, OUT)
    assert (found.hem_v, found.stretched, found.notes) == (HEM + 0.4, 1.0, ())


@pytest.mark.parametrize(
    ("need", "notes"), [(1.08, ()), (0.5 * (QUIET + MOST), (STRETCHED,)), (MOST + 0.3, (LAYERED,))]
)
def test_a_shorter_top_is_drawn_out_a_little_or_layered(scene: Callable, need: float, notes: tuple) -> None:
    made = scene(Look(), "short")
    goal = old_hem_v(made.person, made.body) + COVER
    own = PIT + (goal - PIT) / need
    found = top_length(own, PIT, made.person, made.body, OUT)
    assert found.notes == notes
    assert found.short == pytest.approx(need, rel=1e-3)
    if need > MOST:
        assert (found.hem_v, found.stretched) == (own, 1.0), "its own length, and the worn top shows"
    else:
        assert found.hem_v == pytest.approx(goal)
        assert found.stretched == pytest.approx(need, rel=1e-3)


def test_the_callers_length_counts(scene: Callable) -> None:
    made = scene(Look(), "short")
    empty = replace(made.person, upper=np.zeros(made.shape, np.float32))
    own = [top_length(1.5, PIT, empty, made.body, TryOnOptions(length=f)).hem_v for f in (0.8, 1.0, 1.25)]
    np.testing.assert_allclose(own, PIT + 1.05 * np.array([0.8, 1.0, 1.25]))


@pytest.mark.parametrize(("tuck", "inside"), [(Tuck.AUTO, True), (Tuck.IN, True), (Tuck.OUT, False)])
def test_a_tucked_persons_top_is_tucked_unless_asked_otherwise(scene: Callable, tuck: Tuck, inside: bool) -> None:
    made = tucked_in(scene(Look(), "short"), 1.1)
    found = top_length(1.7, PIT, made.person, made.body, TryOnOptions(tuck=tuck))
    assert (found.waist is not None) is inside
    if inside:
        assert found.waist == pytest.approx(1.2, abs=0.06)
    assert found.hem_v == 1.7


def test_above_a_bare_waist_nothing_is_tucked(scene: Callable) -> None:
    made = tucked_in(scene(Look(), "short"), 0.8)
    bare = replace(made.person, lower=np.zeros(made.shape, np.float32))
    assert top_length(1.6, PIT, bare, made.body, TryOnOptions()).waist is None
    wanted = top_length(1.6, PIT, bare, made.body, TryOnOptions(tuck=Tuck.IN))
    assert wanted.waist is None
    assert NO_BAND in wanted.notes


def test_a_dress_never_ends_above_the_thighs(scene: Callable) -> None:
    body = scene(Look(), "dress").body
    least = body.hip_v + MINI
    assert dress_length(least + 0.5, PIT, body, TryOnOptions()).hem_v == least + 0.5
    short = dress_length(1.0, PIT, body, TryOnOptions())
    assert short.hem_v == least
    assert short.stretched > QUIET
    assert short.notes == (SHORT_DRESS,)
    assert dress_length(least - 0.02, PIT, body, TryOnOptions()).notes == ()


def test_a_dress_that_would_be_very_long_is_taken_for_less_long(scene: Callable) -> None:
    body = scene(Look(), "dress").body
    usual, long, gown = (dress_length(v, 0.5, body, TryOnOptions()).hem_v for v in (2.6, 3.6, 5.5))
    assert usual == pytest.approx(2.6)
    assert 3.0 < long < 3.4
    ankles = max(float(body.coords(leg.points[-1])[1]) for leg in body.legs)
    assert ankles < gown < ankles + 0.3, "to the floor and no farther"
