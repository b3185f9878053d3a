"""Dressing in trousers, shorts or a skirt: the same steps as for a top, behind the top that stays on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fittingroom.engines.drape.backdrop import background_plate
from fittingroom.engines.drape.bare_layers import check_skin, limb_layer
from fittingroom.engines.drape.composite import Layer, composite
from fittingroom.engines.drape.edges import hem_shadow
from fittingroom.engines.drape.legs import fit_lower, lower_parts
from fittingroom.engines.drape.light import lit_cloth
from fittingroom.engines.drape.parts import draw, union
from fittingroom.engines.drape.removal import coordinates, remove_legs
from fittingroom.engines.drape.scene import Scene, steep
from fittingroom.engines.protocol import ClothesType, Mask, RgbImage

BARE_ARMS = (0.0, 0.0)


def dress_lower(scene: Scene, clothes_type: ClothesType, done: Callable[[str], None]) -> tuple[RgbImage, Mask]:
    """Draw a lower garment. clothes_type is always Lower-body here. done: called with each finished stage's name."""
    person, body, garment = scene.person, scene.body, scene.garment
    fit = fit_lower(garment, person, body)
    parts = lower_parts(garment, person, body, fit)
    done("fit")
    drawn = [draw(part, garment.rgb, scene.shape) for part in parts]
    done("warp")
    _, v = coordinates(body, scene.shape)
    below = np.clip((v - fit.waist_v) / 0.04, 0.0, 1.0)
    old = np.asarray(np.clip(person.lower + person.full * below, 0.0, 1.0), np.float32)
    arms = np.maximum(scene.hands, scene.forearms(BARE_ARMS))
    keep = np.maximum(np.maximum(scene.head, arms), steep(person.upper))
    removal = remove_legs(person, body, old, scene.legs, fit.reach, keep, fit.waist_v)
    done("removal")
    cover = union([d.alpha for d in drawn])
    if scene.tone is None:
        removal = removal.without_skin()
    layers = [Layer(background_plate(person, removal.plate > 0.05, scene.nets, scene.rng), removal.plate)]
    if scene.tone is not None:
        layers.append(limb_layer(scene, removal.front, old, cover, arms=False, legs=True))
    layers += [hem_shadow(scene, drawn, removal.front), *lit_cloth(scene, drawn, old, keep)]
    check_skin(scene, layers)
    done("light")
    scene.layers.extend(layers)
    result = composite(person.rgb, layers)
    done("composite")
    return result
