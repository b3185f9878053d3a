"""Makes the flat product photo stand in the person photo's light.

The body's relief (`proxy`) is lit as the person's skin and old clothes show that it is lit; the folds that the old
garment shows (`relief`) and those that the pose makes (`folds`) go on top; crevices, chin, hair and sleeves throw soft
shadows. Everything is worked out as the logarithm of a brightness factor on the raster. Invariant: the garment's hue is
its product photo's, and half of it is within a few per cent of its own brightness, since the colour is the product.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.colour import exposure
from fittingroom.engines.drape.composite import Layer, cloth_layer
from fittingroom.engines.drape.creases import pose_folds
from fittingroom.engines.drape.edges import hem_light
from fittingroom.engines.drape.folds import bent, height_field, slope
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.optics import edge_blur, matte
from fittingroom.engines.drape.parts import Drawn, union
from fittingroom.engines.drape.proxy import Proxy, proxy
from fittingroom.engines.drape.raster import Raster, raster
from fittingroom.engines.drape.relief import Relief, read_relief
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.torso import MARK_SIDES
from fittingroom.engines.protocol import Mask

USUAL = np.array([0.0, -0.09, -0.20])
LEAST, MOST = np.array([-0.22, -0.26, -0.40]), np.array([0.22, 0.04, -0.08])
TRUST_USUAL = 0.06
TOO_STEEP = 0.72
ENOUGH = 40
RANGE = (-0.55, 0.20)
CREVICE = 0.34
CHIN_SHADOW = 0.30
SLEEVE_SHADOW = 0.26
FOLD_STRENGTH = 1.7
FOLD_LIMIT = 0.24
"""What the folds' log brightness is scaled from: its greatest in cloth of middle brightness."""
PALE, PALE_LIMITS = (110.0, 190.0), (0.12, 0.04)
"""Grey levels between which cloth turns pale, and how far folds darken and lighten it there (log brightness): dark
folds on pale cloth read as dirt, bright ones as satin."""
LIMITS = (0.22, 0.14)
FOLD_SLOPE = 3.0
FOLD_DEPTH = 16.0
USUAL_SPREAD = 0.06
MATT, LEAST_MATT = 110.0, 0.15
CREASED = (0.025, 0.075)


@dataclass(frozen=True, slots=True)
class Light:
    """How the logarithm of brightness changes with the surface's direction: `across` per unit of the normal towards
    the picture's right, `down` towards its bottom, `away` as it turns away from the camera. The first-order part of
    what a distant light does to a matt surface (Ramamoorthi and Hanrahan 2001)."""

    across: float
    down: float
    away: float

    def on(self, normal: FloatArray) -> FloatArray:
        """Log brightness float32 (h, w) of surfaces with these normals (h, w, 3); 0 for one that faces the camera."""
        return np.asarray(
            self.across * normal[..., 0] + self.down * normal[..., 1] + self.away * (1.0 - normal[..., 2]), np.float32
        )


def cloth_light(scene: Scene, drawn: list[Drawn], old: Mask, height: FloatArray) -> list[FloatArray]:
    """The brightness factor float32 (H, W) for each drawn part. old: what was worn. height: of the
    folds that the pose makes, on the raster, in shoulder distances."""
    grid = raster(scene.shape, scene.body.sw)
    figure = _figure(scene, drawn, grid)
    seen = np.asarray(old * (1.0 - np.clip(3.0 * scene.person.hair, 0.0, 1.0)), np.float32)
    relief = read_relief(scene.person.rgb, seen, grid)
    lamp = measured(scene, figure, relief, old, grid)
    scene.signals["relief_trust"] = relief.trust
    cover = grid.down(union([d.alpha for d in drawn]))
    log = lamp.on(figure.normal) + CREVICE * (figure.open - 1.0)
    baked = own_folds(scene.own_relief)
    known = _same_kind(scene, drawn, grid)
    worn = known * _matt(scene, old, grid) * _worn_folds(relief)
    posed = (1.0 - 0.4 * relief.trust * known) * _fold_light(height, lamp, grid)
    log = log + within_limits((1.0 - 0.6 * baked) * (worn + posed), fold_limits(drawn))
    log = log - _median(log, cover) + np.log(exposure(scene.person.rgb))
    head = _dropped(grid.down(scene.head), lamp, grid)
    log = log + np.log1p(-CHIN_SHADOW * head)
    sleeves = [d for d in drawn if d.name.startswith("sleeve")]
    above = log
    if sleeves:
        above = log + np.log1p(-SLEEVE_SHADOW * _dropped(grid.down(union([s.alpha for s in sleeves])), lamp, grid))
    logs = [log if d in sleeves else above for d in drawn]
    shades = [np.exp(np.clip(grid.up(np.asarray(v, np.float32)), *RANGE)) for v in logs]
    return [shade * hem_light(d.alpha, scene.body.sw) for shade, d in zip(shades, drawn, strict=True)]


