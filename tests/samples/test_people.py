"""The sample people: every picture is listed, of the promised size and format, small, named, licensed, and ours."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from fittingroom.samples import Sample, all_samples, sample

TOOLS = Path(__file__).parents[2] / "tools" / "samples"
PEOPLE = [one for one in all_samples() if one.kind == "person"]
FOLDER_LIMIT = 4_000_000


def test_there_are_people_and_each_is_found_by_its_id() -> None:
    assert len(PEOPLE) >= 4
    assert [sample(one.id) for one in PEOPLE] == [one.path for one in PEOPLE]


def test_the_folder_and_the_list_name_the_same_pictures() -> None:
    folder = PEOPLE[0].path.parent
    assert sorted(folder.iterdir()) == sorted(one.path for one in PEOPLE)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda one: one.id)
def test_a_person_is_a_plain_upright_jpeg_of_the_size_that_is_told(person: Sample) -> None:
    with Image.open(person.path) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (person.width, person.height))
        assert not image.getexif()
    assert person.width >= 960
    assert person.height * 2 == person.width * 3


@pytest.mark.parametrize("person", PEOPLE, ids=lambda one: one.id)
def test_a_person_has_names_a_licence_and_the_command_that_made_it(person: Sample) -> None:
    assert person.name["en"].isascii()
    assert re.search("[\u4e00-\u9fff]", person.name["zh"])
    assert person.licence == "CC0-1.0"
    script, name = re.fullmatch(r"python (tools/samples/\w+\.py) .* (\w+)", person.made_with).groups()  # type: ignore[union-attr]
    assert (TOOLS.parents[1] / script).is_file()
    assert name == person.id


def test_the_people_are_those_that_the_script_knows_and_both_sexes_wear_what_was_promised() -> None:
    known = json.loads((TOOLS / "people.json").read_text("utf-8"))
    assert {one.id for one in PEOPLE} <= set(known)
    shown = [known[one.id] for one in PEOPLE]
    assert {round(one["shape"]["gender"]) for one in shown} == {0, 1}
    assert {garment["cut"]["kind"] for one in shown for garment in one["garments"]} >= {
        "top",
        "trousers",
        "skirt",
        "dress",
    }


def test_all_samples_together_stay_small() -> None:
    folder = PEOPLE[0].path.parent.parent
    assert sum(path.stat().st_size for path in folder.rglob("*.jpg")) <= FOLDER_LIMIT
