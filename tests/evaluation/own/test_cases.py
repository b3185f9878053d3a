"""Pairs from lists and folders; what is wrong with one does not touch the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fittingroom.engines.protocol import ClothesType
from fittingroom.evaluation.own.cases import read_cases
from fittingroom.evaluation.photos import EvaluationError

from .conftest import put


def test_folders_pair_files_by_name(shop: Path) -> None:
    put(shop, "Dress/person/lonely.png")
    put(shop, "Dress/garment/unworn.png")
    cases, bad = read_cases(shop)
    assert [case.id for case in cases] == ["Upper-body-ann", "Lower-body-cid", "Dress-bea"]
    assert cases[0].truth == shop / "Upper-body" / "truth" / "ann.png"
    assert cases[0].worn == shop / "Upper-body" / "worn" / "ann.png"
    assert cases[2].truth is None
    assert cases[2].clothes_type is ClothesType.DRESS
    assert [(one.where, one.reason.rsplit("/", 1)[1]) for one in bad] == [
        ("Dress-lonely", "garment has no picture named lonely.*"),
        ("Dress-unworn", "person has no picture named unworn.*"),
    ]


def test_a_csv_names_pairs_and_each_bad_line_is_told(tmp_path: Path) -> None:
    for name in ("p.png", "garment.png"):
        put(tmp_path, name)
    lines = [
        "id,person,garment,type,truth",
        "one,p.png,garment.png,Dress,",
        ",p.png,garment.png,Upper-body,p.png",
        "one,p.png,garment.png,Dress,",
        "gone,p.png,none.png,Dress,",
        "hat,p.png,garment.png,Hat,",
        "more,p.png,garment.png,Dress,,,,",
        "../out,p.png,garment.png,Dress,",
    ]
    (tmp_path / "pairs.csv").write_text("\ufeff" + "\n".join(lines))
    cases, bad = read_cases(tmp_path)
    assert [(case.id, case.truth and case.truth.name) for case in cases] == [("one", None), ("pair-003", "p.png")]
    told = {one.where: one.reason for one in bad}
    assert told.keys() == {"one", "gone", "pairs.csv, line 6", "pairs.csv, line 7", "pairs.csv, line 8"}
    assert "taken" in told["one"]
    assert "none.png" in told["gone"]
    assert told["pairs.csv, line 6"].startswith("type: ")
    assert told["pairs.csv, line 7"].startswith("columns beyond the heading")
    assert told["pairs.csv, line 8"].startswith("id: ")


def test_a_json_list_is_read_from_its_own_folder(tmp_path: Path) -> None:
    for name in ("p.png", "garment.png"):
        put(tmp_path, name)
    path = tmp_path / "mine.json"
    path.write_text(json.dumps([{"person": "p.png", "garment": "garment.png", "type": "Dress"}, "text"]))
    cases, bad = read_cases(path)
    assert [(case.id, case.person) for case in cases] == [("pair-001", tmp_path / "p.png")]
    assert [one.where for one in bad] == ["mine.json, pair 2"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("pairs.json", "{", "no JSON"),
        ("pairs.json", "{}", "must be a list"),
        ("pairs.csv", "person,garment,type\n", "no pair"),
    ],
)
def test_a_list_without_pairs_is_refused(tmp_path: Path, name: str, content: str, told: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(EvaluationError, match=told):
        read_cases(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("pairs.csv", "person,garment,type\n你.jpg,b.jpg,Dress\n".encode("gbk"), "no CSV in UTF-8"),
        ("pairs.csv", b"person,garment,type\n" + b"a" * 200_000, "no CSV in UTF-8"),
        ("pairs.json", b"[" * 3000, "no JSON"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EvaluationError, match=told):
        read_cases(tmp_path)


def test_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="no file or folder"):
        read_cases(tmp_path / "none")
