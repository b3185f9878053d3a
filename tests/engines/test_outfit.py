"""Outfits with an engine that paints stripes: order, layers, mask, and what cannot be worn together."""

import numpy as np
import pytest

from fittingroom.engines.outfit import (
    CannotTell,
    Kind,
    OutfitConflict,
    Piece,
    PieceFailed,
    Worn,
    conflict,
    dress_outfit,
)
from fittingroom.engines.protocol import (
    Cancelled,
    ClothesType,
    CutFromWearer,
    NoGarmentFound,
    Recognised,
    TryOnOptions,
    TryOnReport,
    TryOnResult,
    Tuck,
    never_cancelled,
)

ROWS = {ClothesType.UPPER: (10, 50), ClothesType.LOWER: (40, 90), ClothesType.DRESS: (10, 90)}
PERSON = np.random.default_rng(0).integers(0, 256, (100, 60, 3), np.uint8)


class Painter:
    """Paints the rows of the type in the garment's colour; a black garment is none."""

    name = "painter"

    def __init__(self, confidence: float = 0.5) -> None:
        self.confidence = confidence
        self.calls = []

    def load(self) -> None:
        pass

    def try_on(self, person, garment, clothes_type, options=TryOnOptions(), checkpoint=never_cancelled):
        self.calls.append((clothes_type, tuple(garment[0, 0]), options))
        if not garment.any():
            raise NoGarmentFound("black")
        image, mask = person.copy(), np.zeros(person.shape[:2], np.float32)
        rows = slice(*ROWS[clothes_type])
        image[rows, 20:40], mask[rows, 20:40] = garment[0, 0], 1.0
        said = (f"{clothes_type} is painted.", "All is paint.")
        return TryOnResult(image, TryOnReport("paint", mask, {"paint": 1.0}, self.confidence, said, {"risk": 0.1}))


class Reader(Painter):
    """Takes red for a top, green for a lower garment, all else for a dress; odds as told."""

    def __init__(self, sure: float = 0.9, worn: bool = False) -> None:
        super().__init__()
        self.sure, self.worn, self.cut = sure, worn, []

    def recognise(self, photo):
        kind = (ClothesType.UPPER, ClothesType.LOWER, ClothesType.DRESS)[int(photo[0, 0].argmax())]
        odds = {one: self.sure if one is kind else (1 - self.sure) / 2 for one in ClothesType}
        return Recognised(odds, self.worn)

    def from_wearer(self, photo, clothes_type):
        if photo[0, 0, 0] == 1:
            raise NoGarmentFound("nobody")
        self.cut.append(clothes_type)
        return CutFromWearer(photo // 2, 0.1, ("Cut out.",))


def cloth(*colour: int) -> np.ndarray:
    return np.full((64, 64, 3), colour, np.uint8)


RED, GREEN, BLUE = cloth(200, 0, 0), cloth(0, 200, 0), cloth(0, 0, 200)


def flat(photo, kind, **options) -> Piece:
    return Piece(photo, kind, Worn.NO, TryOnOptions(**options))


def test_the_lower_garment_goes_on_first_and_the_outer_layer_last():
    engine = Painter()
    pieces = [flat(BLUE, Kind.OUTER), flat(RED, Kind.UPPER), flat(GREEN, Kind.LOWER)]
    done = dress_outfit(engine, PERSON, pieces)
    assert [(kind, colour) for kind, colour, _ in engine.calls] == [
        (ClothesType.LOWER, (0, 200, 0)),
        (ClothesType.UPPER, (200, 0, 0)),
        (ClothesType.UPPER, (0, 0, 200)),
    ]
    assert [piece.kind for piece in done.pieces] == [Kind.OUTER, Kind.UPPER, Kind.LOWER]
    assert tuple(done.image[45, 30]) == (0, 0, 200)  # the outer layer hides what both others painted
    assert tuple(done.image[80, 30]) == (0, 200, 0)


def test_only_the_outer_layer_lies_over_and_it_is_never_tucked():
    engine = Painter()
    pieces = [flat(BLUE, Kind.OUTER, tuck=Tuck.IN), flat(RED, Kind.UPPER, tuck=Tuck.IN)]
    dress_outfit(engine, PERSON, pieces, seed=7)
    (_, _, top), (_, _, outer) = engine.calls
    assert (top.over, top.tuck, top.seed) == (False, Tuck.IN, 7)
    assert (outer.over, outer.tuck, outer.seed) == (True, Tuck.OUT, 7)


def test_outside_the_union_of_all_masks_the_photo_is_untouched():
    done = dress_outfit(Painter(), PERSON, [flat(RED, Kind.UPPER), flat(GREEN, Kind.LOWER)])
    touched = done.report.mask > 0
    assert touched[10:90, 20:40].all()
    assert touched.sum() == 80 * 20
    assert np.array_equal(done.image[~touched], PERSON[~touched])


def test_the_report_joins_all_steps():
    done = dress_outfit(Painter(0.5), PERSON, [flat(RED, Kind.UPPER), flat(GREEN, Kind.LOWER)])
    report = done.report
    assert (report.engine, report.confidence, report.stages, report.signals) == (
        "paint",
        0.25,
        {"paint": 2.0},
        {"risk": 0.1},
    )
    assert report.warnings == ("Lower-body is painted.", "All is paint.", "Upper-body is painted.")
    assert [piece.confidence for piece in done.pieces] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (("Upper-body", "Lower-body", "Outer"), None),
        (("Dress", "Outer"), None),
        (("Auto", "Auto"), None),
        (("Auto", "Dress"), None),
        (("Upper-body", "Lower-body", "Upper-body"), (0, 2)),
        (("Outer", "Outer"), (0, 1)),
        (("Dress", "Dress"), (0, 1)),
        (("Dress", "Lower-body"), (0, 1)),
        (("Outer", "Upper-body", "Dress"), (1, 2)),
    ],
)
def test_what_cannot_be_worn_together(kinds, found):
    assert conflict([Kind(kind) for kind in kinds]) == found
    if found:
        with pytest.raises(OutfitConflict) as caught:
            dress_outfit(Painter(), PERSON, [flat(RED, Kind(kind)) for kind in kinds])
        assert (caught.value.first, caught.value.second) == found


