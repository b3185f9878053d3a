"""Small tables on stdout, the same on a terminal and in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

WIDE = 100_000

T = TypeVar("T")


def show(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Print a table without borders. A pipe gets lines as long as they need to be."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    terminal = sys.stdout.isatty()
    Console(file=sys.stdout, width=None if terminal else WIDE, markup=False, highlight=False).print(table)


def show_all(
    items: Sequence[T], headings: tuple[str, ...], cells: Callable[[T], tuple[str, ...]], *, as_json: bool
) -> None:
    """Print dataclasses: a table of the `cells` of each, or a JSON array of all they hold."""
    if as_json:
        print_json([asdict(item) for item in items])  # type: ignore[call-overload]
    else:
        show(headings, map(cells, items))


def print_json(value: Any) -> None:
    """Print JSON as people read it."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def moment_or(seconds: float | None, otherwise: str) -> str:
    """Unix seconds as people read them, or a word where there is none."""
    return otherwise if seconds is None else moment(seconds)


def moment(seconds: float) -> str:
    """Unix seconds as people read them, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
