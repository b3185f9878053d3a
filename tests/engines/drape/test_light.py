"""Light of the photo on the new cloth: measured on skin and old cloth, round, hollow, folded; the colour keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.drape import light
from fittingroom.engines.drape.parts import Drawn
from fittingroom.engines.drape.proxy import proxy
from fittingroom.engines.drape.raster import raster
from fittingroom.engines.drape.relief import read_relief
from fittingroom.engines.drape.scene import Scene

LOOK = Look(width=540, height=720)


@pytest.fixture
def standing(scene: Callable[..., Scene]) -> Scene:
    return scene(LOOK, "short")


def cloth(scene: Scene, colour: tuple[int, int, int] = (120, 110, 100)) -> Drawn:
    """A new top exactly over the old one's trunk."""
    rgb = np.broadcast_to(np.array(colour, np.float32), (*scene.shape, 3)).copy()
    trunk = scene.person.upper * np.asarray(np.min([a.ratio for a in scene.arms], axis=0) > 1.2, np.float32)
    return Drawn("trunk", rgb, trunk)


def flat(scene: Scene) -> np.ndarray:
    return np.zeros(raster(scene.shape, scene.body.sw).size, np.float32)


def lit_by(scene: Scene, lamp: light.Light) -> Scene:
    """The same person under another light, laid on with the figure's own normals."""
    grid = raster(scene.shape, scene.body.sw)
    figure = light._figure(scene, [cloth(scene)], grid)
    factor = np.exp(grid.up(lamp.on(figure.normal)))[..., None]
    photo = np.clip((scene.person.rgb + 12.0) * factor - 12.0, 0, 255).astype(np.uint8)
    return replace(scene, person=replace(scene.person, rgb=photo))


def seen(scene: Scene) -> light.Light:
    grid = raster(scene.shape, scene.body.sw)
    relief = read_relief(scene.person.rgb, scene.person.upper, grid)
    return light.measured(scene, light._figure(scene, [cloth(scene)], grid), relief, scene.person.upper, grid)


@pytest.mark.parametrize("across", [-0.2, 0.2])
def test_the_lights_side_is_recovered(standing: Scene, across: float) -> None:
    found = seen(lit_by(standing, light.Light(across, -0.1, -0.2)))
    assert np.sign(found.across) == np.sign(across)
    assert abs(found.across) > 0.5 * abs(across)


def test_light_from_the_front_has_no_side(standing: Scene) -> None:
    assert abs(seen(lit_by(standing, light.Light(0.0, -0.1, -0.2))).across) < 0.06


def test_without_evidence_the_usual_light_is_taken(standing: Scene) -> None:
    grid = raster(standing.shape, standing.body.sw)
    none = np.zeros(standing.shape, np.float32)
    blind = replace(standing, person=replace(standing.person, skin=none))
    relief = read_relief(standing.person.rgb, none, grid)
    found = light.measured(blind, light._figure(blind, [cloth(blind)], grid), relief, none, grid)
    np.testing.assert_allclose((found.across, found.down, found.away), light.USUAL, atol=1e-6)


def test_a_cylinder_is_dark_where_it_turns_from_the_light() -> None:
    mask = np.zeros((200, 200), np.float32)
    mask[20:180, 60:140] = 1.0
    figure = proxy(mask, [], raster((200, 200), 60.0), shoulders=True)
    row = light.Light(0.2, 0.0, -0.2).on(figure.normal)[100]
    assert row[65] < row[100] - 0.1
    assert row[100] == pytest.approx(0.0, abs=0.02)
    assert row[130] > row[70]


@pytest.mark.parametrize("colour", [(245, 245, 245), (120, 110, 100), (190, 40, 50)])
def test_the_colour_keeps(standing: Scene, colour: tuple[int, int, int]) -> None:
    part = cloth(standing, colour)
    shade = light.cloth_light(standing, [part], standing.person.upper, flat(standing))[0]
    inside = part.alpha > 0.9
    assert abs(float(np.median(shade[inside])) - 1.0) < 0.04
    assert np.exp(light.RANGE[0]) * 0.85 <= shade.min()
    assert shade.max() <= np.exp(light.RANGE[1]) * 1.05
    assert float(np.percentile(np.abs(shade[inside] - 1.0), 50)) < 0.06


def test_sides_are_darker_than_the_middle(standing: Scene) -> None:
    shade = light.cloth_light(standing, [cloth(standing)], standing.person.upper, flat(standing))[0]
    at = {u: np.round(standing.body.at(u, 1.0)).astype(int) for u in (-0.42, 0.0, 0.42)}
    value = {u: float(shade[y - 4 : y + 5, x - 1 : x + 2].mean()) for u, (x, y) in at.items()}
    assert value[-0.42] < value[0.0] - 0.02
    assert value[0.42] < value[0.0] - 0.02


def test_the_old_garments_folds_are_kept_and_its_print_is_not(standing: Scene) -> None:
    ys, xs = np.mgrid[0 : standing.shape[0], 0 : standing.shape[1]].astype(np.float32)
    sw = standing.body.sw
    folds = 0.10 * np.sin(xs / (0.05 * sw))
    uv = standing.body.coords(np.stack([xs, ys], axis=-1))
    box = (np.abs(uv[..., 0]) < 0.2) & (uv[..., 1] > 0.6) & (uv[..., 1] < 1.0)
    area = (np.abs(uv[..., 0]) < 0.35) & (uv[..., 1] > 0.5) & (uv[..., 1] < 1.3)
    old = standing.person.upper[..., None] > 0.5

    def shade(change: np.ndarray) -> np.ndarray:
        photo = np.where(old, standing.person.rgb * change[..., None], standing.person.rgb)
        worn = replace(standing, person=replace(standing.person, rgb=np.clip(photo, 0, 255).astype(np.uint8)))
        return np.log(light.cloth_light(worn, [cloth(worn)], worn.person.upper, flat(worn))[0])

    plain = shade(np.ones(standing.shape))
    assert np.corrcoef((shade(np.exp(folds)) - plain)[area], folds[area])[0, 1] > 0.8
    printed = shade(np.where(box, 0.3, 1.0)) - plain
    assert np.abs(printed[area]).max() < 0.12
    assert abs(float(printed[box].mean() - printed[area & ~box].mean())) < 0.03
    assert standing.signals["relief_trust"] <= 1.0


