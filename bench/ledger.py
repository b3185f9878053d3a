"""What billing adds to a picture: a reservation and its charge through the real thread, on SQLite and PostgreSQL.

SQLite as the product opens it (WAL, synchronous NORMAL), and with FULL, which also survives a loss of power; its files
lie in the folder given, so that the disk which counts is measured. Where PostgreSQL's programs are installed a server
is made for the run. It is the tests' one, in memory and without syncing, so its figures are those of the statements and
the way there; an ordinary one adds two syncs of its disk.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import uvloop
from sqlalchemy import insert

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

import postgres_server  # noqa: E402
from callers import account  # noqa: E402
from machine import describe  # noqa: E402

from fittingroom.accounts import Database, Plan, schema  # noqa: E402
from fittingroom.accounts.ledger import Billing, book  # noqa: E402
from fittingroom.accounts.ledger.book import Entry  # noqa: E402
from fittingroom.accounts.ledger.till import Till  # noqa: E402
from fittingroom.settings import BillingSettings  # noqa: E402

SETTINGS = BillingSettings.model_validate({"price": "0.01"})


def prepare(database: Database) -> None:
    """One account with money enough."""
    row = {"id": "shop", "uin": 1, "name": "shop", "status": "active", "plan": "prepaid", "created_at": 0.0}
    with database.changing() as connection:
        connection.execute(insert(schema.accounts).values(row))
    till = Till(database)
    with till.transaction() as teller:
        book.fund(teller, Entry("topup", "shop", time.time()), "money", 10**15)
    till.close()


async def measure(database: Database, count: int, plan: Plan, *, full: bool) -> list[float]:
    """Seconds of each reservation and charge together, sorted."""
    billing = Billing(database, SETTINGS)
    await billing.start()
    if full:
        await billing.run(lambda: billing.counter._till._connection().execute("PRAGMA synchronous=FULL"))
    caller = account("shop", "shop", plan=plan)
    seconds = []
    for number in range(count + 50):
        started = time.perf_counter()
        async with billing.reserve(caller, str(uuid.uuid4())) as reservation:
            await reservation.charge()
        if number >= 50:
            seconds.append(time.perf_counter() - started)
    await billing.stop()
    return sorted(seconds)


@contextlib.contextmanager
def postgres() -> Iterator[str | None]:
    """The URL of a database of a server of its own; None where there is none."""
    if postgres_server.missing():
        yield None
        return
    with postgres_server.running() as server:
        yield server.url(server.new_database())


def show(name: str, seconds: list[float]) -> None:
    """One line of the table."""
    p50, p99 = (1000 * seconds[int(q * len(seconds))] for q in (0.5, 0.99))
    print(f"| {name} | {p50:.2f} | {p99:.2f} | {len(seconds)} |")


def run(name: str, folder: Path, url: str | None, count: int, *, plan: Plan = Plan.PREPAID, full: bool = False) -> None:
    """Measure one kind of database and print its line."""
    database = Database.open(folder, url)
    prepare(database)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        show(name, runner.run(measure(database, count, plan, full=full)))
    database.close()


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=3000, help="pictures per line")
    parser.add_argument("--folder", type=Path, default=None, help="where the SQLite databases lie for the run")
    options = parser.parse_args()
    print(f"Machine: {describe()}\n\n| reserve and charge | p50 ms | p99 ms | pictures |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=options.folder) as name, postgres() as url:
        folder = Path(name)
        run("SQLite, prepaid", folder / "normal", None, options.count)
        run("SQLite, prepaid, synchronous FULL", folder / "full", None, options.count, full=True)
        run("SQLite, free (charge alone)", folder / "free", None, options.count, plan=Plan.FREE)
        if url is None:
            print(f"PostgreSQL: {postgres_server.missing()}")
        else:
            run("PostgreSQL over TCP, not synced, prepaid", folder, url, options.count)


if __name__ == "__main__":
    main()
