"""Figures of many rows in few lines of text, for a terminal and for a report.

Invariant: a cell without a value is a dash, never a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, median

Cell = str | int | float | None


def table(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Columns under headings, numbers to the right."""
    texts = [list(headings), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in texts) for i in range(len(headings))]
    lines = (
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in texts
    )
    return "\n".join(line.rstrip() for line in lines)


def middle(values: Iterable[float | None]) -> float | None:
    """Median of the values that are there."""
    return _over(median, values)


def mean(values: Iterable[float | None]) -> float | None:
    """Mean of the values that are there."""
    return _over(fmean, values)


def worst(values: Iterable[float | None]) -> float | None:
    """Largest of the values that are there."""
    return _over(max, values)


def _over(kind: Callable[[list[float]], float], values: Iterable[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return kind(found) if found else None


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)
