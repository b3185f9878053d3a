"""When bench/faults.py calls two gateways whole again, from rows as its callers write them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))

from fault_load import BROKEN, Load, Seen


def load(*rows: tuple[int, float, str]) -> Load:
    """rows: gateway, when the answer came (each request took a second), code."""
    nothing: Any = None
    seen = [Seen(gateway, ended - 1, ended, code, None) for gateway, ended, code in rows]
    return Load([nothing, nothing], nothing, nothing, seen)


def good(gateway: int, *times: float) -> list[tuple[int, float, str]]:
    return [(gateway, at, "OK") for at in times]


FIVE = (102.0, 103.0, 104.0, 105.0, 106.0)


def test_whole_is_the_first_picture_of_the_slower_gateway() -> None:
    assert load(*good(0, *FIVE), *good(1, *(at + 7 for at in FIVE))).whole(100.0) == 9.0


def test_a_failure_after_a_picture_counts_anew() -> None:
    rows = [*good(0, *FIVE), *good(1, *FIVE), (1, 106.5, BROKEN)]
    assert load(*rows).whole(100.0) is None
    assert load(*rows, *good(1, *(at + 6 for at in FIVE))).whole(100.0) == 8.0


@pytest.mark.parametrize("number", [0, 4])
def test_fewer_than_five_pictures_are_not_enough(number: int) -> None:
    assert load(*good(0, *FIVE), *good(1, *FIVE[:number])).whole(100.0) is None


def test_a_picture_asked_for_before_the_fault_says_nothing() -> None:
    rows = [*good(0, *FIVE), *good(1, 100.5, *FIVE)]
    assert load(*rows).whole(100.0) == 2.0


def test_what_ended_before_the_fault_is_not_counted() -> None:
    rows = load((0, 99.0, BROKEN), *good(0, *FIVE))
    assert rows.counts(100.0) == {"OK": 5}
