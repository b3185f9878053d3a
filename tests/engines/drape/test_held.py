"""What a hand holds before the garment and looks like a part of it to the networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.held import AT_HAND, held_like_cloth
from fittingroom.engines.drape.scene import Scene

CLUTCH = (230, 210, 30)


def holding(
    standing: Scene, right: float, half: float, colour: tuple[int, int, int] = CLUTCH
) -> tuple[Scene, np.ndarray]:
    """The scene with a square thing `right` shoulder distances beside the left hand, in the cloth map; and where."""
    x, y = standing.body.hands[0].mean(axis=0)
    sw = standing.body.sw
    ys, xs = np.mgrid[: standing.shape[0], : standing.shape[1]]
    thing = np.maximum(np.abs(xs - x - right * sw), np.abs(ys - y)) < half * sw
    person = standing.person
    photo = np.where(thing[..., None], np.uint8(colour), person.rgb)
    maps = {name: np.where(thing, np.float32(0.0), getattr(person, name)) for name in ("skin", "hair", "face")}
    upper = np.where(thing, np.float32(0.9), person.upper)
    alpha = np.where(thing, np.float32(1.0), person.alpha)
    return replace(standing, person=replace(person, rgb=photo, upper=upper, alpha=alpha, **maps)), thing


def answer(made: Scene) -> np.ndarray:
    return held_like_cloth(made.person, made.body, made.arms)


def test_a_clutch_stays_whole(scene: Callable) -> None:
    made, thing = holding(scene(Look(), "short"), 0.25, 0.16)
    assert answer(made)[thing].mean() > 0.9
    assert answer(made)[~thing].mean() < 0.01


def test_its_clasp_stays_too(scene: Callable) -> None:
    standing = scene(Look(), "short")
    made, _ = holding(standing, 0.25, 0.16)
    own = tuple(int(c) for c in np.median(standing.person.rgb[standing.person.upper > 0.9], axis=0))
    made, clasp = holding(made, 0.25, 0.05, own)
    assert answer(made)[clasp].min() > 0.9


def test_what_has_the_garments_colour_is_the_garment(scene: Callable) -> None:
    standing = scene(Look(), "short")
    own = tuple(int(c) for c in np.median(standing.person.rgb[standing.person.upper > 0.9], axis=0))
    made, _ = holding(standing, 0.25, 0.16, own)
    assert answer(made).max() == 0


@pytest.mark.parametrize(("right", "half"), [(AT_HAND + 0.3, 0.05), (0.2, 0.06), (0.8, 0.2)])
def test_a_print_a_speck_and_what_is_at_no_hand_are_not_held(scene: Callable, right: float, half: float) -> None:
    made, _ = holding(scene(Look(), "short"), right, half)
    assert answer(made).max() == 0


def test_what_the_frame_cuts_off_is_a_garment(scene: Callable) -> None:
    made, thing = holding(scene(Look(), "short"), 0.25, 0.16)
    last = int(np.flatnonzero(thing.any(axis=1))[-1])
    person = made.person
    names = ("alpha", "hair", "face", "skin", "upper", "lower", "full", "rgb")
    cut = replace(person, **{name: getattr(person, name)[:last] for name in names})
    arms = tuple(replace(a, fraction=a.fraction[:last], ratio=a.ratio[:last]) for a in made.arms)
    assert held_like_cloth(cut, made.body, arms).max() == 0


def test_nobody_or_nothing_worn_holds_nothing(scene: Callable) -> None:
    made, _ = holding(scene(Look(), "short"), 0.25, 0.16)
    person = made.person
    assert held_like_cloth(replace(person, pose=None), made.body, made.arms).max() == 0
    none = np.zeros_like(person.upper)
    bare = replace(person, upper=none, lower=none, full=none)
    assert held_like_cloth(bare, made.body, made.arms).max() == 0
