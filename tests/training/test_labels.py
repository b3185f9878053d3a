"""The hand labels of garment landmarks are data: names known, coordinates inside the photo, sides not swapped.

Nothing here opens a photo, so the test runs wherever the repository does. Each rule is one function over one entry; the
last tests hand each rule an entry that breaks it, so that a rule that accepts everything would be noticed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fittingroom.engines.drape.types import Cut, Traits
from fittingroom.engines.protocol import ClothesType

LABELS = Path(__file__).parents[2] / "training" / "garments" / "labels"
FILES = {"upper": ClothesType.UPPER, "lower": ClothesType.LOWER, "dress": ClothesType.DRESS}
Entry = dict[str, Any]

TRUNK = {"neck_left", "neck_right", "neck_front", "shoulder_left", "shoulder_right", "armpit_left", "armpit_right"}
TRUNK |= {"hem_left", "hem_right"}
SLEEVES = {"cuff_out_left", "cuff_in_left", "cuff_out_right", "cuff_in_right"}
SKIRT = {"waist_left", "waist_right", "hip_left", "hip_right", "hem_left", "hem_right"}
LEGS = {"hem_out_left", "hem_in_left", "hem_out_right", "hem_in_right"}
TROUSERS = {"waist_left", "waist_right", "hip_left", "hip_right", "crotch"} | LEGS
JUMPSUIT = (TRUNK | SLEEVES | LEGS | {"crotch"}) - {"hem_left", "hem_right"}
NAMES = {
    Cut.SLEEVELESS.value: TRUNK,
    **{cut.value: TRUNK | SLEEVES for cut in (Cut.SHORT_SLEEVE, Cut.HALF_SLEEVE, Cut.LONG_SLEEVE)},
    **{cut.value: TROUSERS for cut in (Cut.TROUSERS, Cut.SHORTS)},
    Cut.SKIRT.value: SKIRT,
    "jumpsuit": JUMPSUIT,
}
CUTS = {
    ClothesType.UPPER: {"sleeveless", "short sleeve", "half sleeve", "long sleeve"},
    ClothesType.LOWER: {"trousers", "shorts", "skirt"},
    ClothesType.DRESS: {"sleeveless", "short sleeve", "half sleeve", "long sleeve", "jumpsuit"},
}


def check_words(entry: Entry) -> None:
    clothes_type = ClothesType(entry["type"])
    assert set(entry) <= {"photo", "size", "type", "cut", "traits", "length", "unusable", "marks"}
    assert entry["cut"] in CUTS[clothes_type]
    assert set(entry["traits"]) <= set(Traits.__dataclass_fields__)
    assert len(entry["traits"]) == len(set(entry["traits"]))
    long_enough = entry["cut"] == "skirt" or (clothes_type is ClothesType.DRESS and entry["cut"] != "jumpsuit")
    assert ("length" in entry) == (long_enough and "unusable" not in entry)
    assert entry.get("length", "mini") in {"mini", "midi", "maxi"}


def check_names(entry: Entry) -> None:
    assert set(entry["marks"]) <= NAMES[entry["cut"]]
    assert bool(entry["marks"]) != bool(entry.get("unusable"))
    assert len(entry["marks"]) >= 5 or entry.get("unusable")


def check_inside(entry: Entry) -> None:
    width, height = entry["size"]
    for x, y in entry["marks"].values():
        assert isinstance(x, int)
        assert isinstance(y, int)
        assert x in range(width)
        assert y in range(height)


def check_sides(entry: Entry) -> None:
    marks = entry["marks"]
    for name, (x, _) in marks.items():
        other = name.replace("_left", "_right")
        if name != other and other in marks:
            assert x < marks[other][0], name
    tops = [y for name, (_, y) in marks.items() if name.startswith(("neck_l", "neck_r", "waist"))]
    hems = [y for name, (_, y) in marks.items() if name.startswith("hem")]
    assert not tops or not hems or max(tops) < min(hems)


CHECKS: tuple[Callable[[Entry], None], ...] = (check_words, check_names, check_inside, check_sides)


def entries(name: str) -> list[Entry]:
    loaded: list[Entry] = json.loads((LABELS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def every() -> Iterator[tuple[str, Entry]]:
    for name in FILES:
        for entry in entries(name):
            yield name, entry


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_label_keeps_the_rules(check: Callable[[Entry], None]) -> None:
    for name, entry in every():
        assert ClothesType(entry["type"]) is FILES[name]
        try:
            check(entry)
        except AssertionError as broken:
            raise AssertionError(f"{entry['photo']}: {broken}") from broken


def test_no_photo_is_labelled_twice() -> None:
    photos = [Path(entry["photo"]).name for _, entry in every()]
    assert len(photos) == len(set(photos))
    assert photos


def good() -> Entry:
    marks = {"waist_left": [10, 10], "waist_right": [50, 10], "hip_left": [8, 30], "hip_right": [52, 30]}
    marks |= {"hem_left": [5, 80], "hem_right": [55, 80]}
    return {
        "photo": "a/b.jpg",
        "size": [60, 90],
        "type": "Lower-body",
        "cut": "skirt",
        "traits": [],
        "length": "mini",
        "marks": marks,
    }


@pytest.mark.parametrize(
    ("check", "key", "value"),
    [
        (check_words, "cut", "long sleeve"),
        (check_words, "traits", ["pretty"]),
        (check_words, "length", "short"),
        (check_words, "colour", "red"),
        (check_names, "unusable", "folded"),
        (check_names, "marks", {}),
        (check_names, "marks", {"crotch": [3, 4]}),
        (check_inside, "size", [60, 80]),
        (check_inside, "marks", {"hem_left": [-1, 2]}),
        (check_sides, "marks", {"hem_left": [9, 2], "hem_right": [9, 2]}),
        (check_sides, "marks", {"waist_left": [9, 20], "hem_right": [9, 20]}),
    ],
)
def test_a_wrong_label_is_found(check: Callable[[Entry], None], key: str, value: object) -> None:
    for each in CHECKS:
        each(good())
    with pytest.raises(AssertionError):
        check({**good(), key: value})