def test_a_height_field_shows(standing: Scene) -> None:
    grid = raster(standing.shape, standing.body.sw)
    x, y = np.round(grid.points(standing.body.at(0.0, 0.9))).astype(int)
    height = flat(standing)
    height[y - 12 : y + 12, x - 1 : x + 2] = 0.02
    height = grid.blur(height, 0.02)
    before, after = (
        light.cloth_light(standing, [cloth(standing)], standing.person.upper, h)[0] for h in (flat(standing), height)
    )
    assert 0.02 < np.abs(after - before).max() < 0.4


@pytest.mark.parametrize(("level", "limits"), [(40, light.LIMITS), (245, light.PALE_LIMITS)])
def test_folds_are_weaker_in_pale_cloth(
    standing: Scene, level: int, limits: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = cloth(standing, (level, level, level))
    np.testing.assert_allclose(light.fold_limits([part]), limits, atol=1e-6)
    deep = flat(standing)
    deep[::9] = 0.5
    inside = part.alpha > 0.9
    monkeypatch.setattr(light, "_median", lambda *_: 0.0)

    def log(height: np.ndarray) -> np.ndarray:
        return np.log(light.cloth_light(standing, [part], standing.person.upper, height)[0][inside])

    change = log(deep) - log(flat(standing))
    assert -sum(limits) - 0.01 < change.min() < -0.7 * limits[0]
    assert 0.5 * limits[1] < change.max() < sum(limits) + 0.01


def test_limits_keep_the_folds_order() -> None:
    folds = np.linspace(-3.0, 3.0, 61, dtype=np.float32)
    limited = light.within_limits(folds, light.PALE_LIMITS)
    assert (np.diff(limited) >= 0).all()
    assert limited[30] == 0.0
    np.testing.assert_allclose((limited[0], limited[-1]), (-light.PALE_LIMITS[0], light.PALE_LIMITS[1]), atol=1e-3)
    assert light.fold_limits([]) == pytest.approx(light.LIMITS)


def test_contact_shadow_falls_downwards_and_ends(standing: Scene) -> None:
    front = np.zeros(standing.shape, np.float32)
    x, y = np.round(standing.body.origin).astype(int)
    front[y - 20 : y, x - 40 : x + 40] = 1.0
    factor = light.contact(front, standing.body.sw)
    assert 1.0 - light.CHIN_SHADOW - 0.02 <= factor.min() < 0.9
    assert factor[y + 3, x] < factor[y - 24, x]
    np.testing.assert_allclose(factor[y + round(0.5 * standing.body.sw) :], 1.0, atol=1e-2)
    np.testing.assert_allclose(light.contact(front, standing.body.sw, 0.0), 1.0, atol=1e-6)


def test_lit_cloth_stays_behind_what_is_kept(standing: Scene) -> None:
    keep = np.zeros(standing.shape, np.float32)
    keep[: standing.shape[0] // 2] = 1.0
    layer = light.lit_cloth(standing, [cloth(standing)], standing.person.upper, keep)[0]
    assert not layer.alpha[: standing.shape[0] // 2].any()
    assert layer.alpha.max() > 0.99
    again = light.lit_cloth(standing, [cloth(standing)], standing.person.upper, keep)[0]
    assert (again.rgb == layer.rgb).all(), "the same seed, the same picture"


def test_crumpled_product_photos_are_known(standing: Scene) -> None:
    garment = standing.garment
    xs = np.arange(garment.alpha.shape[1], dtype=np.float32)
    waves = np.exp(0.2 * np.sin(xs / (0.012 * len(xs))))[None, :, None]
    creased = replace(garment, rgb=np.clip(garment.rgb * waves, 0, 255).astype(np.uint8))
    smooth = replace(garment, rgb=np.full_like(garment.rgb, 120))
    assert light.own_folds(replace(standing, garment=smooth).own_relief) < 0.1
    assert light.own_folds(replace(standing, garment=creased).own_relief) > 0.5


def test_legs_folds_are_no_skirts(standing: Scene) -> None:
    grid = raster(standing.shape, standing.body.sw)
    trunk = cloth(standing)
    leg = replace(trunk, name="leg_left")
    y = round(float(grid.points(standing.body.at(0.0, standing.body.hip_v + 0.5))[1]))
    assert light._same_kind(standing, [trunk], grid)[y].max() == 0.0
    assert light._same_kind(standing, [trunk], grid)[y // 3].min() == 1.0
    assert light._same_kind(standing, [leg], grid).min() == 1.0


def test_dark_old_cloth_counts_for_less(standing: Scene) -> None:
    grid = raster(standing.shape, standing.body.sw)

    def of(level: int) -> float:
        photo = np.full_like(standing.person.rgb, level)
        dressed = replace(standing, person=replace(standing.person, rgb=photo))
        return light._matt(dressed, standing.person.upper, grid)

    assert of(5) == pytest.approx(light.LEAST_MATT)
    assert of(20) == pytest.approx(20 / light.MATT)
    assert of(200) == 1.0
    assert light._matt(standing, np.zeros(standing.shape, np.float32), grid) == 1.0
