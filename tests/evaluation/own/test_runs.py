"""A run over drawn pairs: outcomes, refusals, faults, bad pairs, engines that cannot be loaded, and going on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flat_engine import FlatEngine
from pictures import garment

from fittingroom.engines.protocol import TryOnResult
from fittingroom.evaluation.own.cases import Case
from fittingroom.evaluation.own.kept import Kept
from fittingroom.evaluation.own.measuring import Rulers
from fittingroom.evaluation.own.runs import NO_TRUTH, Making, Run, run

from .conftest import FLAT, Lacking, put

WHOLE = FlatEngine.try_on


def too_small(self, person, garment, clothes_type, *rest) -> TryOnResult:
    """Breaks the promise about the size."""
    done = WHOLE(self, person, garment, clothes_type)
    return TryOnResult(np.ascontiguousarray(done.image[::2]), done.report)


def go(engines: list[str], cases: list[Case], kept: Kept, making: Making) -> tuple[Run, list[str]]:
    said: list[str] = []
    return run(engines, cases, kept, making, Rulers(Lacking()), said.append), said


def test_each_pair_has_an_outcome_and_an_engine_that_is_not_there_stops_nothing(done: Run, kept: Kept) -> None:
    ann, cid, bea = done.of(FLAT)
    assert ann.values.keys() == {"outside", "truth_ssim", "round_ssim", "seconds"}
    assert ann.values["outside"] == 0
    assert 0 < ann.values["truth_ssim"] < 1
    assert bea.missing["truth_ssim"] == NO_TRUTH
    assert bea.warnings == ["The flat engine is for tests."]
    assert (cid.error, cid.crash) == ("NoGarmentFound: the test's garment says so", None)
    assert [one.picture for one in (ann, cid, bea)] == [True, False, True]
    assert kept.picture(FLAT, "Dress-bea").exists()
    assert list(done.unusable) == ["nowhere:Engine"]
    assert not done.complete


def test_the_way_back_that_is_refused_is_a_reason(shop: Path, cases: list[Case], kept: Kept, making: Making) -> None:
    garment((600, 800), "no-person").save(shop / "Upper-body" / "worn" / "ann.png")
    done, _ = go([FLAT], cases[:1], kept, making)
    assert done.of(FLAT)[0].missing["round_ssim"].startswith("the way back was refused: NoPersonFound")


def test_a_fault_on_the_way_back_is_noted_and_stops_nothing(
    shop: Path, cases: list[Case], kept: Kept, making: Making
) -> None:
    garment((600, 800), "fail").save(shop / "Upper-body" / "worn" / "ann.png")
    done, said = go([FLAT], cases, kept, making)
    ann = done.of(FLAT)[0]
    assert ann.missing["round_ssim"].startswith("the way back had a fault: RuntimeError")
    assert (ann.picture, ann.error, bool(ann.crash), done.complete) == (True, None, True, False)
    assert len(said) == 3


def test_what_is_there_is_not_made_again_unless_it_changed(cases: list[Case], kept: Kept, making: Making) -> None:
    assert len(go([FLAT], cases[:2], kept, making)[1]) == 2
    assert go([FLAT], cases[:2], kept, making)[1] == []
    done, said = go([FLAT], cases, kept, making)
    assert (len(said), len(done.outcomes), done.complete) == (1, 3, True)
    put(cases[0].person.parent, "ann.png")
    cases[0].garment.write_bytes(cases[2].person.read_bytes())
    assert [line.split(":")[1].split()[-1] for line in go([FLAT], cases, kept, making)[1]] == ["Upper-body-ann"]
    assert len(go([FLAT], cases, kept, Making("2", review=None))[1]) == 3
    assert len(go([FLAT], cases, kept, Making("2", review=None, again=True))[1]) == 3


def test_a_picture_that_cannot_be_read_is_listed(cases: list[Case], kept: Kept, making: Making) -> None:
    cases[0].truth.write_bytes(b"no picture")  # type: ignore[union-attr]
    done, _ = go([FLAT], cases, kept, making)
    assert [one.where for one in done.bad] == ["Upper-body-ann"]
    assert [case.id for case in done.cases] == ["Lower-body-cid", "Dress-bea"]
    assert not done.complete


@pytest.mark.parametrize(("trick", "told"), [("fail", "RuntimeError"), (None, "size of the person")])
def test_a_fault_of_an_engine_is_noted_with_its_trace(
    cases: list[Case], kept: Kept, making: Making, trick: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    garment((600, 800), trick).save(cases[0].garment)
    if trick is None:
        monkeypatch.setattr(FlatEngine, "try_on", too_small)
    done, said = go([FLAT], cases[:1], kept, making)
    (outcome,) = done.of(FLAT)
    assert told in (outcome.error or "")
    assert outcome.crash
    assert "FAULT" in said[0]
    assert not done.complete
