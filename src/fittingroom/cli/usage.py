"""`fittingroom usage`: what accounts have used in a month, as sums or, in a CSV file, charge by charge."""

from __future__ import annotations

import csv
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from fittingroom.accounts import AccountError
from fittingroom.accounts.ledger import usage as book
from fittingroom.accounts.ledger.money import month_of, show, show_unit
from fittingroom.accounts.store.base import Store
from fittingroom.cli import tables
from fittingroom.cli.common import HERE, AsJson, Place, reported

COLUMNS = ("account", "request_id", "time", "kind", "amount", "unit")


@reported
def usage(
    name: str | None = None,
    *,
    month: str | None = None,
    csv: Path | None = None,
    as_json: AsJson = False,
    place: Place = HERE,
) -> int:
    """Show the pictures and the money of a month, and how many pictures were given back.

    Parameters
    ----------
    name
        One account only.
    month
        Such as 2026-11, UTC; this month by default.
    csv
        Write each charge, with its RequestId, time, amount and unit, into this file; refunds are below zero.
    as_json
        Print JSON instead of a table.
    """
    wanted = month or month_of(time.time())
    with place.store() as store:
        if csv is not None:
            _write(store, csv, wanted, name)
        used = book.of_month(store, wanted, name)
    rows = [{**asdict(one), "money": show(one.money)} for one in used]
    if as_json:
        tables.print_json(rows)
    else:
        headings = ("account", "month", "pictures", "money", "given back")
        tables.show(headings, (tuple(map(str, row.values())) for row in rows))
    return 0


def _write(store: Store, path: Path, month: str, name: str | None) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for line in book.lines(store, month, name):
                moment = datetime.fromtimestamp(line.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
                amount = show_unit(line.unit, line.amount)
                writer.writerow((line.account, line.request_id, moment, line.kind, amount, line.unit))
    except OSError as error:
        raise AccountError(f"cannot write {path}: {error.strerror}") from error
