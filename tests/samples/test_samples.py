"""The sample people and garments: every picture is listed, of the promised size and format, small, named, licensed,
and ours."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from fittingroom.samples import Sample, all_samples, sample

TOOLS = Path(__file__).parents[2] / "tools" / "samples"
PEOPLE = [one for one in all_samples() if one.kind == "person"]
GARMENTS = [one for one in all_samples() if one.kind == "garment"]
EVERY = pytest.mark.parametrize("one", all_samples(), ids=lambda one: one.id)
FOLDER_LIMIT = 4_000_000
THUMB_LIMIT = 8_000


def told(name: str) -> dict[str, dict]:
    return json.loads((TOOLS / f"{name}.json").read_text("utf-8"))


def test_there_are_people_and_garments_and_each_is_found_by_its_id() -> None:
    assert len(PEOPLE) >= 6
    assert len(GARMENTS) >= 12
    assert list(all_samples()) == PEOPLE + GARMENTS
    assert [sample(one.id) for one in all_samples()] == list(all_samples())


def test_an_unknown_id_is_no_sample() -> None:
    with pytest.raises(KeyError):
        sample("nobody")


def test_the_folders_and_the_list_name_the_same_pictures() -> None:
    folder = PEOPLE[0].path.parent.parent
    named = [path for one in all_samples() for path in (one.path, one.thumb)]
    assert sorted(folder.rglob("*.jpg")) == sorted(named)


@EVERY
def test_a_sample_is_a_plain_upright_jpeg_of_the_size_that_is_told(one: Sample) -> None:
    with Image.open(one.path) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (one.width, one.height))
        assert not image.getexif()
    aspect = (2, 3) if one.kind == "person" else (3, 4)
    assert one.width * aspect[1] == one.height * aspect[0]
    assert one.width >= (960 if one.kind == "person" else 660)


@EVERY
def test_a_thumb_is_the_same_small(one: Sample) -> None:
    with Image.open(one.thumb) as image:
        assert (image.format, image.width) == ("JPEG", 120)
        assert image.height == round(120 * one.height / one.width)
    assert one.thumb.stat().st_size <= THUMB_LIMIT


@EVERY
def test_a_sample_has_names_a_licence_and_the_command_that_made_it(one: Sample) -> None:
    assert one.name["en"].isascii()
    assert re.search("[\u4e00-\u9fff]", one.name["zh"])
    assert one.licence == "CC0-1.0"
    script, name = re.fullmatch(r"python (tools/samples/\w+\.py) .* ([\w-]+)", one.made_with).groups()  # type: ignore[union-attr]
    assert (TOOLS.parents[1] / script).is_file()
    assert name == one.id


def test_the_people_are_those_that_the_script_knows_and_both_sexes_wear_what_was_promised() -> None:
    known = told("people")
    assert [one.id for one in PEOPLE] == list(known)
    assert {one.clothes_type for one in PEOPLE} == {None}
    assert {round(person["shape"]["gender"]) for person in known.values()} == {0, 1}
    kinds = {garment["cut"]["kind"] for person in known.values() for garment in person["garments"]}
    assert kinds == {"top", "trousers", "skirt", "dress"}


def test_the_garments_are_those_that_the_script_knows_of_every_type() -> None:
    known = told("garments")
    assert [one.id for one in GARMENTS] == list(known)
    assert all(one.clothes_type == known[one.id]["clothes_type"] for one in GARMENTS)
    assert {garment["on"] for garment in known.values()} <= set(told("people"))
    types = Counter(one.clothes_type for one in GARMENTS)
    assert set(types) == {"Upper-body", "Lower-body", "Dress"}
    assert min(types.values()) >= 3


def test_all_samples_together_stay_small() -> None:
    folder = PEOPLE[0].path.parent.parent
    assert sum(path.stat().st_size for path in folder.rglob("*.jpg")) <= FOLDER_LIMIT
