"""What removal and repainting cost one picture, as numbers from which a confidence is made.

None of these decides anything here: a stage draws what it can, and these say how much of the picture it had to invent
and how far the networks disagreed about the person. Invariant: every signal is finite, 0 where there is nothing to
fear, and free of the picture's size.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import SIDES
from fittingroom.engines.drape.removal import Removal
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import Mask

SHOWN = 0.5
CROSSING = 0.25
BESIDE_TRUNK = 0.2
HOLE_SHRINK = 4


def removal_signals(scene: Scene, removal: Removal, needed: NDArray[np.bool_], cover: Mask, keep: Mask) -> None:
    """Add to the scene's signals, all >= 0:

    removed_share: backdrop made up, over the person's area. backdrop_hole: its widest place, in sw. painted_skin: skin
    made up and visible, over the person's area. kept_object: what stays in front of the new garment, over its area.

    needed: bool (H, W), where backdrop is made up. cover, keep: (H, W), the new garment and what lies in front of it.
    """
    person = scene.person
    area = max(1.0, float((person.alpha > SHOWN).sum()))
    small = cv2.resize(
        needed.astype(np.uint8), None, fx=1 / HOLE_SHRINK, fy=1 / HOLE_SHRINK, interpolation=cv2.INTER_AREA
    )
    framed = cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    widest = 2.0 * HOLE_SHRINK * float(cv2.distanceTransform(framed, cv2.DIST_L2, 5).max())
    drawn = cover > SHOWN
    hidden = drawn & (keep > SHOWN)
    scene.signals.update(
        removed_share=float(needed.sum()) / area,
        backdrop_hole=widest / scene.body.sw,
        painted_skin=float((removal.skin * (1.0 - cover) > SHOWN).sum()) / area,
        kept_object=float(hidden.sum()) / max(1.0, float(drawn.sum())),
    )
    person_signals(scene)


def person_signals(scene: Scene) -> None:
    """Add to the scene's signals: hidden_arm, crossed_arm (each 0, 0.5 or 1: the share of the arms); parsing_conflict,
    the share of the worn cloth that only one network saw; outline_conflict, 1 - IoU of BlazePose's outline and ours;
    seated, 1 where a thigh is foreshortened to nothing against its shin."""
    person, body = scene.person, scene.body
    cloth = max(1.0, float(person.cloth.sum()))
    conflict = 0.0 if person.overlooked is None else float(np.minimum(person.overlooked, person.cloth).sum()) / cloth
    scene.signals.update(
        hidden_arm=float(np.mean([not arm.seen for arm in body.arms])),
        crossed_arm=float(np.mean([_crosses(scene, side) for side in SIDES])),
        parsing_conflict=conflict,
        outline_conflict=0.0 if person.pose is None else _apart(person.pose.mask, person.alpha),
        seated=max(_folded(scene, side) for side in SIDES),
    )


def _crosses(scene: Scene, side: int) -> bool:
    """Whether a hand lies before the trunk, well within its outline."""
    u, v = scene.body.coords(scene.body.hands[side].mean(axis=0))
    outward = -u if side == 0 else u
    return bool(outward < CROSSING and BESIDE_TRUNK < v < scene.body.hip_v)


def _folded(scene: Scene, side: int) -> float:
    """How much shorter a thigh is than its shin; 0 for a leg that is stretched, or whose shin is out of sight."""
    leg = scene.body.legs[side]
    if not leg.seen:
        return 0.0
    thigh, shin = np.linalg.norm(np.diff(leg.points, axis=0), axis=1)
    return float(np.clip(1.0 - thigh / max(float(shin), 1e-6), 0.0, 1.0))


def _apart(one: Mask, other: Mask) -> float:
    """1 - IoU of two soft masks cut at one half."""
    a, b = one > SHOWN, other > SHOWN
    either = float((a | b).sum())
    return 1.0 - float((a & b).sum()) / either if either else 0.0
