"""What a run keeps: it survives a kill in the middle of a line, and belongs to the photos it was made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fittingroom.evaluation.own.cases import Case
from fittingroom.evaluation.own.kept import Kept, Outcome, key_of
from fittingroom.evaluation.photos import EvaluationError, read_rgb


def test_a_picture_and_its_line_come_back(kept: Kept) -> None:
    picture = np.full((70, 64, 3), (1, 2, 3), np.uint8)
    kept.add(Outcome("a:B", "one", "k", values={"drift": 0.5}), picture)
    kept.add(Outcome("a:B", "one", "k2", error="no"), None)
    kept.add(Outcome("a:B", "two", "k"), picture)
    found = Kept(kept.folder).outcomes()
    assert found["a:B", "one"].error == "no"
    assert not kept.picture("a:B", "one").exists()
    assert found["a:B", "two"].picture
    assert (read_rgb(kept.folder / "results" / "a_B" / "two.png") == picture).all()


def test_half_a_line_is_dropped_and_the_next_begins_its_own(kept: Kept) -> None:
    kept.add(Outcome("e", "one", "k"), None)
    lines = kept.folder / "outcomes.jsonl"
    lines.write_text(lines.read_text() + '{"engine": "e", "pa')
    again = Kept(kept.folder)
    again.add(Outcome("e", "two", "k"), None)
    assert set(again.outcomes()) == {("e", "one"), ("e", "two")}


def test_a_damaged_line_is_named(kept: Kept) -> None:
    (kept.folder / "outcomes.jsonl").write_text("{}\n")
    with pytest.raises(EvaluationError, match="line 1 is damaged"):
        kept.outcomes()


def test_the_key_changes_with_all_that_an_outcome_depends_on(cases: list[Case], tmp_path: Path) -> None:
    case = cases[0]
    keys = {key_of(case, "e", "1"), key_of(case, "f", "1"), key_of(case, "e", "2"), key_of(cases[2], "e", "1")}
    keys.add(key_of(replace(case, truth=None), "e", "1"))
    assert key_of(case, "e", "1") in keys
    case.garment.write_bytes(case.garment.read_bytes() + b" ")
    keys.add(key_of(case, "e", "1"))
    assert len(keys) == 6
