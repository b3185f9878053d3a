"""Landmarks of a drawn tee against labels that are right, wrong or impossible."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fittingroom.evaluation import landmarks
from fittingroom.evaluation.measures.marks import MISSED
from fittingroom.evaluation.photos import EvaluationError, Photos

PHOTO = "garments/clean_upper/g.png"
TRUE = {"armpit_left": [188, 268], "armpit_right": [412, 268], "hem_left": [190, 640], "hem_right": [410, 640]}


def label(**more: object) -> dict:
    return {"photo": PHOTO, "type": "Upper-body", "cut": "short sleeve", "marks": TRUE, **more}


def test_a_drawn_tee_is_understood(shop: Photos, stage) -> None:
    (row,) = landmarks.run(shop, [label()], stage.nets)
    assert set(row["errors"]) == set(TRUE)
    assert max(row["errors"].values()) < 3
    assert landmarks.right(row)
    assert row["found"] == row["cut"]
    assert row["phone"] is False


def test_a_wrong_label_is_a_wrong_mark(shop: Photos, stage) -> None:
    wrong = {**TRUE, "hem_left": [260, 640]}
    (row,) = landmarks.run(shop, [label(marks=wrong)], stage.nets)
    assert row["errors"]["hem_left"] > 10
    assert not landmarks.right(row)
    assert landmarks.line(row).startswith(f"{PHOTO}: hem_left")


def test_a_photo_that_cannot_be_labelled_has_a_line_too(shop: Photos, stage) -> None:
    (row,) = landmarks.run(shop, [label(marks={})], stage.nets)
    assert row["usable"] is False
    assert landmarks.line(row).startswith(f"{PHOTO}: no labels 0.0 %, short sleeve")


def test_a_refused_garment_has_missed_every_mark(shop: Photos, stage) -> None:
    (row,) = landmarks.run(shop, [label(photo="persons/vitonhd/p.png", type="Lower-body")], Nothing())
    assert set(row["errors"].values()) == {MISSED}
    assert row["error"].startswith("NoGarmentFound")
    assert "NoGarmentFound" in landmarks.line(row)


class Nothing:
    """Networks that see no garment anywhere."""

    def cloth(self, rgb, area=0):
        out = np.zeros((*rgb.shape[:2], 4), np.float32)
        out[..., 0] = 1.0
        return out

    def selfie(self, rgb):
        return np.zeros((*rgb.shape[:2], 6), np.float32)


def test_shares_are_given_by_kind_of_photo_and_split() -> None:
    def row(kind: str, worst: float, **more: object) -> dict:
        base = {"photo": "p", "phone": kind == "phone", "split": "final", "usable": True, "cut": "skirt"}
        return {**base, "found": "skirt", "errors": {"hip_left": 1.0, "hem_left": worst}, **more}

    rows = [row("clean", 2.0), row("clean", 4.0, found="shorts"), row("phone", 1.0), row("phone", 1.0, usable=False)]
    text = landmarks.figures(rows)
    clean = next(line for line in text.splitlines() if line.startswith("product shots, final"))
    assert clean.split()[3:] == ["2", "0.500", "0.750", "1.500", "0.500"]
    assert "phone photos, final  1" in " ".join(text.split()).replace("final 1", "final  1")
    assert next(line for line in text.splitlines() if line.startswith("hem_left")).split()[1:] == [
        "3",
        "2.000",
        "0.667",
    ]


def test_labels_are_lists_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "upper.json").write_text(json.dumps([label(), label(traits=["hooded"])]))
    (tmp_path / "lower.json").write_text(json.dumps([label(type="Lower-body")]))
    assert [entry["type"] for entry in landmarks.read_labels(tmp_path)] == ["Lower-body", "Upper-body", "Upper-body"]


@pytest.mark.parametrize("text", ["{", "[1]", '[{"photo": "p"}]', '{"photo": "p"}'])
def test_what_is_no_list_of_labels_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "upper.json").write_text(text)
    with pytest.raises(EvaluationError, match=r"upper\.json is no list of labels"):
        landmarks.read_labels(tmp_path)


def test_a_folder_without_labels_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="--labels"):
        landmarks.read_labels(tmp_path)


def test_the_project_s_own_labels_are_read() -> None:
    found = landmarks.read_labels(Path(__file__).parents[2] / "training" / "garments" / "labels")
    assert len(found) > 100
    assert {entry["type"] for entry in found} == {"Upper-body", "Lower-body", "Dress"}
