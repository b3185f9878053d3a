"""Dressing in trousers, shorts or a skirt: the same steps as for a top, behind the top that stays on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fittingroom.engines.drape.backdrop import background_plate
from fittingroom.engines.drape.bare_layers import check_skin, limb_layer
from fittingroom.engines.drape.composite import Layer, composite
from fittingroom.engines.drape.edges import hem_shadow
from fittingroom.engines.drape.headless import whole_lower
from fittingroom.engines.drape.held import held_like_cloth
from fittingroom.engines.drape.in_front import carried, footwear, in_front, legwear
from fittingroom.engines.drape.legs import Leg, measure_leg, overlap
from fittingroom.engines.drape.light import lit_cloth
from fittingroom.engines.drape.lower_fit import LowerFit, fit_lower
from fittingroom.engines.drape.lower_marks import checked
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.parts import Drawn, Part, draw, union
from fittingroom.engines.drape.removal import Removal, remove_legs, unseen
from fittingroom.engines.drape.risk import removal_signals
from fittingroom.engines.drape.scene import Scene, steep
from fittingroom.engines.drape.skirt import hem_v, skirt
from fittingroom.engines.drape.trousers import trouser_legs
from fittingroom.engines.drape.types import Cut
from fittingroom.engines.drape.waist import grounded, worn_lower
from fittingroom.engines.protocol import ClothesType, Mask, RgbImage

BARE_ARMS = (0.0, 0.0)
BELOW_BAND, ABOVE_BAND, BESIDE_WAIST = 0.06, 0.15, 0.02
NEAR_HEM, OVER_EDGE = 0.03, 0.03
ABOVE_SHOE, INSIDE = 0.94, 0.04
BELOW_HANDS = 1.0
MIDDLE, BEYOND = 0.75, 2.0


def dress_lower(scene: Scene, clothes_type: ClothesType, done: Callable[[str], None]) -> tuple[RgbImage, Mask]:
    """Draw a lower garment. clothes_type is always Lower-body here. done: called with each finished stage's name."""
    cloth, doubt, fallback = checked(scene.garment)
    scene = replace(scene, body=grounded(scene.person, scene.body), garment=cloth)
    scene.signals.update({"mark_doubt": doubt, "lower_fallback": float(fallback)})
    person, body = scene.person, scene.body
    lower = np.asarray(worn_lower(person, body) * (1.0 - legwear(person, body, scene.legs)), np.float32)
    legs = measure_leg(person, body, 0, lower), measure_leg(person, body, 1, lower)
    fit = fit_lower(scene.garment, person, body, legs, lower, scene.options)
    scene.signals.update({"waist_doubt": fit.waist_doubt, "leg_overlap": overlap(body, legs)})
    parts = lower_parts(scene, fit, legs)
    done("fit")
    drawn = [draw(part, scene.cloth, scene.shape) for part in parts]
    scene.signals["fold_over"] = max(d.folded for d in drawn)
    done("warp")
    lower = whole_lower(scene, fit, lower)
    things, missed = in_front(person, body, scene.legs, lower)
    old = np.maximum(lower, missed)
    arms = np.max([scene.hands, scene.forearms(BARE_ARMS), scene.beside], axis=0)
    held = np.maximum(carried(person, body, old), held_like_cloth(person, body, scene.arms))
    feet = np.maximum(footwear(person, body, scene.legs, old) * (1.0 - _over_shafts(scene, drawn, fit)), held)
    keep = np.max(
        [scene.head, arms, steep(np.asarray(np.clip(person.upper - lower, 0.0, 1.0), np.float32)), things, feet], axis=0
    )
    keep = np.maximum(keep, _hiding(scene, fit, old))
    beside = np.asarray(np.maximum(old, _legs_inside(scene, fit) * (1.0 - keep)), np.float32)
    removal = remove_legs(person, body, beside, scene.legs, fit.reach, keep, _removed_from(scene, fit))
    done("removal")
    below = hem_v(scene.body, fit, legs) if cloth.cut is Cut.SKIRT else None
    removal = replace(removal, legs=_out_of_hems(scene, removal.legs, drawn, fit, below))
    layers = _layers(scene, drawn, old, removal, np.asarray(keep, np.float32))
    done("light")
    scene.layers.extend(layers)
    result = composite(person.rgb, layers)
    done("composite")
    return result


def lower_parts(scene: Scene, fit: LowerFit, legs: tuple[Leg, Leg]) -> list[Part]:
    """The parts to draw, those behind first."""
    if scene.garment.cut is Cut.SKIRT:
        return [skirt(scene.garment, scene.body, fit, legs)]
    parts = trouser_legs(scene.garment, scene.body, fit, legs)
    pose = scene.person.pose
    if pose is None:
        return parts
    depths = [_depth(scene, leg) for leg in legs]
    return parts if depths[0] >= depths[1] else parts[::-1]


