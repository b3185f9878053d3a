"""Results on disk: the last line of a number counts, pictures come before lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fittingroom.evaluation.looking import Looked
from fittingroom.evaluation.photos import EvaluationError, read_rgb
from fittingroom.evaluation.store import GAP, Store, abreast


def looked(number: str, value: int, picture: bool = True) -> Looked:
    person = np.full((20, 10, 3), value, np.uint8)
    return Looked({"number": number, "value": value}, person, person[:5], person + 1 if picture else None)


def test_what_was_added_is_there(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "out")
    assert store.rows() == {}
    store.add(looked("a", 10))
    store.add(looked("b", 20))
    store.add(looked("a", 30))
    assert [row["value"] for row in Store(tmp_path / "deep" / "out").rows().values()] == [30, 20]
    assert (read_rgb(store.result("a")) == 31).all()
    triple = read_rgb(store.folder / "triples" / "a.png")
    assert triple.shape == (20, 3 * (10 + GAP), 3)


def test_a_refusal_leaves_no_old_picture(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(looked("a", 10))
    store.add(looked("a", 10, picture=False))
    assert not store.result("a").exists()


def test_a_damaged_list_is_told_with_its_line(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(looked("a", 1))
    with (tmp_path / "results.jsonl").open("a") as file:
        file.write('{"number": "b", "va')
    with pytest.raises(EvaluationError, match="line 2 is damaged"):
        store.rows()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EvaluationError, match="Cannot write"):
        Store(tmp_path / "file")


def test_pictures_stand_side_by_side_unscaled() -> None:
    one, other = np.zeros((4, 3, 3), np.uint8), np.full((6, 2, 3), 9, np.uint8)
    both = abreast([one, other])
    assert both.shape == (6, 5 + 2 * GAP, 3)
    assert (both[:4, :3] == 0).all()
    assert (both[4:, :3] == 255).all()
    assert (both[:, 3 + GAP : 5 + GAP] == 9).all()