def lit_cloth(scene: Scene, drawn: list[Drawn], old: Mask, keep: Mask) -> list[Layer]:
    """Each drawn part as a layer in the photo's light, behind everything that `keep` (1 = in front) protects."""
    sigma = edge_blur(scene.person)
    clear = [replace(d, alpha=matte(d.alpha, sigma)) for d in drawn]
    grid = raster(scene.shape, scene.body.sw)
    rng = np.random.default_rng(scene.options.seed + 1)
    height = height_field(pose_folds(scene, clear, rng), grid, rng)
    clear = [bent(d, height, grid) for d in clear]
    shades = cloth_light(scene, clear, old, height)
    return [cloth_layer(d, keep, shade, scene.grain) for d, shade in zip(clear, shades, strict=True)]


def contact(front: Mask, sw: float, strength: float = CHIN_SHADOW) -> FloatArray:
    """Brightness factor float32 (H, W) of the soft shadow that what lies in front (chin, hair) throws downwards."""
    grid = raster((front.shape[0], front.shape[1]), sw)
    return np.asarray(1.0 - strength * grid.up(_dropped(grid.down(front), Light(*USUAL), grid)), np.float32)


def measured(scene: Scene, figure: Proxy, relief: Relief, old: Mask, grid: Raster) -> Light:
    """The photo's light from how skin and old cloth darken over the figure's relief.

    Ridge regression towards a soft light from the front and above, so that little or odd evidence changes little.
    """
    normal = figure.normal.reshape(-1, 3)
    features = np.stack([normal[:, 0], normal[:, 1], 1.0 - normal[:, 2]], axis=1)
    grey = np.log(grid.down(cv2.cvtColor(scene.person.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)) + 12.0)
    limbs = np.min([grid.near(arm.ratio) for arm in scene.arms], axis=0) < 0.95
    cloth = grid.down(old) > 0.8
    flat = normal[:, 2].reshape(grid.size) > TOO_STEEP
    evidence = [(grey, (grid.down(scene.person.skin) > 0.8) & limbs & flat, 1.0)]
    evidence.append((relief.shade, cloth & flat, relief.trust))
    left, right = TRUST_USUAL * np.eye(3), TRUST_USUAL * USUAL
    for values, where, weight in evidence:
        if int(where.sum()) < ENOUGH or weight <= 0:
            continue
        x = features[where.ravel()]
        x = x - x.mean(axis=0)
        y = np.clip(values[where] - np.median(values[where]), -0.5, 0.5)
        left = left + weight * x.T @ x / len(x)
        right = right + weight * x.T @ y / len(x)
    across, down, away = np.clip(np.linalg.solve(left, right), LEAST, MOST)
    return Light(float(across), float(down), float(away))


def _figure(scene: Scene, drawn: list[Drawn], grid: Raster) -> Proxy:
    """The clothed body: the new garment's parts, and the bare arms before them."""
    by_name = {d.name: d.alpha for d in drawn}
    none = np.zeros(scene.shape, np.float32)
    arms = [
        (scene.arms[s], by_name.get(f"sleeve_{n}", scene.person.skin * (scene.arms[s].ratio < 1.3)))
        for s, n in zip(SIDES, MARK_SIDES, strict=True)
    ]
    legs = [
        (scene.legs[s], by_name[f"leg_{n}"]) for s, n in zip(SIDES, MARK_SIDES, strict=True) if f"leg_{n}" in by_name
    ]
    trunk = by_name.get("trunk", by_name.get("skirt", none))
    if legs:
        height = np.arange(scene.shape[0], dtype=np.float32)[:, None]
        crotch = float(scene.body.hips[0][1] + scene.body.hips[1][1]) / 2 + 0.2 * scene.body.sw
        trunk = union([m for _, m in legs]) * (height < crotch)
    return proxy(np.asarray(trunk, np.float32), [*arms, *legs], grid, shoulders="trunk" in by_name)