def _legs_inside(scene: Scene, fit: LowerFit) -> Mask:
    """What the photo shows of the legs (skin, stockings) where the new garment covers them: nothing of it may peep out
    beside a trouser leg."""
    bands = [
        leg.band(0.0, min(end, ABOVE_SHOE) - INSIDE, wide=1.5) for leg, end in zip(scene.legs, fit.reach, strict=True)
    ]
    # A hanging hand ends above this.
    below = np.clip((scene.uv[1] - scene.body.hip_v - BELOW_HANDS) / 0.1, 0.0, 1.0)
    return np.asarray(np.maximum(*bands) * below * scene.person.alpha, np.float32)


def _over_shafts(scene: Scene, drawn: list[Drawn], fit: LowerFit) -> Mask:
    """Where trouser legs fall over the shafts of boots: their cloth above their hems."""
    if scene.garment.cut is Cut.SKIRT:
        return np.zeros(scene.shape, np.float32)
    above = [leg.band(0.0, end, wide=2.0) for leg, end in zip(scene.legs, fit.reach, strict=True)]
    return np.asarray(np.maximum(*above) * union([d.alpha for d in drawn]), np.float32)


def _hiding(scene: Scene, fit: LowerFit, old: Mask) -> Mask:
    """All of the person above the old garment's upper end, where a top, a bag or hands hide its waistband: they hide
    the new one's, too."""
    if fit.old_top is None:
        return np.zeros(scene.shape, np.float32)
    above = np.clip((fit.old_top - scene.uv[1]) / OVER_EDGE, 0.0, 1.0)
    return np.asarray(above * steep(scene.person.alpha) * (1.0 - steep(old)), np.float32)


def _out_of_hems(scene: Scene, bare: Mask, drawn: list[Drawn], fit: LowerFit, skirt: float | None) -> Mask:
    """`bare` without what would show beside the cloth: legs come out of hems alone. skirt: the height of a skirt's, sw.

    A trouser leg's hem need not run square to the leg, so the leg's middle may show a little above it.
    """
    if skirt is not None:
        below = np.clip((scene.uv[1] - skirt + NEAR_HEM) / NEAR_HEM, 0.0, 1.0)
    else:
        ends = [leg.band(end, BEYOND, wide=2.0) for leg, end in zip(scene.legs, fit.reach, strict=True)]
        middle = np.minimum(scene.legs[0].ratio, scene.legs[1].ratio)
        below = np.maximum(np.maximum(*ends), np.clip((MIDDLE - middle) / 0.1, 0.0, 1.0))
    return np.asarray(bare * np.maximum(below, union([d.alpha for d in drawn])), np.float32)


def _removed_from(scene: Scene, fit: LowerFit) -> FloatArray:
    """Height (sw), per pixel, above which nothing of the old garment is removed: the new waistband, and beside the
    waist a little more, where no trunk is that could be bared."""
    u, _ = scene.uv
    at = np.array([fit.waist_v], np.float32)
    outside = np.where(u < 0, -u - fit.side_at(at, 0), u - fit.side_at(at, 1)) > -BESIDE_WAIST
    return np.asarray(fit.waist_v + np.where(outside, -ABOVE_BAND, BELOW_BAND), np.float32)


def _depth(scene: Scene, leg: Leg) -> float:
    """Depth of the knee and ankle that BlazePose tells, larger is farther."""
    pose = scene.person.pose
    assert pose is not None
    joints = [int(np.argmin(np.linalg.norm(pose.points - p, axis=1))) for p in leg.limb.points[1:]]
    return float(pose.depth[joints].mean())


def _layers(scene: Scene, drawn: list[Drawn], old: Mask, removal: Removal, keep: Mask) -> list[Layer]:
    cover = union([d.alpha for d in drawn])
    if scene.tone is None:
        removal = removal.without_skin()
    needed = unseen(removal, np.asarray(cover * (1.0 - keep), np.float32))
    removal_signals(scene, removal, needed, cover, keep)
    gone = np.asarray(np.maximum(cover, np.maximum(removal.plate, removal.skin)), np.float32)
    plate = background_plate(scene.person, needed, scene.nets, scene.rng)
    layers = [*scene.clean_hair(gone), Layer(plate, removal.plate)]
    if scene.tone is not None:
        layers.append(limb_layer(scene, removal.legs, old, cover, scene.legs))
    layers += [hem_shadow(scene, drawn, removal, keep), *lit_cloth(scene, drawn, old, keep)]
    check_skin(scene, layers)
    return layers
