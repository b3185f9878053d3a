"""The layers of bare skin of one try-on, and the check that none lies on trunk or hips.

Invariant (the project's safety rule): below CHEST_LIMIT and above the crotch no skin layer covers the trunk, except
where an arm that the photo shows lies in front of it. `signals["skin_inside"]` counts the pixels that break it, and
the masks are made so that it is 0.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape import light
from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.composite import VISIBLE, Kind, Layer
from fittingroom.engines.drape.limbs import LimbField
from fittingroom.engines.drape.neck_skin import paint_neck
from fittingroom.engines.drape.removal import CHEST_LIMIT, CROTCH
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.seam import matched, reach_over
from fittingroom.engines.drape.shading import MAX_SIDE, face_light, light_on
from fittingroom.engines.drape.skin import paint_limbs, stocking_tone, tones_along
from fittingroom.engines.protocol import Mask

CORE = 0.6
WITHIN = 1.05
ARM_WIDE = 1.35
HEM_SHADOW = 0.42
OLD_SHADOW = 0.08
WRIST = 0.17
"""How far from the wrist a hand's skin belongs to the arm, sw."""

LIMIT_SOFT = 0.03
# Half width (sw) of the trunk from the shoulders to the hips.
TRUNK_HALF = (0.34, 0.40)


def limb_layer(scene: Scene, mask: Mask, worn: Mask, cover: Mask, fields: tuple[LimbField, LimbField]) -> Layer:
    """Both arms or both legs (the scene's `fields`) as far as `mask` bares them.

    worn: the old garment. cover: what casts a shadow on them.
    """
    tone = scene.tone
    assert tone is not None
    leg = fields is scene.legs
    if leg:
        tone = stocking_tone(scene.person, np.minimum(fields[0].ratio, fields[1].ratio) < CORE, tone)
    lit = _out_of_its_shadow(worn, scene.body.sw)
    tables = [tones_along(scene.person, f.fraction, (f.ratio < CORE) & lit, tone)[0] for f in fields]
    # To the right of the picture's left limb lies the trunk or the other leg.
    limbs = scene.body.legs if leg else scene.body.arms
    sides = zip(fields, limbs, (1.0, -1.0), strict=True)
    lights = [light_on(scene.person, worn, field, limb, inner, leg) for field, limb, inner in sides]
    near = np.minimum(fields[0].ratio, fields[1].ratio) < WITHIN
    shown = scene.person.skin * near * (1.0 - scene.hands) if leg else _shown_arms(scene, near)
    bare = np.asarray(mask * (1.0 - _beside_skin(scene, worn)), np.float32)
    wide, witness = reach_over(bare, np.asarray(shown, np.float32), scene.body.sw)
    rgb = paint_limbs(np.where(witness, np.float32(1.0), wide), list(fields), tables, lights, tone, scene.rng)
    rgb = matched(rgb, wide, scene.person.rgb, witness, scene.body.sw)
    return Layer(rgb, wide, light.contact(cover, scene.body.sw, HEM_SHADOW), Kind.SKIN)


def _out_of_its_shadow(worn: Mask, sw: float) -> NDArray[np.bool_]:
    """Where the old garment's hem or cuff throws no shadow on the skin below it, bool (H, W)."""
    away = cv2.distanceTransform((worn <= 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(away > OLD_SHADOW * sw)


def _shown_arms(scene: Scene, near: NDArray[np.bool_]) -> Mask:
    """The visible skin of the arms, and of the hands next to the wrist: there an arm under a cuff meets a hand. Fingers
    lie before other things and have nothing to do with them."""
    ys, xs = np.ogrid[: scene.shape[0], : scene.shape[1]]
    wrist = np.zeros(scene.shape, bool)
    for side in SIDES:
        x, y = scene.body.arms[side].points[-1]
        wrist |= (xs - x) ** 2 + (ys - y) ** 2 < (WRIST * scene.body.sw) ** 2
    hands = scene.hands * ~wrist
    return np.asarray(scene.person.skin * (near | wrist) * (1.0 - hands), np.float32)


def _beside_skin(scene: Scene, worn: Mask) -> Mask:
    """The scene beside visible skin, float32 (H, W): where it is nearer than the worn garment, the photo already shows
    how wide the limb is, and a wider painted one would stand out as a step."""
    skin, cloth = (
        cv2.distanceTransform((m <= 0.5).astype(np.uint8), cv2.DIST_L2, 3) for m in (scene.person.skin, worn)
    )
    nearer = np.clip((cloth - skin) / 2.0, 0.0, 1.0) * np.clip(
        2.0 - 2.0 * np.maximum(scene.person.alpha, worn), 0.0, 1.0
    )
    return np.asarray(nearer, np.float32)


def neck_layer(scene: Scene, mask: Mask) -> Layer:
    """Neck and upper chest as far as `mask` bares them."""
    assert scene.tone is not None
    side = float(np.clip(face_light(scene.person), -MAX_SIDE, MAX_SIDE))
    shadow = light.contact(scene.head, scene.body.sw)
    rgb = paint_neck(mask, scene.person, scene.uv, side, shadow, scene.tone, scene.rng)
    return Layer(rgb, mask, kind=Kind.SKIN)


def trunk_zone(scene: Scene) -> NDArray[np.bool_]:
    """Trunk below the neckline's limit and hips above the crotch, without the arms that lie in front of them."""
    u, v = scene.uv
    half = np.interp(v, [0.0, scene.body.hip_v], TRUNK_HALF)
    zone = (np.abs(u) < half) & (v > CHEST_LIMIT + LIMIT_SOFT) & (v < scene.body.hip_v + CROTCH - LIMIT_SOFT)
    for side in SIDES:
        if scene.body.arms[side].seen:
            zone &= scene.arms[side].ratio > ARM_WIDE
    return np.asarray(zone)


def check_skin(scene: Scene, layers: Iterable[Layer]) -> None:
    """Count the pixels of skin layers on the trunk into the scene's signals."""
    zone = trunk_zone(scene)
    inside = [(layer.alpha > VISIBLE) & zone for layer in layers if layer.kind is Kind.SKIN]
    scene.signals["skin_inside"] = float(np.any(inside, axis=0).sum()) if inside else 0.0
