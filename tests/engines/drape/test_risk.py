"""Measures of what a picture had to invent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.removal import Removal
from fittingroom.engines.drape.risk import person_signals, removal_signals


def nothing(shape: tuple[int, int]) -> np.ndarray:
    return np.zeros(shape, np.float32)


def measured(made: object, hole: np.ndarray, skin: np.ndarray, cover: np.ndarray, keep: np.ndarray) -> dict[str, float]:
    none = nothing(hole.shape)
    removal_signals(made, Removal(none, none, skin, none), hole > 0, cover, keep)  # type: ignore[arg-type]
    return made.signals  # type: ignore[attr-defined]


def test_nothing_invented_is_nothing_to_fear(scene: Callable) -> None:
    made = scene(Look(), "short")
    none = nothing(made.shape)
    got = measured(made, none, none, np.asarray(made.person.upper), none)
    assert got == pytest.approx(dict.fromkeys(got, 0.0), abs=1e-6)


def test_a_hole_is_as_wide_as_it_is(scene: Callable) -> None:
    made = scene(Look(), "short")
    u, v = made.uv
    hole = (np.abs(u) < 0.25) & (np.abs(v - 1.0) < 0.6)
    got = measured(made, hole, nothing(made.shape), nothing(made.shape), nothing(made.shape))
    assert got["backdrop_hole"] == pytest.approx(0.5, abs=0.12)
    assert got["removed_share"] == pytest.approx(hole.sum() / (made.person.alpha > 0.5).sum())


def test_a_hole_at_the_frame_is_measured_too(scene: Callable) -> None:
    made = scene(Look(), "short")
    whole = np.ones(made.shape, bool)
    got = measured(made, whole, nothing(made.shape), nothing(made.shape), nothing(made.shape))
    assert got["backdrop_hole"] == pytest.approx(min(made.shape) / made.body.sw, rel=0.1)


def test_skin_counts_where_it_shows(scene: Callable) -> None:
    made = scene(Look(), "short")
    none, skin = nothing(made.shape), np.array(made.person.upper)
    shown = measured(made, none, skin, none, none)["painted_skin"]
    assert shown == pytest.approx((skin > 0.5).sum() / (made.person.alpha > 0.5).sum())
    assert measured(made, none, skin, skin, none)["painted_skin"] == 0.0


def test_what_stays_in_front_of_the_garment_is_its_share(scene: Callable) -> None:
    made = scene(Look(), "short")
    u, _ = made.uv
    cover, keep = np.array(made.person.upper), np.asarray(u > 0, np.float32)
    assert measured(made, cover < 0, cover, cover, keep)["kept_object"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(("arms", "crossed"), [("down", 0.0), ("out", 0.0), (("down", "hips"), 0.0)])
def test_arms_beside_the_trunk_do_not_cross_it(scene: Callable, arms: str, crossed: float) -> None:
    made = scene(Look(arms=arms), "short")
    person_signals(made)
    assert made.signals["crossed_arm"] == crossed


def test_a_hand_on_the_belly_crosses(scene: Callable) -> None:
    made = scene(Look(), "short")
    body = replace(made.body, hands=(np.stack([made.body.at(0.1, 1.0)] * 2), made.body.hands[1]))
    made = replace(made, body=body)
    person_signals(made)
    assert made.signals["crossed_arm"] == 0.5


def test_arms_out_of_sight_and_folded_thighs_are_told(scene: Callable) -> None:
    made = scene(Look(), "short")
    arms = tuple(replace(arm, seen=side == 0) for side, arm in enumerate(made.body.arms))
    hip, knee, ankle = made.body.legs[1].points
    legs = made.body.legs[0], replace(made.body.legs[1], points=np.stack([hip, hip + 0.2 * (knee - hip), ankle]))
    made = replace(made, body=replace(made.body, arms=arms, legs=legs))
    person_signals(made)
    assert made.signals["hidden_arm"] == 0.5
    assert made.signals["seated"] > 0.7


def test_a_leg_out_of_sight_says_nothing_of_sitting(scene: Callable) -> None:
    made = scene(Look(), "short")
    hip, knee, ankle = made.body.legs[1].points
    legs = tuple(
        replace(leg, points=np.stack([hip, hip + 0.2 * (knee - hip), ankle]), seen=False) for leg in made.body.legs
    )
    made = replace(made, body=replace(made.body, legs=legs))
    person_signals(made)
    assert made.signals["seated"] == 0.0


def test_disagreement_of_the_networks_is_told(scene: Callable) -> None:
    made = scene(Look(), "short")
    half = np.where(made.uv[1] < 1.0, made.person.cloth, np.float32(0.0))
    pose = replace(made.person.pose, mask=np.where(made.uv[1] < 1.0, made.person.pose.mask, np.float32(0.0)))
    made = replace(made, person=replace(made.person, overlooked=half, pose=pose))
    person_signals(made)
    assert made.signals["parsing_conflict"] == pytest.approx(half.sum() / made.person.cloth.sum())
    assert 0.2 < made.signals["outline_conflict"] < 0.9


@pytest.mark.parametrize("kind", ["short", "dress", "shorts"])
def test_every_picture_tells_its_risks(dressed: Callable, kind: str) -> None:
    names = "removed_share backdrop_hole painted_skin kept_object hidden_arm crossed_arm parsing_conflict"
    signals = dressed(Look(sleeves="long"), kind).signals
    told = [signals[name] for name in (*names.split(), "outline_conflict", "seated")]
    assert np.isfinite(told).all()
    assert min(told) >= 0
