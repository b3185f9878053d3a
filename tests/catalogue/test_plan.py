"""What makes a work the same work, what it is called, and in which order works come."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from fittingroom.catalogue.plan import TILE_GARMENTS, TILE_PERSONS, Making, Plan, make_plan, shown, tiles
from fittingroom.catalogue.rows import BadRow, Row, read_row
from fittingroom.engines.protocol import TryOnOptions

MAKING = Making("drape", "1.0", True, "en-US", "jpeg")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("p1", "p2", "g1", "g2"):
        (tmp_path / f"{name}.jpg").write_text(name)
    return tmp_path


def row(folder: Path, person: str = "p1.jpg", garment: str = "g1.jpg", where: str = "m:2", **values: object) -> Row:
    read = read_row({"person": person, "garment": garment, "type": "Dress", **values}, where, folder)
    assert isinstance(read, Row)
    return read


def key(one: Row, making: Making = MAKING) -> str:
    (found,) = make_plan([one], making).works
    return found


def test_the_key_is_what_decides_the_picture(folder: Path) -> None:
    base = row(folder)
    same = key(base)
    assert key(replace(base, where="other:7")) == same
    (folder / "copy.jpg").write_text("p1")
    assert key(row(folder, person="copy.jpg")) == same
    others = [
        key(row(folder, person="p2.jpg")),
        key(row(folder, garment="g2.jpg")),
        key(row(folder, type="Upper-body")),
        key(row(folder, id="name")),
        key(replace(base, options=TryOnOptions(seed=1))),
        key(replace(base, options=TryOnOptions(length=1.1))),
        *(
            key(base, replace(MAKING, **change))
            for change in (
                {"engine": "flat"},
                {"version": "1.1"},
                {"mark": False},
                {"language": "zh-CN"},
                {"image_format": "png"},
            )
        ),
    ]
    (folder / "p1.jpg").write_text("another photo under the same name")
    others.append(key(base))
    assert same not in others
    assert len(set(others)) == len(others)


def test_files_are_named_after_both_photos_or_the_id(folder: Path) -> None:
    plan = make_plan([row(folder), row(folder, id="look-1")], MAKING)
    first, second = plan.works.values()
    assert first.file == f"p1--g1-{first.key[:10]}.jpg"
    assert second.file == "look-1.jpg"
    url = row(folder, person="https://x.example/%2e%2e/..%2fan na.jpg?token=abc")
    (work,) = make_plan([url], replace(MAKING, image_format="png")).works.values()
    assert work.file == f"2fan_na--g1-{work.key[:10]}.png"


def test_rows_that_want_the_same_picture_share_a_work(folder: Path) -> None:
    plan = make_plan([row(folder), row(folder, garment="g2.jpg"), row(folder, where="m:4")], MAKING)
    assert len(plan.works) == 2
    assert plan.of_row[0] == plan.of_row[2] != plan.of_row[1]


def test_a_file_that_is_missing_makes_its_rows_bad(folder: Path) -> None:
    plan = make_plan([row(folder, garment="none.jpg"), row(folder), BadRow("m:4", ("", "", ""), "said so")], MAKING)
    first, second, third = plan.rows
    assert isinstance(first, BadRow)
    assert first.problem == "the file of garment cannot be read: No such file or directory"
    assert first.said == ("p1.jpg", "none.jpg", "Dress")
    assert isinstance(second, Row)
    assert isinstance(third, BadRow)
    assert [bool(one) for one in plan.of_row] == [False, True, False]


def test_a_url_is_known_by_its_text_and_not_fetched(folder: Path) -> None:
    one, other = (row(folder, person=f"https://x.example/a.jpg?v={v}") for v in (1, 2))
    plan = make_plan([one, other], MAKING)
    assert len(plan.works) == 2
    assert {work.person_hash for work in plan.works.values()} == {""}


def test_tiles_keep_photos_together(folder: Path) -> None:
    rows = [row(folder, f"https://x.example/p{p}", f"https://x.example/g{g}") for p in range(9) for g in range(30)]
    plan: Plan = make_plan(rows, MAKING)
    made = tiles(list(plan.works.values()))
    assert sorted(work.key for tile in made for work in tile) == sorted(plan.works)
    for tile in made:
        persons = [work.row.person for work in tile]
        assert len(set(persons)) <= TILE_PERSONS
        assert len({work.row.garment for work in tile}) <= TILE_GARMENTS
        changes = sum(before != after for before, after in pairwise(persons))
        assert changes == len(set(persons)) - 1
    assert len(made) == 3 * 3


def test_a_place_is_shown_without_what_may_be_secret() -> None:
    assert shown("https://user:pw@x.example:8443/a/b.jpg?sig=1#f") == "https://x.example:8443/a/b.jpg"
    assert shown("models/a?b.jpg") == "models/a?b.jpg"
