"""Dressing in a top or a dress: fit, warp, removal, light and layers in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fittingroom.engines.drape.arm_ends import bare_from, under_trunk
from fittingroom.engines.drape.backdrop import background_plate
from fittingroom.engines.drape.bare_layers import check_skin, limb_layer, neck_layer
from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.collar import back_layer
from fittingroom.engines.drape.composite import Layer, composite
from fittingroom.engines.drape.edges import cuff_shadow, hem_shadow
from fittingroom.engines.drape.held import held_like_cloth
from fittingroom.engines.drape.in_front import carried, footwear, legwear
from fittingroom.engines.drape.layering import layered
from fittingroom.engines.drape.light import lit_cloth
from fittingroom.engines.drape.parts import Drawn, draw, union
from fittingroom.engines.drape.removal import Removal, coordinates, remove_legs, remove_top, unseen
from fittingroom.engines.drape.risk import removal_signals
from fittingroom.engines.drape.scene import Scene, steep
from fittingroom.engines.drape.shoulders import rounded_shoulders
from fittingroom.engines.drape.sleeves import sleeve_part, sleeve_reach
from fittingroom.engines.drape.torso import MARK_SIDES, Fit, fit_trunk, trunk_part
from fittingroom.engines.drape.types import Cut
from fittingroom.engines.drape.under_sleeve import hips_under_sleeves
from fittingroom.engines.protocol import ClothesType, Mask, RgbImage

ARMHOLE_OVERLAP = 0.055
CUFF_OVER = 0.05
"""How far along the arm a sleeve lies over it beyond its nominal end: the cuff's own edge ends it there."""

ROUND_TOP = 0.18
RISE = 0.35
SEAM = 0.06
ARMHOLE_OVER, NEAR_ARM = (0.24, 0.38), 1.5
SLEEVE_BOUND = 2.6
SLEEVES = tuple(f"sleeve_{side}" for side in MARK_SIDES)


def dress_upper(scene: Scene, clothes_type: ClothesType, done: Callable[[str], None]) -> tuple[RgbImage, Mask]:
    """Draw a top or a dress. done: called with each finished stage's name."""
    dress = clothes_type is ClothesType.DRESS
    person, body, garment = scene.person, scene.body, scene.garment
    fit = fit_trunk(garment, person, body, dress, scene.options)
    scene.notes.extend(fit.notes)
    scene.signals.update(stretch=fit.stretched, short=fit.short)
    sleeved = garment.cut is not Cut.SLEEVELESS
    left, right = (bare_from(scene, sleeve_reach(garment, body, fit, s), s) if sleeved else 0.0 for s in SIDES)
    bare = (left, right)
    parts = [trunk_part(garment, person, body, fit, dress)]
    back = back_layer(scene, parts[0])
    parts += [sleeve_part(garment, person, body, fit, s) for s in SIDES] if sleeved else []
    done("fit")
    drawn = [draw(part, scene.cloth, scene.shape) for part in parts]
    scene.signals["fold_over"] = max(d.folded for d in drawn)
    if sleeved:
        drawn[0] = Drawn("trunk", drawn[0].rgb, drawn[0].alpha * _armholes(scene, fit))
        for side in SIDES:
            near = scene.arms[side].band(0.0, 2.0, wide=SLEEVE_BOUND)
            drawn[1 + side] = Drawn(drawn[1 + side].name, drawn[1 + side].rgb, drawn[1 + side].alpha * near)
        smooth = rounded_shoulders(union([d.alpha for d in drawn]), fit.tips, body.sw)
        drawn = [replace(d, alpha=d.alpha * smooth) for d in drawn]
    done("warp")
    old = old_garment(scene, dress)
    held = np.maximum(carried(person, body, old), held_like_cloth(person, body, scene.arms))
    keep = np.max([scene.head, scene.hands, scene.forearms(_past_cuffs(bare, sleeved)), scene.beside, held], axis=0)
    # Shoes are not removed, but a hem that reaches them falls over them.
    stays = np.maximum(keep, footwear(person, body, scene.legs, old)) if dress else keep
    waist = fit.waist
    removal = _removal(scene, old, fit if waist is None else replace(fit, hem_v=waist), bare, stays, dress)
    if scene.options.over:
        removal, back = layered(scene, removal, fit, bare), []
    front = removal.front * (1.0 - drawn[0].alpha * under_trunk(scene))
    removal = replace(removal, front=front)
    done("removal")
    if waist is not None:
        drawn[0] = Drawn("trunk", drawn[0].rgb, drawn[0].alpha * (1.0 - _tucked(scene, waist)))
    drawn[0] = replace(drawn[0], alpha=np.asarray(drawn[0].alpha * (1.0 - scene.forearms(bare)), np.float32))
    layers = _layers(scene, drawn, old, removal, keep, dress, back=back, tucked=waist is not None)
    done("light")
    scene.layers.extend(layers)
    result = composite(person.rgb, layers)
    done("composite")
    return result


def _past_cuffs(bare: tuple[float, float], sleeved: bool) -> tuple[float, float]:
    """From where on an arm lies before its own sleeve: so far down that the sleeve's own edge ends it, not a cut."""
    left, right = bare
    return (left + CUFF_OVER, right + CUFF_OVER) if sleeved else bare


