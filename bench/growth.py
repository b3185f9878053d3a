"""What grows with the pictures sold: the ledger's bytes, and how often one balance can turn over.

`docs/scale.md` reckons with these. Bytes are of the whole database after some thousand pictures, less what it took
before. Pictures per second: several gateways, each a ledger thread of its own, pay from one account's balance or each
from another's; with one account they wait for its row. PostgreSQL is the tests' one, in memory and without syncing:
with a disk that takes S seconds to sync, one balance turns over less than 1 / (2 S) times a second.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import uuid
from pathlib import Path

import uvloop
from ledger import SETTINGS, postgres
from machine import describe
from sqlalchemy import insert, text

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

import postgres_server  # noqa: E402
from callers import account  # noqa: E402

from fittingroom.accounts import Database, Plan, schema  # noqa: E402
from fittingroom.accounts.ledger import Billing, book  # noqa: E402
from fittingroom.accounts.ledger.book import Entry  # noqa: E402
from fittingroom.accounts.ledger.till import Till  # noqa: E402

ACCOUNTS = 8


def prepare(database: Database) -> None:
    """Accounts `shop0`, `shop1`, ... with money enough."""
    till = Till(database)
    for number in range(ACCOUNTS):
        name = f"shop{number}"
        row = {"id": name, "uin": 1 + number, "name": name, "status": "active", "plan": "prepaid", "created_at": 0.0}
        with database.changing() as connection:
            connection.execute(insert(schema.accounts).values(row))
        with till.transaction() as teller:
            book.fund(teller, Entry("topup", name, time.time()), "money", 10**15)
    till.close()


def size(database: Database) -> int:
    """Bytes of the database, without what its write-ahead log repeats."""
    sqlite = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    asked = sqlite if database.dialect == "sqlite" else "SELECT pg_database_size(current_database())"
    with database.reading() as connection:
        return int(connection.execute(text(asked)).scalar_one())


async def sell(database: Database, gateways: int, accounts: int, count: int) -> float:
    """Seconds in which `count` pictures are reserved and charged through so many gateways."""
    billings = [Billing(database, SETTINGS) for _ in range(gateways)]
    for billing in billings:
        await billing.start()

    async def work(number: int) -> None:
        caller = account(f"shop{number % accounts}", "shop", plan=Plan.PREPAID)
        for _ in range(count // gateways):
            async with billings[number].reserve(caller, str(uuid.uuid4())) as reservation:
                await reservation.charge()

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(gateways):
            group.create_task(work(number))
    seconds = time.perf_counter() - started
    for billing in billings:
        await billing.stop()
    return seconds


def measure(name: str, database: Database, count: int) -> None:
    """Print the lines of one kind of database."""
    prepare(database)
    before = size(database)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(sell(database, 1, 1, count))
        grown = (size(database) - before) / count
        print(f"| {name}: bytes per picture | {grown:,.0f} |")
        base = 0.0
        for gateways, accounts in ((1, 1), (4, 1), (4, 4), (ACCOUNTS, 1), (ACCOUNTS, ACCOUNTS)):
            rate = count // gateways * gateways / runner.run(sell(database, gateways, accounts, count))
            base = base or rate
            told = f"{gateways} ledger threads, {accounts} account{'s' if accounts > 1 else ''}"
            print(f"| {name}: pictures/s, {told} | {rate:,.0f} ({rate / base:.2f} of the first) |")
    database.close()


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=4000, help="pictures per line")
    options = parser.parse_args()
    print(f"Machine: {describe()}\n\n| what | figure |\n|---|---|")
    with tempfile.TemporaryDirectory() as name, postgres() as url:
        measure("SQLite", Database.open(Path(name)), options.count)
        if url is None:
            print(f"PostgreSQL: {postgres_server.missing()}")
        else:
            measure("PostgreSQL", Database.open(Path(name), url), options.count)


if __name__ == "__main__":
    main()
