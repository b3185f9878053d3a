"""Small tables on stdout, the same on a terminal and in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

WIDE = 200


def show(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Print a table without borders. A pipe gets lines as long as they need to be."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    terminal = sys.stdout.isatty()
    Console(file=sys.stdout, width=None if terminal else WIDE, markup=False, highlight=False).print(table)


def moment(seconds: float) -> str:
    """Unix seconds as people read them, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
