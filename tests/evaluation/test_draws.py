"""A run over pairs: resumed, renewed, drawn onto pages, summed up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fittingroom.evaluation import draws
from fittingroom.evaluation.drawing import Pair
from fittingroom.evaluation.looking import Looked
from fittingroom.evaluation.pages import REFUSED, WARNED
from fittingroom.evaluation.photos import Photos, read_rgb
from fittingroom.evaluation.store import Store

PICTURE = np.full((80, 60, 3), 99, np.uint8)


@pytest.fixture
def run(shop: Photos, tmp_path: Path, pair: Pair, monkeypatch: pytest.MonkeyPatch):
    """Runs two pairs, the second refused, and returns (rows, pairs dressed, lines said)."""
    dressed: list[str] = []

    def look(case: Pair, *rest: object) -> Looked:
        dressed.append(case.number)
        row = {"number": case.number, "person": case.person, "garment": case.garment, "split": "tuning"}
        row |= {"clothes_type": "Upper-body", "error": None, "crash": None, "warnings": ["W."], "confidence": 0.5}
        measures = {"outside": 0.0, "skin_painted": 0, "skin_shown": 12, "colour": 1.5, "colour_mean": None}
        row |= {"seconds": 2.0, "measures": measures}
        if case.number == "b":
            return Looked({**row, "error": "NoPersonFound: nobody"}, PICTURE, PICTURE, None)
        return Looked(row, PICTURE, PICTURE, PICTURE)

    monkeypatch.setattr(draws, "look", look)
    pairs = [replace(pair, number=number) for number in "ab"]

    def once(again: bool = False):
        dressed.clear()
        said: list[str] = []
        store = Store(tmp_path / "out")
        rows = draws.run(pairs, shop, store, None, None, again=again, stamp="c0ffee", say=said.append)
        return rows, list(dressed), said, store

    return once


def test_a_second_run_goes_on_and_again_dresses_anew(run) -> None:
    rows, dressed, said, _ = run()
    assert dressed == ["a", "b"]
    assert [row["engine"] for row in rows] == ["c0ffee", "c0ffee"]
    assert said == ["a p.png g.png: 0.50 2.0 s SKIN_SHOWN 12 W.", "b p.png g.png: refused: NoPersonFound: nobody"]
    assert run()[1] == []
    assert run(again=True)[1] == ["a", "b"]


def test_pages_show_warned_and_refused_pairs_in_their_inks(run, shop: Photos) -> None:
    rows, _, _, store = run()
    (store.folder / "page-09.png").write_bytes(b"old")
    (path,) = draws.write_pages(rows, shop, store)
    assert [p.name for p in store.folder.glob("page-*.png")] == [path.name] == ["page-01.png"]
    page = read_rgb(path)
    for ink in (WARNED, REFUSED):
        assert (page == ink).all(axis=-1).any()


def test_figures_count_refusals_and_what_must_be_zero(run) -> None:
    rows, *_ = run()
    heading, line = draws.figures(rows).splitlines()
    cells = dict(zip(heading.split(), line.split(), strict=True))
    assert cells["n"] == "2"
    assert cells["refused"] == "1"
    assert cells["faults"] == "0"
    assert cells["warned"] == "1"
    assert cells["colour"] == "1.500"
    assert cells["colour_mean"] == "-"
    assert cells["skin_painted"] == "0"
    assert cells["skin_shown"] == "1"
    assert draws.line({**rows[1], "crash": "trace"}).startswith("b p.png g.png: FAULT")
