"""The worn lower garment: its pixels, its waistband, the hips' width, on the mannequin and on drawn masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape.body import body_of
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.waist import (
    COLUMNS,
    MAX_DROP,
    extents,
    find_waist,
    grounded,
    halves,
    heights,
    sample,
    worn_lower,
)


def tucked(made: Scene, curve: Callable[[np.ndarray], np.ndarray]) -> tuple[Scene, np.ndarray]:
    """The scene with a top that ends in a waistband whose upper edge runs at v = curve(u)."""
    v = heights(made.body, made.shape)
    u = np.arange(made.shape[1])[None, :] - made.body.origin[0]
    edge = curve(u / made.body.sw)
    trunk = (made.person.upper + made.person.lower) > 0.5
    lower = np.asarray(((v > edge) & trunk & (v < 3.0)) | (made.person.lower > 0.5), np.float32)
    upper = np.asarray(np.where(lower > 0, 0.0, made.person.upper), np.float32)
    return replace(made, person=replace(made.person, upper=upper, lower=lower)), lower


def test_a_waistband_in_sight_is_followed_in_tilt_and_bend(scene: Callable) -> None:
    made, lower = tucked(scene(Look(), "trousers"), lambda u: 1.15 + 0.1 * u - 0.2 * u * u)
    waist = find_waist(lower, made.person, made.body)
    assert waist is not None
    assert waist.shown
    assert waist.v == pytest.approx(1.15, abs=0.04)
    inner = np.abs(waist.u) < 0.4
    truth = 0.1 * waist.u - 0.2 * waist.u**2
    assert np.abs(waist.drop - truth)[inner].max() < 0.035


def test_a_hand_over_the_waistband_does_not_bend_it_down(scene: Callable) -> None:
    made, lower = tucked(scene(Look(), "trousers"), lambda u: 1.15 + 0 * u)
    u = (np.arange(made.shape[1]) - made.body.origin[0]) / made.body.sw
    v = heights(made.body, made.shape)
    lower[(np.abs(u - 0.24) < 0.07)[None, :] & (v < 1.5)] = 0.0
    waist = find_waist(lower, made.person, made.body)
    assert waist is not None
    assert np.abs(waist.drop).max() < 0.08


def test_the_hem_of_a_hanging_top_is_no_waistband(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    waist = find_waist(worn_lower(made.person, made.body), made.person, made.body)
    assert waist is not None
    assert not waist.shown
    assert np.abs(waist.drop).max() <= MAX_DROP


def test_without_a_lower_garment_in_sight_there_is_no_waist(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    assert find_waist(np.zeros(made.shape, np.float32), made.person, made.body) is None


def test_of_a_dress_the_part_below_the_waist_is_worn_below(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    nothing = np.zeros(made.shape, np.float32)
    dress = np.asarray(np.maximum(made.person.upper, made.person.lower), np.float32)
    lower = worn_lower(replace(made.person, upper=nothing, lower=nothing, full=dress), made.body)
    v = heights(made.body, made.shape)
    assert not lower[v < made.body.hip_v - 0.45].any()
    inside = (dress > 0.95) & (v > made.body.hip_v - 0.3)
    assert lower[inside].min() > 0.9


def test_a_skirt_taken_for_a_dress_under_a_top_is_worn_below_in_whole(scene: Callable) -> None:
    made, skirt = tucked(scene(Look(), "trousers"), lambda u: 1.0 + 0 * u)
    person = replace(made.person, lower=np.zeros(made.shape, np.float32), full=skirt)
    assert worn_lower(person, made.body)[skirt > 0.5].min() > 0.9


def test_a_waistband_taken_for_a_top_belongs_to_the_trousers(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    v = heights(made.body, made.shape)
    trunk = made.person.upper > 0.5
    band = np.asarray(trunk & (v > 1.25), np.float32)
    person = replace(made.person, upper=band)
    assert worn_lower(person, made.body)[band > 0.5].min() > 0.9
    assert worn_lower(made.person, made.body)[trunk & (v < 1.4)].mean() < 0.02, "a top stays one"


def test_shoulders_outside_the_picture_are_not_believed(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    assert grounded(made.person, made.body) is made.body
    pose = made.person.pose
    points = pose.points.copy()
    points[[11, 12]] = [(-40.0, -90.0), (-220.0, -60.0)]
    person = replace(made.person, pose=replace(pose, points=points))
    tilted = body_of(person.pose)
    assert tilted.uy[1] < 0.95
    frame = grounded(person, tilted)
    np.testing.assert_array_equal(frame.uy, [0, 1])
    assert frame.sw == pytest.approx(made.body.sw, rel=0.3)
    np.testing.assert_allclose(frame.coords((frame.hips[0] + frame.hips[1]) / 2)[0], 0.0, atol=1e-3)


def test_halves_are_the_outline_and_mirror_what_is_hidden(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    vs, usual = np.array([1.3, 1.5, 1.7], np.float32), np.full(3, 0.5, np.float32)
    cloth = np.asarray(made.person.cloth > 0.5) & (np.minimum(made.arms[0].ratio, made.arms[1].ratio) > 1.6)
    alone = replace(made.person, alpha=np.asarray(cloth, np.float32))
    seen = halves(cloth, alone, made.body, vs, usual)
    assert seen.shape == (3, 2)
    assert np.abs(seen[:, 0] - seen[:, 1]).max() < 0.06
    # A bag hides the right side of the last row: its middle is the other rows'.
    hidden = alone.alpha.copy()
    v = heights(made.body, made.shape)
    hidden[np.abs(v - 1.7) < 0.05] = 1.0
    again = halves(cloth, replace(alone, alpha=hidden), made.body, vs, usual)
    np.testing.assert_allclose(again[:2], seen[:2], atol=0.02)
    assert (again > 0.3).all()


def test_halves_without_any_cloth_are_the_usual_ones(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    usual = np.array([0.4, 0.5], np.float32)
    found = halves(np.zeros(made.shape, bool), made.person, made.body, np.array([1.3, 1.6], np.float32), usual)
    np.testing.assert_allclose(found, np.stack([usual, usual], axis=1))


def test_extents_stop_at_the_edge_and_answer_nan_where_it_is_hidden() -> None:
    mask = np.zeros((20, 60), bool)
    mask[:, 10:40] = True
    right = np.array([[1, 0]], np.float32)
    clear, person = np.asarray(mask, np.float32), np.ones((20, 60), np.float32)
    start = np.array([[20, 10]], np.float32)
    assert [d[0] for d in extents(mask, clear, start, right, 50.0, 4.0)] == [20, 20]
    hidden, seen = extents(mask, person, start, right, 50.0, 4.0)
    assert np.isnan(hidden[0]), "something of the person hides the edge"
    assert seen[0] == 20
    assert np.isnan(extents(mask, clear, start, right, 10.0, 4.0)).all(), "it does not end within the limit"
    assert np.isnan(extents(mask, clear, np.array([[2, 10]], np.float32), right, 50.0, 4.0)).all(), "it starts outside"


def test_outside_the_picture_nothing_is_sampled() -> None:
    mask = np.ones((4, 6), bool)
    points = np.array([[0, 0], [5, 3], [6, 0], [-1, 0], [0, 4]], np.float32)
    np.testing.assert_array_equal(sample(mask, points), [True, True, False, False, False])
    assert len(COLUMNS) % 2 == 1


def test_a_hand_at_one_end_of_the_waistband_does_not_slant_it(scene: Callable) -> None:
    made, lower = tucked(scene(Look(), "trousers"), lambda u: 1.15 + 0 * u)
    u = (np.arange(made.shape[1]) - made.body.origin[0]) / made.body.sw
    v = heights(made.body, made.shape)
    lower[(u < -0.2)[None, :] & (v < 1.33)] = 0.0
    waist = find_waist(lower, made.person, made.body)
    assert waist is not None
    assert waist.v < 1.17
    assert np.abs(waist.drop).max() < 0.10, "of the 0.18 that the hand hides"


@pytest.mark.parametrize("height", [0.5, 0.65])
def test_a_garment_that_begins_on_the_chest_has_no_waistband_there(scene: Callable, height: float) -> None:
    made, lower = tucked(scene(Look(), "trousers"), lambda u: height + 0 * u)
    assert find_waist(lower, made.person, made.body) is None


def test_no_waistband_lies_below_the_hips(scene: Callable) -> None:
    made, lower = tucked(scene(Look(), "trousers"), lambda u: 1.15 + 0 * u)
    v = heights(made.body, made.shape)
    held = np.where(v < made.body.hip_v + 0.1, np.float32(0.0), lower)
    bare = replace(made.person, upper=np.zeros_like(made.person.upper))
    waist = find_waist(held, bare, made.body)
    assert waist is not None
    assert not waist.shown


def test_hips_may_be_no_wider_than_told(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    u = (np.arange(made.shape[1]) - made.body.origin[0]) / made.body.sw
    wide = np.repeat((np.abs(u) < 0.5)[None], made.shape[0], axis=0)
    vs, usual = np.array([1.5, 1.7, 1.9], np.float32), np.full(3, 0.3, np.float32)
    empty = replace(made.person, alpha=wide.astype(np.float32))
    loose, tight = (halves(wide, empty, made.body, vs, usual, w).sum(axis=1) / 2 for w in ((1.4, 1.2), (1.1, 1.06)))
    assert (tight < loose).all()
    np.testing.assert_allclose(tight[[0, -1]], [0.33, 0.318], atol=1e-3)
