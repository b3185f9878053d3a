"""Means, intervals and paired differences on values that can be told by hand."""

from __future__ import annotations

import pytest

from fittingroom.engines.protocol import ClothesType
from fittingroom.evaluation.own.cases import Case
from fittingroom.evaluation.own.kept import Outcome
from fittingroom.evaluation.own.runs import Run
from fittingroom.evaluation.own.statistics import differences, figure, reasons, values_of


def a_run(**engines: list[dict[str, float]]) -> Run:
    count = max(map(len, engines.values()))
    cases = [Case(f"p{n}", None, None, ClothesType.DRESS) for n in range(count)]  # type: ignore[arg-type]
    run = Run(list(engines), cases, [])
    for engine, rows in engines.items():
        for number, values in enumerate(rows):
            missing = {} if "colour" in values else {"colour": "why"}
            run.outcomes[engine, f"p{number}"] = Outcome(engine, f"p{number}", "k", values=values, missing=missing)
    return run


def test_a_figure_needs_three_values_for_an_interval() -> None:
    assert figure([]) is None
    two = figure([1.0, 3.0])
    assert two is not None
    assert (two.n, two.mean, two.low, two.high) == (2, 2.0, None, None)
    many = figure([float(n) for n in range(101)])
    assert many is not None
    assert (many.mean, many.median) == (50.0, 50.0)
    half = 1.96 * 29.15 / 101**0.5
    assert many.low == pytest.approx(50 - half, abs=0.6)
    assert many.high == pytest.approx(50 + half, abs=0.6)
    assert figure([float(n) for n in range(101)]) == many


def test_differences_are_taken_on_shared_pairs_and_lower_may_be_better() -> None:
    run = a_run(
        a=[{"colour": 2.0}, {"colour": 3.0}, {"colour": 5.0}, {"truth_ssim": 0.9}],
        b=[{"colour": 4.0}, {"colour": 5.1}, {"colour": 5.0}, {"colour": 1.0, "truth_ssim": 0.8}],
    )
    ssim, colour = differences(run)
    assert (colour.measure, colour.figure.n, colour.wins, colour.losses) == ("colour", 3, 2, 0)
    assert colour.figure.mean == pytest.approx(-4.1 / 3)
    assert (ssim.wins, ssim.losses, ssim.clear) == (1, 0, False)


def test_a_difference_is_clear_where_the_interval_leaves_zero_out() -> None:
    far = a_run(a=[{"drift": 1.0 + n / 100} for n in range(5)], b=[{"drift": 2.0}] * 5)
    assert [one.clear for one in differences(far)] == [True]
    near = a_run(a=[{"drift": value} for value in (1.0, 3.0, 1.5, 2.5)], b=[{"drift": 2.0}] * 4)
    assert [one.clear for one in differences(near)] == [False]


def test_reasons_are_counted_by_engine() -> None:
    run = a_run(a=[{"colour": 1.0}, {}, {}])
    assert reasons(run, "a", "colour") == {"why": 2}
    assert values_of(run, "a", "colour") == {"p0": 1.0}
