"""One pair: what is noted of a picture, of a refusal and of a fault."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fittingroom.engines.protocol import NoPersonFound
from fittingroom.evaluation.drawing import Pair
from fittingroom.evaluation.looking import look
from fittingroom.evaluation.photos import Photos


def test_a_picture_is_measured(shop: Photos, stage, pair: Pair) -> None:
    looked = look(pair, shop, stage.engine, lambda: stage.nets)
    row = json.loads(json.dumps(looked.row))
    assert row["number"] == pair.number
    assert row["clothes_type"] == "Upper-body"
    assert row["error"] is None
    measures = row["measures"]
    assert measures["outside"] == measures["skin_painted"] == measures["skin_shown"] == 0
    assert measures["stray"] < 0.01
    assert measures["colour_mean"] < 6
    assert measures["colour"] < 6
    assert measures["drift"] == 0, "the mannequin's networks see the same joints"
    assert sum(row["stages"].values()) <= row["seconds"]
    assert looked.picture is not None
    assert looked.picture.shape == looked.person.shape


def test_a_lost_person_has_drifted_by_the_whole_picture(
    shop: Photos, stage, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blind:
        selfie = staticmethod(stage.nets.selfie)

        @staticmethod
        def pose(rgb: np.ndarray) -> None:
            return None

    row = look(pair, shop, stage.engine, lambda: Blind).row  # type: ignore[arg-type,return-value]
    assert row["measures"]["drift"] > 3


def test_a_refusal_is_a_result(shop: Photos, stage, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise NoPersonFound("nobody")

    monkeypatch.setattr(stage.engine, "inspect", refuse)
    looked = look(pair, shop, stage.engine, lambda: stage.nets)
    assert looked.picture is None
    assert looked.row["error"] == "NoPersonFound: nobody"
    assert looked.row["crash"] is None


def test_a_fault_is_kept_with_its_traceback(shop: Photos, stage, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(stage.engine, "inspect", fail)
    row = look(pair, shop, stage.engine, lambda: stage.nets).row
    assert row["error"] == "ZeroDivisionError: by nought"
    assert "in fail" in row["crash"]
