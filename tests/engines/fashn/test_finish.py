"""From the network's picture to the result, with pictures whose faults are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mannequin import OLD_TOP
from neural_tiny_fashn import BLUE, DrawnReader, drawn_garment, drawn_person

from fittingroom.engines.fashn.finish import Finished, Known, finish
from fittingroom.engines.neural.frame import Frame
from fittingroom.engines.protocol import ClothesType, NoPersonFound

MANNEQUIN = drawn_person(240, 320)
READER = DrawnReader(MANNEQUIN)
PERSON, GARMENT = MANNEQUIN.rgb, drawn_garment(200, 200)
SIZE = (432, 288)
TOP = np.abs(PERSON.astype(int) - OLD_TOP).max(axis=-1) < 8


@pytest.fixture(scope="module")
def known() -> Known:
    body = READER.read(PERSON)
    frame = Frame.around(body.box, PERSON.shape, SIZE, 0.1)
    mask = READER.garment(GARMENT, ClothesType.UPPER)
    return Known(PERSON, GARMENT, ClothesType.UPPER, body, mask, frame)


def dressed(colour: tuple[int, int, int] = BLUE) -> np.ndarray:
    """The photo as a perfect network would make it: the same top in another colour."""
    out = PERSON.copy()
    out[TOP] = colour
    return out


def finished(known: Known, made: np.ndarray, reader: object = READER) -> Finished:
    return finish(known.frame.cut(made), known, reader)  # type: ignore[arg-type]


def test_a_good_picture_passes(known):
    done = finished(known, dressed())
    assert done.judgement.fine, done.judgement.doubts
    assert done.confidence > 0.5
    inner = TOP & (done.mask > 0.95)
    assert inner.sum() > 0.5 * TOP.sum()
    assert np.abs(done.image[inner].astype(int) - BLUE).max(axis=-1).mean() < 12
    assert (done.image[done.mask == 0] == PERSON[done.mask == 0]).all()


def test_hair_face_and_hands_stay_whatever_the_network_made_of_them(known):
    made = dressed()
    head = np.maximum(known.body.hair, known.body.face) > 0.9
    made[head] = (0, 255, 0)
    done = finished(known, made)
    kept = (np.maximum(known.body.hair, known.body.face) > 0.9) | (known.body.hands > 0.9)
    assert kept.sum() > 500
    assert (done.image[kept] == PERSON[kept]).all()


def test_nothing_changes_beyond_the_frame(known):
    half = replace(known, frame=Frame((20, 70, 120, 220), SIZE))
    assert known.body.upper[:, 120:].sum() > 1000
    done = finish(np.full((*SIZE, 3), 40, np.uint8), half, READER)
    assert (done.mask > 0.5).sum() > 1000
    assert not done.mask[:, 120:].any()
    assert (done.image[:, 120:] == PERSON[:, 120:]).all()


def test_another_colour_is_doubted(known):
    done = finished(known, dressed((240, 230, 20)))
    assert done.judgement.doubts == ("The garment's colours are not those of its photo.",)
    assert done.signals["garment_delta_e"] > 20
    assert done.confidence < finished(known, dressed()).confidence / 2


def test_a_picture_of_something_else_is_doubted(known):
    noise = np.random.default_rng(1).integers(0, 256, PERSON.shape, np.uint8)
    done = finished(known, noise)
    assert "What should have stayed the same did not." in done.judgement.doubts
    assert done.judgement.score < finished(known, dressed()).judgement.score


def test_an_unchanged_picture_is_doubted(known):
    done = finished(known, PERSON)
    assert "Hardly anything was changed." in done.judgement.doubts
    assert np.abs(done.image.astype(int) - PERSON).max() <= 12


class Nobody(DrawnReader):
    """Sees no person in anything."""

    def __init__(self) -> None:
        super().__init__(MANNEQUIN)

    def read(self, photo):
        raise NoPersonFound("nobody")


def test_a_picture_without_a_person_is_doubted_and_still_pasted_in_its_place(known):
    done = finished(known, dressed(), Nobody())
    assert done.judgement.doubts[0] == "No person was found in what the network made."
    assert done.judgement.refused
    assert done.confidence == 0.0
    assert (done.image[done.mask == 0] == PERSON[done.mask == 0]).all()


class Bare(DrawnReader):
    """Sees skin where the photo shows clothes."""

    def __init__(self) -> None:
        super().__init__(MANNEQUIN)

    def read(self, photo):
        body = super().read(photo)
        nothing = np.zeros_like(body.skin)
        return replace(body, skin=np.maximum(body.skin, body.cloth), upper=nothing, lower=nothing, full=nothing)


def test_a_bared_trunk_is_never_shown(known):
    done = finished(known, dressed(), Bare())
    assert done.judgement.refused
    assert done.signals["bared"] > 0.9
    good = finished(known, dressed())
    assert not good.judgement.refused
    assert good.signals["bared"] == 0.0
