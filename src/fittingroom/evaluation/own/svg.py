"""Plots as inline SVG: every pair a dot, the mean a bar, its interval a band; one row an engine.

Colours are CSS variables of the page, so that a plot follows light and dark. Invariant: the axis spans all values of
all engines, hence rows of one plot compare at a glance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

from fittingroom.evaluation.own.statistics import figure

WIDTH, LEFT, RIGHT = 380, 14, 14
ROW, FIRST, FOOT = 46, 26, 24
DOT, SPREAD = 3.4, 4.0


def strips(rows: Mapping[str, Sequence[float]], digits: int, title: str) -> str:
    """An SVG element. rows: values by engine; an engine without any has an empty row. digits: of the axis."""
    every = [value for values in rows.values() for value in values]
    ticks = ticks_of(min(every, default=0.0), max(every, default=1.0))
    height = FIRST + ROW * len(rows) + FOOT
    parts = [
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        *(_tick(value, ticks, height, digits) for value in ticks),
        *(_row(number, name, values, ticks) for number, (name, values) in enumerate(rows.items())),
        "</svg>",
    ]
    return "".join(parts)


def ticks_of(low: float, high: float) -> list[float]:
    """Two to six round values that enclose low and high."""
    if high == low:
        high = low + (abs(low) or 1.0)
    span = high - low
    step = 10.0 ** floor(log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 4)
    first = floor(low / step + 1e-9)
    return [number * step for number in range(first, max(first + 1, ceil(high / step - 1e-9)) + 1)]


def _x(value: float, ticks: Sequence[float]) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (value - ticks[0]) / (ticks[-1] - ticks[0]), 1)


def _tick(value: float, ticks: Sequence[float], height: int, digits: int) -> str:
    x, foot = _x(value, ticks), height - FOOT
    anchor = "start" if value == ticks[0] else "end" if value == ticks[-1] else "middle"
    fine = max(digits, -floor(log10(ticks[1] - ticks[0]) + 1e-9))
    label = f'<text class="tick" x="{x}" y="{height - 6}" text-anchor="{anchor}">{value:.{fine}f}</text>'
    return f'<line class="grid" x1="{x}" x2="{x}" y1="8" y2="{foot}"/>{label}'


def _row(number: int, name: str, values: Sequence[float], ticks: Sequence[float]) -> str:
    top = FIRST + ROW * number
    middle = top + 18
    seen = figure(values)
    label = f'<text class="name" x="{LEFT}" y="{top}">{escape(name)}</text>'
    if seen is None:
        return f'{label}<text class="tick" x="{LEFT}" y="{middle + 4}">not measured</text>'
    dots = (
        f'<circle cx="{_x(value, ticks)}" cy="{middle + SPREAD * (place % 3 - 1)}" r="{DOT}"/>'
        for place, value in enumerate(values)
    )
    band = ""
    if seen.low is not None and seen.high is not None:
        left, right = _x(seen.low, ticks), _x(seen.high, ticks)
        band = f'<rect class="band" x="{left}" y="{middle - 11}" width="{max(1.0, right - left):.1f}" height="22"/>'
    x = _x(seen.mean, ticks)
    mean = f'<line class="mean" x1="{x}" x2="{x}" y1="{middle - 11}" y2="{middle + 11}"/>'
    return f'<g class="e{number % 6}">{label}{band}{"".join(dots)}{mean}</g>'