def old_garment(scene: Scene, dress: bool) -> Mask:
    """The worn clothes that the new garment replaces."""
    p = scene.person
    if dress:
        return np.asarray(p.cloth * (1.0 - legwear(p, scene.body, scene.legs)), np.float32)
    # u2net-cloth calls many tops "full" when it sees no waist; a real dress under a new top keeps its skirt.
    _, v = coordinates(scene.body, scene.shape)
    above = np.clip((scene.body.hip_v - 0.1 - v) / 0.04, 0.0, 1.0)
    return np.asarray(np.clip(p.upper + p.full * above, 0.0, 1.0), np.float32)


def _removal(scene: Scene, old: Mask, fit: Fit, bare: tuple[float, float], keep: Mask, dress: bool) -> Removal:
    top = remove_top(scene.person, scene.body, old, fit, scene.arms, bare, scene.neck, keep)
    if not dress:
        return top
    _, v = coordinates(scene.body, scene.shape)
    leg = scene.body.legs[0].length / scene.body.sw
    bare_leg = float(np.clip((fit.hem_v - scene.body.hip_v) / max(leg, 1e-3), 0.15, 1.0))
    # The one begins above where the other ends: at the seam neither may leave a line of the old garment.
    start = scene.body.hip_v - SEAM
    legs = remove_legs(scene.person, scene.body, old, scene.legs, (bare_leg, bare_leg), keep, start)
    high = v < scene.body.hip_v
    return Removal(np.where(high, top.plate, legs.plate), top.behind, top.front, np.where(high, 0.0, legs.legs))


def _layers(
    scene: Scene,
    drawn: list[Drawn],
    old: Mask,
    removal: Removal,
    keep: Mask,
    dress: bool,
    *,
    back: list[Layer],
    tucked: bool,
) -> list[Layer]:
    cloth = lit_cloth(scene, drawn, old, keep)
    if scene.tone is None:
        removal = removal.without_skin()
    cover = union([d.alpha for d in drawn])
    needed = unseen(removal, np.asarray(cover * (1.0 - keep), np.float32))
    removal_signals(scene, removal, needed, cover, keep)
    plate = background_plate(scene.person, needed, scene.nets, scene.rng)
    # An arm behind the body: its sleeve shows only beside the trunk.
    hidden = [layer for s, layer in zip(drawn[1:], cloth[1:], strict=True) if not _in_front(scene, s)]
    shown = [layer for s, layer in zip(drawn[1:], cloth[1:], strict=True) if _in_front(scene, s)]
    below = [] if tucked else [hem_shadow(scene, drawn[:1], removal, keep)]
    body = [*below, *hidden, cloth[0]]
    if scene.tone is not None:
        sleeves = union([d.alpha for d in drawn[1:]]) if drawn[1:] else np.zeros_like(cover)
        legs = [limb_layer(scene, removal.legs, old, cover, scene.legs)] if dress else []
        arms = limb_layer(scene, removal.front, old, sleeves, scene.arms)
        if not drawn[1:]:
            arms = replace(arms, alpha=np.asarray(arms.alpha * (1.0 - cover * _upper_arms(scene)), np.float32))
        hips = [] if dress else [hips_under_sleeves(scene, old, removal, keep)]
        body = [*hips, neck_layer(scene, removal.behind), *legs, *body, arms]
    cuffs = [cuff_shadow(scene, drawn[1:], removal)] if shown else []
    gone = np.asarray(np.maximum(cover, np.maximum(removal.plate, removal.skin)), np.float32)
    layers = [*scene.clean_hair(gone), Layer(plate, removal.plate), *back, *body, *cuffs, *shown]
    check_skin(scene, layers)
    return layers


def _upper_arms(scene: Scene) -> Mask:
    """Where an arm comes out of an armhole, whose edge lies over it; farther down it hangs in front of the trunk."""
    start, end = ARMHOLE_OVER
    near = [np.clip((end - arm.fraction) / (end - start), 0.0, 1.0) * (arm.ratio < NEAR_ARM) for arm in scene.arms]
    return np.asarray(np.max(near, axis=0), np.float32)


def _in_front(scene: Scene, sleeve: Drawn) -> bool:
    return scene.body.arms[SLEEVES.index(sleeve.name)].seen


def _armholes(scene: Scene, fit: Fit) -> Mask:
    """1 up to a little beyond the armholes: the trunk's overlap must not stick out beside the sleeve it lies under."""
    u, v = coordinates(scene.body, scene.shape)
    out = np.ones(scene.shape, np.float32)
    for side, sign in zip(SIDES, (-1.0, 1.0), strict=True):
        tip, pit = scene.body.coords(fit.tips[side]), scene.body.coords(fit.pits[side])
        limit = np.interp(v, [tip[1], pit[1]], [abs(tip[0]), max(abs(pit[0]), abs(tip[0]))])
        # At the tip itself there is no room for an overlap under the sleeve's round top.
        limit += ARMHOLE_OVERLAP * np.clip((v - tip[1]) / ROUND_TOP, 0.0, 1.0)
        beyond = np.clip((sign * u - limit) / 0.01 + 0.5, 0.0, 1.0) * (v < pit[1])
        out *= 1.0 - beyond.astype(np.float32)
    return out


def _tucked(scene: Scene, waist: float) -> Mask:
    """The worn trousers or skirt, which stay in front of a top that is tucked into them."""
    _, v = coordinates(scene.body, scene.shape)
    # Some patterned tops are taken for trousers here and there.
    lower = steep(scene.person.lower) * np.clip((v - waist + RISE) / 0.05, 0.0, 1.0)
    return np.asarray(np.maximum(lower, np.clip((v - waist) / 0.03, 0.0, 1.0)), np.float32)