def own_folds(own: Relief) -> float:
    """0..1: how much of its own creases the garment photo shows; it then needs fewer new ones."""
    return float(np.clip((own.spread - CREASED[0]) / (CREASED[1] - CREASED[0]), 0.0, 1.0))


def fold_limits(drawn: list[Drawn]) -> tuple[float, float]:
    """How far folds may darken and lighten this cloth at most, as logarithms of brightness, both > 0."""
    greys = [cv2.cvtColor(d.rgb, cv2.COLOR_RGB2GRAY)[d.alpha > 0.8] for d in drawn]
    shown = np.concatenate(greys) if greys else np.zeros(0, np.float32)
    grey = float(np.median(shown)) if shown.size else 0.0
    pale = float(np.clip((grey - PALE[0]) / (PALE[1] - PALE[0]), 0.0, 1.0))
    dark, light = ((1.0 - pale) * usual + pale * least for usual, least in zip(LIMITS, PALE_LIMITS, strict=True))
    return dark, light


def within_limits(log: FloatArray, limits: tuple[float, float]) -> FloatArray:
    """Log brightness (h, w) scaled and softly limited to -limits[0] .. limits[1]; its sign and order stay."""
    return np.asarray(np.where(log < 0, limits[0], limits[1]) * np.tanh(log / FOLD_LIMIT), np.float32)


def _same_kind(scene: Scene, drawn: list[Drawn], grid: Raster) -> FloatArray:
    """1 where old and new garment hang on the body alike: legs' folds tell nothing about a skirt's. (h, w)"""
    long = not any(d.name.startswith("leg") for d in drawn)
    height = np.arange(grid.size[0], dtype=np.float32)[:, None] * np.ones((1, grid.size[1]), np.float32)
    hips = float(grid.points(scene.body.at(0.0, scene.body.hip_v - 0.1))[1])
    ends = np.clip((hips - height) / (0.2 * grid.unit) + 0.5, 0.0, 1.0) if long else np.ones_like(height)
    return np.asarray(ends, np.float32)


def _matt(scene: Scene, old: Mask, grid: Raster) -> float:
    """How far the old cloth's folds are worth keeping: dark cloth shows gloss, dust and noise as strongly as light."""
    worn = grid.down(old) > 0.8
    grey = grid.down(cv2.cvtColor(scene.person.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32))[worn]
    return float(np.clip(np.median(grey) / MATT, LEAST_MATT, 1.0)) if grey.size else 1.0


def _worn_folds(relief: Relief) -> FloatArray:
    """Log brightness of the old garment's folds, as strong as the new cloth would show them."""
    gain = FOLD_STRENGTH * (0.3 + 0.7 * relief.trust) * min(1.0, USUAL_SPREAD / max(relief.spread, 1e-4))
    return np.asarray(gain * relief.folds, np.float32)


def _fold_light(height: FloatArray, lamp: Light, grid: Raster) -> FloatArray:
    """Log brightness of ridges and valleys: lit from above and from where the light comes, and dark in the depth."""
    dx, dy = slope(height, grid)
    side = lamp.across + (0.12 if lamp.across >= 0 else -0.12)
    facing = -side * dx - (lamp.down - 0.10) * dy
    log = FOLD_SLOPE * facing + FOLD_DEPTH * np.minimum(height, 0.4 * height) * grid.unit / 60
    return np.asarray(log, np.float32)


def _dropped(front: FloatArray, lamp: Light, grid: Raster) -> FloatArray:
    """The soft shadow 0..1 of what lies in front: below it, and away from the light."""
    shift = 0.045 * grid.unit
    move = np.array([[1, 0, -shift * np.clip(4 * lamp.across, -1, 1)], [0, 1, shift]], np.float32)
    return grid.blur(np.asarray(cv2.warpAffine(front, move, front.shape[::-1]), np.float32), 0.045)


def _median(values: FloatArray, cover: FloatArray) -> float:
    inside = cover > 0.6
    return float(np.median(values[inside])) if inside.any() else 0.0
