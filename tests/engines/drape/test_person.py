"""Reading the person photo: maps of the photo's size that agree with what was drawn, crops pasted where they belong."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import BODY_SKIN, BOTTOM, CLEAR, FACE_SKIN, FULL, HAIR_CLASS, TOP, Look, Mannequin, MannequinNets
from mannequin import draw_mannequin as draw

from fittingroom.engines.drape.person import Person, analyse_person, named, refine

MAPS = ("alpha", "hair", "face", "skin", "upper", "lower", "full")


def read(drawn: Mannequin, *, sees: bool = True) -> Person:
    return analyse_person(drawn.rgb, MannequinNets(drawn, None, sees=sees))


def well_inside(mask: np.ndarray) -> np.ndarray:
    return cv2.erode(mask.astype(np.uint8), np.ones((7, 7)), borderType=cv2.BORDER_REPLICATE) > 0


@pytest.mark.parametrize("look", [Look(), Look(width=301, height=403, bottom="dress"), Look(width=640, height=360)])
def test_maps_have_the_photos_size_and_agree_with_the_drawing(look: Look) -> None:
    drawn = draw(look)
    person = read(drawn)
    truth = {
        "alpha": drawn.selfie != CLEAR,
        "hair": drawn.selfie == HAIR_CLASS,
        "face": drawn.selfie == FACE_SKIN,
        "skin": drawn.selfie == BODY_SKIN,
        "upper": drawn.cloth == TOP,
        "lower": drawn.cloth == BOTTOM,
        "full": drawn.cloth == FULL,
    }
    for name in MAPS:
        values = getattr(person, name)
        assert values.shape == drawn.rgb.shape[:2], name
        assert values.dtype == np.float32, name
        assert 0.0 <= values.min() <= values.max() <= 1.0, name
        assert (values[well_inside(truth[name])] > 0.6).all(), name
        # Face and neck have one colour, so no edge of the photo parts them.
        other = ~(truth["face"] | truth["skin"]) if name in ("face", "skin") else ~truth[name]
        assert (values[well_inside(other)] < 0.4).all(), name


def test_cloth_is_any_garment() -> None:
    person = read(draw(Look()))
    assert (person.cloth >= np.maximum(person.upper, person.lower) - 1e-6).all()
    assert person.cloth.max() <= 1.0


def test_without_a_pose_the_whole_frame_is_read() -> None:
    drawn = draw(Look())
    person = read(drawn, sees=False)
    assert person.pose is None
    assert (person.upper[well_inside(drawn.cloth == TOP)] > 0.6).all()
    assert (person.alpha[well_inside(drawn.selfie == CLEAR)] < 0.4).all()


def test_only_the_persons_surroundings_are_shown_to_the_networks() -> None:
    drawn = draw(Look(width=900, height=400))
    shown: list[tuple[int, ...]] = []

    class Noting(MannequinNets):
        def cloth(self, rgb: np.ndarray, area: int = 0) -> np.ndarray:
            shown.append(rgb.shape)
            return super().cloth(rgb, area)

    person = analyse_person(drawn.rgb, Noting(drawn, None))
    assert shown[0][1] < 400
    columns = np.flatnonzero((drawn.selfie != CLEAR).any(axis=0))
    assert not person.cloth[:, : columns[0] - 60].any()
    assert not person.alpha[:, columns[-1] + 60 :].any()


def test_a_pose_mask_without_area_falls_back_to_the_whole_frame() -> None:
    drawn = draw(Look())

    class Unsure(MannequinNets):
        def pose(self, rgb: np.ndarray) -> object:
            pose = super().pose(rgb)
            return replace(pose, mask=np.zeros_like(pose.mask))

    person = analyse_person(drawn.rgb, Unsure(drawn, None))
    assert (person.upper[well_inside(drawn.cloth == TOP)] > 0.6).all()


def test_a_skirt_that_is_called_a_dress_is_a_skirt() -> None:
    drawn = draw(Look(bottom="dress"))
    skirt = drawn.cloth == FULL
    one_cloth = read(drawn)
    assert (one_cloth.full[well_inside(skirt)] > 0.6).all(), "top and skirt of one colour are a dress"
    drawn.rgb[skirt] = (200, 40, 40)
    person = read(drawn)
    assert (person.lower[well_inside(skirt)] > 0.6).all()
    assert person.full.max() < 0.4
    assert (person.upper[well_inside(drawn.cloth == TOP)] > 0.6).all()


def test_clothes_that_the_garment_network_overlooks_belong_to_what_lies_beside_them() -> None:
    drawn = draw(Look())
    seen = np.eye(4, dtype=np.float32)[drawn.cloth]
    overlooked = (drawn.cloth == BOTTOM) & (np.arange(seen.shape[1]) % 40 < 12)
    seen[overlooked] = (1.0, 0.0, 0.0, 0.0)
    garments = named(seen, np.asarray(drawn.cloth > 0, np.float32))
    assert garments.dtype == np.float32
    assert (garments[drawn.cloth == 0] == 0).all()
    assert (garments[overlooked & (drawn.uv()[1] > 2.0)].argmax(axis=-1) == BOTTOM - 1).all()
    assert (garments[overlooked].max(axis=-1) > 0.5).mean() > 0.9


def test_trousers_that_the_garment_network_overlooks_whole_are_not_taken_for_the_top() -> None:
    drawn = draw(Look())

    class Blind(MannequinNets):
        def cloth(self, rgb: np.ndarray, area: int = 0) -> np.ndarray:
            seen = super().cloth(rgb, area)
            seen[..., 0] += seen[..., BOTTOM]
            seen[..., BOTTOM] = 0.0
            return seen

    person = analyse_person(drawn.rgb, Blind(drawn, None))
    assert (person.lower[well_inside(drawn.cloth == BOTTOM)] > 0.6).mean() > 0.97
    assert (person.upper[well_inside(drawn.cloth == TOP)] > 0.6).all()


def test_where_nothing_is_seen_nothing_is_named() -> None:
    seen = np.zeros((40, 30, 4), np.float32)
    seen[..., 0] = 1.0
    garments = named(seen, np.ones((40, 30), np.float32))
    assert np.isfinite(garments).all()
    assert garments.max() == 0.0, "cloth without any opinion has no name"


def test_reading_twice_gives_the_same() -> None:
    drawn = draw(Look(arms="raised"))
    first, second = read(drawn), read(drawn)
    for name in MAPS:
        assert (getattr(first, name) == getattr(second, name)).all(), name


def test_refine_moves_a_blurred_edge_onto_the_photos() -> None:
    guide = np.full((60, 80, 3), 30, np.uint8)
    guide[:, 40:] = 220
    true = np.zeros((60, 80, 1), np.float32)
    true[:, 40:] = 1.0
    soft = cv2.GaussianBlur(true, (0, 0), 4.0)[..., None]
    fine = refine(soft, guide)
    assert fine.shape == soft.shape
    assert fine.min() >= 0.0
    assert fine.max() <= 1.0
    jump = [float((m[:, 40] - m[:, 39]).mean()) for m in (soft, fine)]
    assert jump[1] > 3 * jump[0]
    assert fine[:, :40].max() < 0.5 < fine[:, 40:].min()
