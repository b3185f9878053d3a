"""The draw: balanced, repeatable, on one side of the split, and never a garment's back."""

from __future__ import annotations

from collections import Counter

import pytest

from fittingroom.engines.protocol import ClothesType
from fittingroom.evaluation.drawing import GARMENTS, PERSONS, chosen, draw
from fittingroom.evaluation.photos import EvaluationError, Photos
from fittingroom.evaluation.split import Split, split


def test_every_cell_has_the_same_number_and_its_own_photos(photos: Photos) -> None:
    pairs = draw(photos, per_cell=8)
    cells = Counter((pair.clothes_type, pair.split) for pair in pairs)
    assert cells == {(kind, side): 8 for kind in ClothesType for side in Split}
    for pair in pairs:
        assert split(pair.person) is split(pair.garment) is pair.split
        assert pair.person.rsplit("/", 1)[0] in PERSONS[pair.clothes_type]
        assert pair.garment.rsplit("/", 1)[0] in GARMENTS[pair.clothes_type]
        assert "back" not in pair.garment
    assert len({(pair.person, pair.garment, pair.clothes_type) for pair in pairs}) == len(pairs)
    assert len({pair.number for pair in pairs}) == len(pairs)


def test_a_draw_is_repeatable_and_a_longer_one_begins_with_it(photos: Photos) -> None:
    short = draw(photos, per_cell=3)
    assert draw(photos, per_cell=3) == short
    assert draw(photos, per_cell=8)[: len(short)] == short
    assert draw(photos, seed=2, per_cell=3) != short


def test_its_beginning_is_balanced(photos: Photos) -> None:
    first = chosen(draw(photos, per_cell=4), limit=12)
    assert set(Counter((pair.clothes_type, pair.split) for pair in first).values()) == {2}


def test_a_part_can_be_chosen(photos: Photos) -> None:
    pairs = draw(photos, per_cell=4)
    part = chosen(pairs, Split.FINAL, ClothesType.LOWER)
    assert [pair.number for pair in part] == [f"lower-final-{n:02d}" for n in range(1, 5)]
    assert [pair.number for pair in chosen(pairs, only=["dress-tuning-02"])] == ["dress-tuning-02"]
    with pytest.raises(EvaluationError, match="no dress-tuning-99"):
        chosen(pairs, only=["dress-tuning-99", "dress-tuning-02"])


def test_too_few_photos_are_an_error(photos: Photos) -> None:
    with pytest.raises(EvaluationError, match="Too few photos"):
        draw(photos, per_cell=2000)


def test_a_side_without_photos_is_an_error(photos: Photos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fittingroom.evaluation.drawing.split", lambda name: Split.FINAL)
    with pytest.raises(EvaluationError, match="no tuning photo"):
        draw(photos, per_cell=1)
