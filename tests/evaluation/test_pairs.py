"""Pairs: who gets whose garment, and what is measured on them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fittingroom.engines.protocol import NoGarmentFound
from fittingroom.evaluation import pairs
from fittingroom.evaluation.measures.likeness import ssim
from fittingroom.evaluation.photos import EvaluationError, Photos, read_rgb
from fittingroom.evaluation.split import split

NAMES = [f"vitonhd_{number:05d}_00.jpg" for number in range(26)]


def test_every_garment_goes_once_to_another_person_of_its_split() -> None:
    plan = pairs.plan(NAMES)
    assert [name for name, _ in plan] == NAMES
    assert Counter(other for _, other in plan) == dict.fromkeys(NAMES, 1)
    for name, other in plan:
        assert name != other
        assert split(name) is split(other)


def test_the_plan_hangs_on_the_seed_alone() -> None:
    assert pairs.plan(NAMES[::-1]) == pairs.plan(NAMES)
    assert pairs.plan(NAMES, seed=2) != pairs.plan(NAMES)


def test_a_lonely_pair_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="only pair of its split"):
        pairs.plan(NAMES[:1])


def mean_difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other).mean())


def test_direct_and_round_trip_are_set_beside_the_photo(
    shop: Photos, stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "DrapeEngine", lambda nets: stage.engine)
    plan = pairs.plan([Path(name).name for name in shop.names("pairs/image")])
    (row,) = pairs.run(shop, plan[:1], stage.engine, lambda: stage.nets, mean_difference, tmp_path)
    person = shop.usable(f"pairs/image/{row['name']}")
    for kind in ("direct", "other", "round"):
        picture = read_rgb(tmp_path / f"{Path(row['name']).stem}-{kind}.png")
        assert row[f"{kind}_ssim"] == ssim(person, picture)
        assert row[f"{kind}_lpips"] == mean_difference(person, picture) > 0
    assert 0.2 < row["direct_outline"] <= 1.0


def test_a_refused_pair_is_counted_and_takes_part_in_no_mean(
    shop: Photos, stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise NoGarmentFound("none")

    monkeypatch.setattr(stage.engine, "inspect", refuse)
    plan = pairs.plan([Path(name).name for name in shop.names("pairs/image")])
    (row,) = pairs.run(shop, plan[:1], stage.engine, lambda: stage.nets, mean_difference, None)
    assert row["error"] == "NoGarmentFound: none"
    good = {"split": "final", "error": None, **dict.fromkeys(pairs.MEASURES, 0.5)}
    better = {**good, **dict.fromkeys(pairs.MEASURES, 0.8), "direct_outline": None}
    lines = {
        line.split()[1]: line.split()[2:]
        for line in pairs.figures([good, good, better, {**row, "split": "final"}]).splitlines()[1:]
    }
    assert lines["round_ssim"] == ["3", "1", "0.600", "0.500"]
    assert lines["direct_outline"] == ["3", "1", "0.500", "0.500"]
