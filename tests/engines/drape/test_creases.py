"""Which folds a pose makes: at armpits, elbows, hems and crotch, and none where nothing is worn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape import creases
from fittingroom.engines.drape.body import Body
from fittingroom.engines.drape.folds import Fold
from fittingroom.engines.drape.parts import Drawn
from fittingroom.engines.drape.scene import Scene


def part(name: str, scene: Scene, u: tuple[float, float], v: tuple[float, float]) -> Drawn:
    """A rectangle in the body's coordinates."""
    ys, xs = np.mgrid[0 : scene.shape[0], 0 : scene.shape[1]].astype(np.float32)
    uv = scene.body.coords(np.stack([xs, ys], axis=-1))
    inside = (uv[..., 0] > u[0]) & (uv[..., 0] < u[1]) & (uv[..., 1] > v[0]) & (uv[..., 1] < v[1])
    return Drawn(name, np.zeros((*scene.shape, 3), np.float32), np.asarray(inside, np.float32))


def sleeve(scene: Scene, side: int, end: float) -> Drawn:
    mask = scene.arms[side].band(0.0, end, wide=1.2)
    return Drawn(("sleeve_left", "sleeve_right")[side], np.zeros((*scene.shape, 3), np.float32), mask)


def made(scene: Scene, *parts: Drawn, seed: int = 1) -> list[Fold]:
    return creases.pose_folds(scene, list(parts), np.random.default_rng(seed))


def starts(folds: list[Fold], body: Body) -> np.ndarray:
    return body.coords(np.stack([f.start for f in folds]))


@pytest.fixture
def standing(scene: Callable[..., Scene]) -> Scene:
    return scene(Look(), "short")


def test_a_tee_folds_at_armpits_and_hem(standing: Scene) -> None:
    tee = [part("trunk", standing, (-0.55, 0.55), (-0.1, 1.7)), sleeve(standing, 0, 0.4), sleeve(standing, 1, 0.4)]
    at = starts(made(standing, *tee), standing.body)
    for sign in (-1, 1):
        assert (np.hypot(at[:, 0] - sign * 0.5, at[:, 1] - 0.52) < 0.12).sum() >= 2
    assert (np.abs(at[:, 1] - 1.7) < 0.12).sum() == 5
    assert (np.abs(at[:, 0]) < 1.3).all()


def test_a_sleeveless_top_has_no_fans(standing: Scene) -> None:
    at = starts(made(standing, part("trunk", standing, (-0.5, 0.5), (-0.1, 1.5))), standing.body)
    assert (at[:, 1] > 0.8).all()


def test_a_tucked_top_bunches_above_the_waistband(standing: Scene) -> None:
    hem = standing.body.hip_v - 0.3
    top = part("trunk", standing, (-0.5, 0.5), (-0.1, hem))
    held = replace(standing, person=replace(standing.person, lower=np.asarray(1.0 - top.alpha, np.float32)))
    bunches, waves = (starts(made(s, top), standing.body)[:, 1] for s in (held, standing))
    assert (np.abs(bunches - hem) < 0.1).sum() == 7
    assert (np.abs(waves - hem) < 0.1).sum() == 5


def test_a_bent_elbow_is_compressed(scene: Callable[..., Scene]) -> None:
    counts = {}
    for arms in ("down", "hips"):
        posed = scene(Look(arms=arms), "long")
        folds = made(posed, part("trunk", posed, (-0.5, 0.5), (-0.1, 1.6)), sleeve(posed, 0, 1.0))
        elbow = posed.body.coords(posed.body.arms[0].points[1])
        near = [f for f in folds if np.linalg.norm(posed.body.coords(f.start) - elbow) < 0.28]
        counts[arms] = max(f.height for f in near)
        assert len(near) >= 3
    assert counts["hips"] > counts["down"]


def test_a_short_sleeve_has_no_elbow(standing: Scene) -> None:
    trunk = part("trunk", standing, (-0.5, 0.5), (-0.1, 1.6))
    few = made(standing, trunk, sleeve(standing, 0, 0.4))
    many = made(standing, trunk, sleeve(standing, 0, 1.0))
    assert len(many) >= len(few) + 4


def test_trousers_have_whiskers_knees_and_breaks_and_shorts_only_whiskers(standing: Scene) -> None:
    def legs(end: float) -> list[Drawn]:
        blank = np.zeros((*standing.shape, 3), np.float32)
        masks = [standing.legs[s].band(0.0, end, wide=1.2) for s in (0, 1)]
        return [Drawn(n, blank, m) for n, m in zip(("leg_left", "leg_right"), masks, strict=True)]

    long, short = made(standing, *legs(1.0)), made(standing, *legs(0.4))
    assert len(short) == 6
    assert len(long) == 18
    crotch = starts(short, standing.body)
    assert (np.abs(crotch[:, 0]) < 0.1).all()
    assert (np.abs(crotch[:, 1] - standing.body.hip_v - 0.2) < 0.15).all()


@pytest.mark.parametrize("name", ["skirt", "trunk"])
def test_skirts_and_dresses_fall_in_vertical_folds(standing: Scene, name: str) -> None:
    hem = standing.body.hip_v + 0.9
    folds = made(standing, part(name, standing, (-0.6, 0.6), (1.2 if name == "skirt" else -0.1, hem)))
    assert 4 <= len(folds) <= 9
    for fold in folds:
        way = standing.body.coords(fold.end) - standing.body.coords(fold.start)
        assert way[1] < -0.2, "from the hem upwards"
        assert abs(way[0]) < 0.4 * abs(way[1])
        assert abs(standing.body.coords(fold.start)[0]) < 0.62


def test_the_same_seed_folds_the_same_way(standing: Scene) -> None:
    tee = [part("trunk", standing, (-0.55, 0.55), (-0.1, 1.7)), sleeve(standing, 0, 0.4)]
    first, again, other = made(standing, *tee, seed=3), made(standing, *tee, seed=3), made(standing, *tee, seed=4)
    assert all((a.start == b.start).all() and a.height == b.height for a, b in zip(first, again, strict=True))
    assert len(first) != len(other) or any((a.start != b.start).any() for a, b in zip(first, other, strict=True))
