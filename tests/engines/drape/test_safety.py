"""The project's safety rule, tested by colour: no skin on trunk or hips, no picture without clothes, ever.

The mannequin's skin is magenta and nothing else is, so the test looks at the finished picture, not at the engine's
own masks. Skin that the photo itself shows there (a hand on the hip) is not the engine's doing and does not count.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from mannequin import BODY_SKIN, CLEAR, Look, Mannequin, MannequinNets, draw_mannequin, engine_of, skin_amount

from fittingroom.engines.drape import backdrop, lower, upper
from fittingroom.engines.drape.composite import composite
from fittingroom.engines.protocol import ClothesType

SOME_SKIN = 0.25
BREAST = 0.36
"""Below this height (sw under the shoulders) no skin is ever painted: the cap of .30 and its soft edge."""
LONG = Look(sleeves="long")
CASES = [
    (LONG, "none"),
    (LONG, "short"),
    (LONG, "crop"),
    (Look(bottom="skirt"), "crop"),
    (Look(sleeves="long", arms="raised"), "none"),
    (Look(sleeves="long", arms="out", width=420), "none"),
    (Look(sleeves="long", arms="hips"), "short"),
    (Look(), "shorts"),
    (Look(), "skirt"),
    (Look(), "dress"),
    (Look(sleeves="long"), "dress"),
    (Look(bottom="skirt"), "shorts"),
    (Look(sleeves="none", bottom="dress"), "none"),
    (Look(sleeves="none", bottom="dress"), "shorts"),
    (Look(sleeves="long", textured=True), "dress"),
    (Look(sleeves="long", behind=True), "none"),
]


def forbidden(drawn: Mannequin, arms: np.ndarray) -> np.ndarray:
    """Trunk below the neckline's cap and hips above the crotch, without what the photo itself shows as skin.

    arms: pixels of the arms, which may hang or rest in front of the trunk.
    """
    u, v = drawn.uv()
    trunk = (np.abs(u) < 0.45) & (v > BREAST) & (v <= 1.3)
    hips = (np.abs(u) < 0.55) & (v > 1.3) & (v < 1.74)
    own = cv2.dilate(np.asarray(drawn.selfie == BODY_SKIN, np.uint8), np.ones((5, 5))) > 0
    return (trunk | hips) & ~own & ~arms


@pytest.mark.parametrize(("look", "kind"), CASES)
def test_no_skin_on_trunk_or_hips(dressed: Callable, look: Look, kind: str) -> None:
    made = dressed(look, kind)
    zone = forbidden(made.mannequin, made.arms < 1.25)
    assert zone.sum() > 3000
    amount = skin_amount(made.image)[zone]
    assert amount.max() < SOME_SKIN, f"{(amount > SOME_SKIN).sum()} px of skin where none may be"


@pytest.mark.parametrize(("look", "kind"), CASES)
def test_no_layer_bares_trunk_or_hips(dressed: Callable, look: Look, kind: str) -> None:
    """Not even under the new garment: were a layer lifted off, no skin would lie below it."""
    made = dressed(look, kind)
    zone = forbidden(made.mannequin, made.arms < 1.25)
    for layer in made.layers:
        bare = (skin_amount(layer.rgb) > 0.5) & (layer.alpha > 0.02)
        assert not (bare & zone).any()


@pytest.mark.parametrize("cut", range(1, 6))
@pytest.mark.parametrize(("look", "kind"), [(LONG, "none"), (Look(), "shorts"), (LONG, "dress")])
def test_no_number_of_layers_is_an_undressed_picture(dressed: Callable, look: Look, kind: str, cut: int) -> None:
    made = dressed(look, kind)
    partial, _ = composite(made.mannequin.rgb, made.layers[:cut])
    zone = forbidden(made.mannequin, made.arms < 1.25)
    assert skin_amount(partial)[zone].max() < SOME_SKIN


@pytest.mark.parametrize(
    ("kind", "clothes_type"),
    [("none", ClothesType.UPPER), ("shorts", ClothesType.LOWER), ("dress", ClothesType.DRESS)],
)
def test_the_picture_is_composed_once(
    garment_drawing: Callable, monkeypatch: pytest.MonkeyPatch, kind: str, clothes_type: ClothesType
) -> None:
    calls: list[int] = []

    def counted(photo: np.ndarray, layers: list) -> tuple[np.ndarray, np.ndarray]:
        calls.append(len(layers))
        return composite(photo, layers)

    monkeypatch.setattr(upper, "composite", counted)
    monkeypatch.setattr(lower, "composite", counted)
    drawn, cloth = draw_mannequin(LONG), garment_drawing(kind)
    engine_of(MannequinNets(drawn, cloth)).try_on(drawn.rgb, cloth.rgb, clothes_type)
    assert len(calls) == 1
    assert calls[0] >= 2, "fills and garment go in together"


@pytest.mark.parametrize("kind", ["none", "shorts", "dress"])
def test_the_painter_never_sees_the_person(
    garment_drawing: Callable, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(backdrop, "WIDE", 0.0)
    monkeypatch.setattr(backdrop, "WIDE_SHARE", 0.0)
    drawn, cloth = draw_mannequin(Look(sleeves="long", textured=True)), garment_drawing(kind)
    nets = MannequinNets(drawn, cloth)
    clothes_type = {"shorts": ClothesType.LOWER, "dress": ClothesType.DRESS}.get(kind, ClothesType.UPPER)
    engine_of(nets).try_on(drawn.rgb, cloth.rgb, clothes_type)
    assert len(nets.holes) == 1, "it was really asked"
    for hole, truth in nets.holes:
        assert hole[truth != CLEAR].all()


@pytest.mark.parametrize(("look", "kind"), CASES)
def test_only_old_and_new_garment_and_their_surroundings_change(dressed: Callable, look: Look, kind: str) -> None:
    made = dressed(look, kind)
    classes = made.mannequin.cloth
    v = made.mannequin.uv()[1]
    if kind == "dress":
        old = classes > 0
    elif kind in ("shorts", "skirt", "trousers"):
        old = (classes == 2) | (classes == 3)
    else:
        old = (classes == 1) | ((classes == 3) & (v < 1.6))
    reach = 2 * round(30 * look.height / 1024) + 1
    near = cv2.dilate(np.asarray(old | made.new, np.uint8), np.ones((reach, reach))) > 0
    assert not made.mask[~near].any()
    assert (made.image[~near] == made.mannequin.rgb[~near]).all()


@pytest.mark.parametrize(("look", "kind"), CASES)
def test_the_new_garment_stays_by_the_body(dressed: Callable, look: Look, kind: str) -> None:
    made = dressed(look, kind)
    away = cv2.distanceTransform(np.asarray(made.mannequin.selfie == CLEAR, np.uint8), cv2.DIST_L2, 5)
    limit = 0.7 if kind in ("skirt", "dress") else 0.3
    assert away[made.new].max() < limit * made.mannequin.sw
