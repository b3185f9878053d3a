"""Figures as text."""

from __future__ import annotations

from fittingroom.evaluation.tables import mean, middle, table, worst


def test_columns_are_aligned_and_what_is_missing_is_a_dash() -> None:
    assert table(("name", "n", "value"), [("a", 10, 0.12345), ("longer", 3, None)]).splitlines() == [
        "name     n  value",
        "a       10  0.123",
        "longer   3      -",
    ]


def test_missing_values_are_left_out_and_no_value_stays_none() -> None:
    values = [3.0, None, 1.0, 11.0]
    assert (middle(values), mean(values), worst(values)) == (3.0, 5.0, 11.0)
    assert middle([None]) is mean([]) is worst([]) is None
