"""Garments kept for the next person: the same pixels are understood once, others anew, and only the last few stay."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.drape.kept import KeptGarments
from fittingroom.engines.drape.types import Cut, Garment
from fittingroom.engines.protocol import ClothesType, NoGarmentFound


def photo(value: int, shape: tuple[int, int] = (6, 4)) -> np.ndarray:
    return np.full((*shape, 3), value, np.uint8)


class Maker:
    """Makes a new garment each time and counts."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Garment:
        self.made += 1
        return Garment(photo(0), np.zeros((6, 4), np.float32), Cut.SKIRT, {"crotch": np.ones(2, np.float32)}, 1.0)


def test_the_same_pixels_are_understood_once() -> None:
    kept, make = KeptGarments(), Maker()
    first = kept.get(photo(1), ClothesType.UPPER, make)
    assert kept.get(photo(1), ClothesType.UPPER, make) is first
    assert make.made == 1


def test_other_pixels_another_shape_or_another_type_are_another_garment() -> None:
    kept, make = KeptGarments(), Maker()
    asked = [(photo(1), "UPPER"), (photo(2), "UPPER"), (photo(1, (4, 6)), "UPPER"), (photo(1), "DRESS")]
    garments = [kept.get(rgb, ClothesType[kind], make) for rgb, kind in asked]
    assert make.made == len({id(garment) for garment in garments}) == 4


def test_a_cut_out_view_is_keyed_by_its_own_pixels() -> None:
    kept, make = KeptGarments(), Maker()
    whole = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    first = kept.get(whole[:, :4], ClothesType.UPPER, make)
    assert kept.get(whole[:, 4:], ClothesType.UPPER, make) is not first
    assert kept.get(whole[:, :4].copy(), ClothesType.UPPER, make) is first


def test_the_least_recently_used_goes_first() -> None:
    kept, make = KeptGarments(limit=2), Maker()
    for value in (1, 2, 1, 3):
        kept.get(photo(value), ClothesType.UPPER, make)
    assert make.made == 3
    kept.get(photo(1), ClothesType.UPPER, make)
    assert make.made == 3, "1 was used after 2"
    kept.get(photo(2), ClothesType.UPPER, make)
    assert make.made == 4


def test_none_is_kept_where_none_is_wanted() -> None:
    kept, make = KeptGarments(limit=0), Maker()
    kept.get(photo(1), ClothesType.UPPER, make)
    kept.get(photo(1), ClothesType.UPPER, make)
    assert make.made == 2


def test_a_refusal_is_not_kept() -> None:
    kept, make = KeptGarments(), Maker()

    def refuse() -> Garment:
        raise NoGarmentFound("nothing there")

    with pytest.raises(NoGarmentFound):
        kept.get(photo(1), ClothesType.UPPER, refuse)
    kept.get(photo(1), ClothesType.UPPER, make)
    assert make.made == 1


def test_nobody_can_write_into_what_is_kept() -> None:
    garment = KeptGarments().get(photo(1), ClothesType.UPPER, Maker())
    for values in (garment.rgb, garment.alpha, *garment.marks.values()):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1
