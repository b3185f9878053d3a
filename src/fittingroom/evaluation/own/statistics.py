"""From outcomes to figures: means with confidence intervals, and differences of engines on the same pairs.

The interval is a percentile bootstrap over pairs (2,000 draws, fixed seed): no assumption on the distribution, and the
same outcomes give the same interval. Differences are taken pair by pair, since pairs differ more than engines do.
Invariant: an interval is given for three values or more, never for fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from fittingroom.evaluation.own.measuring import MEASURES
from fittingroom.evaluation.own.runs import Run

DRAWS = 2000
FEWEST = 3
SEED = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """Mean and median of n values, and the 95 % interval of the mean, None below FEWEST values."""

    n: int
    mean: float
    median: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """first minus second on the pairs that both measured. wins: pairs on which `first` is the better."""

    measure: str
    first: str
    second: str
    figure: Figure
    wins: int
    losses: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        low, high = self.figure.low, self.figure.high
        return low is not None and high is not None and (low > 0 or high < 0)


def figure(values: Sequence[float]) -> Figure | None:
    """The figure of some values; None of none."""
    if not values:
        return None
    data = np.asarray(values, np.float64)
    low = high = None
    if len(data) >= FEWEST:
        picks = np.random.default_rng(SEED).integers(0, len(data), (DRAWS, len(data)))
        low, high = (float(end) for end in np.percentile(data[picks].mean(axis=1), (2.5, 97.5)))
    return Figure(len(data), float(data.mean()), float(np.median(data)), low, high)


def values_of(run: Run, engine: str, measure: str) -> dict[str, float]:
    """An engine's values by pair."""
    return {one.pair: one.values[measure] for one in run.of(engine) if measure in one.values}


def differences(run: Run) -> list[Difference]:
    """Every two engines in every measure, where they share a pair."""
    found = []
    for first, second in combinations(run.engines, 2):
        for name, measure in MEASURES.items():
            one, other = values_of(run, first, name), values_of(run, second, name)
            apart = [one[pair] - other[pair] for pair in one if pair in other]
            seen = figure(apart)
            if seen is None:
                continue
            sign = 1 if measure.better == "high" else -1
            wins, losses = (sum(side * sign * value > 0 for value in apart) for side in (1, -1))
            found.append(Difference(name, first, second, seen, wins, losses))
    return found


def reasons(run: Run, engine: str, measure: str) -> dict[str, int]:
    """Why a measure is missing, and how often, the most frequent first."""
    counts: dict[str, int] = {}
    for one in run.of(engine):
        if measure in one.missing:
            counts[one.missing[measure]] = counts.get(one.missing[measure], 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))