@pytest.mark.parametrize("number", [0, 4])
def test_how_many(number):
    with pytest.raises(ValueError, match="1 to 3"):
        dress_outfit(Painter(), PERSON, [flat(RED, Kind.OUTER)] * number)


def test_auto_is_what_the_engine_sees():
    engine = Reader()
    done = dress_outfit(engine, PERSON, [Piece(GREEN), Piece(RED)])
    assert [piece.kind for piece in done.pieces] == [Kind.LOWER, Kind.UPPER]
    assert [kind for kind, _, _ in engine.calls] == [ClothesType.LOWER, ClothesType.UPPER]
    assert not any("taken for" in warning for warning in done.report.warnings)


def test_a_guess_is_told():
    done = dress_outfit(Reader(sure=0.5), PERSON, [Piece(GREEN)])
    assert "Garment 1 was taken for Lower-body, which is not sure; name its type." in done.report.warnings


def test_garments_that_turn_out_to_exclude_each_other():
    with pytest.raises(OutfitConflict) as caught:
        dress_outfit(Reader(), PERSON, [Piece(GREEN), Piece(BLUE)])
    assert caught.value.kinds == (Kind.LOWER, Kind.DRESS)


def test_an_engine_without_eyes_must_be_told():
    with pytest.raises(CannotTell):
        dress_outfit(Painter(), PERSON, [Piece(GREEN)])
    assert dress_outfit(Painter(), PERSON, [Piece(GREEN, Kind.LOWER)]).pieces[0].worn is False


@pytest.mark.parametrize(
    ("worn", "seen", "cut"), [("Auto", True, 1), ("Auto", False, 0), ("Yes", False, 1), ("No", True, 0)]
)
def test_a_worn_garment_is_cut_out_and_trusted_less(worn, seen, cut):
    engine = Reader(worn=seen)
    done = dress_outfit(engine, PERSON, [Piece(RED, Kind.UPPER, Worn(worn))])
    assert engine.cut == [ClothesType.UPPER] * cut
    assert tuple(done.image[20, 30]) == ((100, 0, 0) if cut else (200, 0, 0))
    assert done.pieces[0].worn is bool(cut)
    assert done.report.confidence == pytest.approx(0.5 * 0.8 * 0.8 if cut else 0.5)
    assert ("Cut out." in done.report.warnings) is bool(cut)


def test_which_piece_failed():
    black = cloth(0, 0, 0)
    with pytest.raises(PieceFailed) as caught:
        dress_outfit(Painter(), PERSON, [flat(RED, Kind.UPPER), flat(black, Kind.LOWER)])
    assert (caught.value.index, caught.value.kind) == (1, Kind.LOWER)
    with pytest.raises(PieceFailed) as caught:
        dress_outfit(Reader(), PERSON, [Piece(cloth(1, 0, 0), Kind.UPPER, Worn.YES)])
    assert caught.value.index == 0


def test_the_checkpoint_is_asked_between_garments():
    asked = []

    def checkpoint():
        asked.append(1)
        if len(asked) == 2:
            raise Cancelled

    engine = Painter()
    with pytest.raises(Cancelled):
        dress_outfit(engine, PERSON, [flat(RED, Kind.UPPER), flat(GREEN, Kind.LOWER)], checkpoint=checkpoint)
    assert len(engine.calls) == 1
