"""The inner back of the collar, which a worn garment shows behind the neck.

The photo shows it between the neck points, above the front neckline. Worn, it lies behind neck, hair and skin, yet over
what was worn before. It moves with the trunk, so that front and back meet at the neck points. Invariant: it is never
drawn below the front neckline's lowest point.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fittingroom.engines.drape import light
from fittingroom.engines.drape.composite import Layer, cloth_layer
from fittingroom.engines.drape.parts import Part, draw
from fittingroom.engines.drape.scene import Scene, steep
from fittingroom.engines.drape.types import Garment

FEWEST = 0.002
SHADED = 0.86


def back_layer(scene: Scene, trunk: Part) -> list[Layer]:
    """The inner back as a layer, in its own shade, behind hair and all skin that the photo shows; [] without one."""
    part = back_part(scene.garment, trunk)
    if part is None:
        return []
    drawn = draw(part, scene.cloth, scene.shape)
    # Together: at the jaw neither face nor neck is sure, and the lining would show through as a line.
    front = np.maximum(scene.head, steep(np.asarray(scene.person.skin + scene.person.face + scene.person.hair)))
    return [cloth_layer(drawn, front, SHADED * light.contact(scene.head, scene.body.sw), scene.grain)]


def back_part(garment: Garment, trunk: Part) -> Part | None:
    """The inner back as a part that is warped like `trunk`; None where the photo shows none worth drawing."""
    if garment.back is None:
        return None
    matte = garment.back.copy()
    matte[max(0, round(float(garment.marks["neck_front"][1]))) :] = 0.0
    if float((matte > 0.5).sum()) < FEWEST * float((garment.alpha > 0.5).sum()):
        return None
    return replace(trunk, name="back", matte=np.asarray(matte, np.float32))
