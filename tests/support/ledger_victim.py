"""`python -m ledger_victim FOLDER PATH [URL]`: one request's billing, killed at each step in turn.

PATH is one of PLANS. A step is a statement, a begin or a commit of the ledger. For each step a child is forked, which
starts a server's billing, lets one picture pay (`samples`, `undone`: three of one request) and kills itself by SIGKILL
at that step; then billing is started again, as by a restart. One line of JSON tells what the ledger then says of the
request. It ends with the first child that was not reached by its step.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from callers import account
from sqlalchemy import insert, select

from fittingroom.accounts import Database, Plan, Store, schema
from fittingroom.accounts.ledger import Billing, book
from fittingroom.accounts.ledger.book import Entry
from fittingroom.accounts.ledger.till import Teller, Till
from fittingroom.accounts.ledger.verify import differences
from fittingroom.accounts.limits.permits import MemoryPermits
from fittingroom.actions.dressing import ledger_names, paid
from fittingroom.logs import configure_logs
from fittingroom.settings import BillingSettings, LogSettings

LEASE = 0.05
SETTINGS = BillingSettings.model_validate({"price": "0.000001", "quota": 1000})
AFTERWARDS = BillingSettings.model_validate({"lease": LEASE})
PLANS = {
    "paid": Plan.PREPAID,
    "failed": Plan.PREPAID,
    "quota": Plan.QUOTA,
    "free": Plan.FREE,
    "samples": Plan.PREPAID,
    "undone": Plan.PREPAID,
}
SAMPLES = {"samples": 3, "undone": 3}


def killing(step: int) -> Callable[[], None]:
    """Count steps; end this process at one."""
    left = [step]

    def count() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return count


def patch(count: Callable[[], None]) -> None:
    run, transaction = Teller._run, Till.transaction

    def counted(self: Teller, statement: str, values: dict[str, object]) -> Any:
        count()
        return run(self, statement, values)

    @contextlib.contextmanager
    def stepped(self: Till) -> Iterator[Teller]:
        count()
        with transaction(self) as teller:
            yield teller
            count()
        count()

    Teller._run, Till.transaction = counted, stepped  # type: ignore[method-assign]


async def picture(billing: Billing, path: str, request_id: str, count: Callable[[], None]) -> None:
    await billing.start()
    patch(count)
    permits = MemoryPermits()
    services: Any = SimpleNamespace(billing=billing, permits=permits)
    context: Any = SimpleNamespace(
        request_id=request_id, account=account("shop", "shop", plan=PLANS[path]), concurrency=1
    )
    with contextlib.suppress(KeyError):
        async with paid(context, services, SAMPLES.get(path, 1)) as reservation:
            if path == "failed":
                raise KeyError
            await reservation.charge()
            if path == "undone":
                raise KeyError
    os._exit(0)


async def restart(billing: Billing) -> None:
    """A server that starts, and runs until the leases of dead ones have passed."""
    if billing.counter._lease._presence is None:
        await asyncio.sleep(LEASE * 1.2)
    await billing.start()
    await billing.stop()


def child(work: Callable[[], None]) -> bool:
    """Run in a process of its own; whether it was killed."""
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


class Ledger:
    """The database of the run; opened anew in each process."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self._folder, self._url = folder, url

    @contextlib.contextmanager
    def open(self) -> Iterator[Database]:
        database = Database.open(self._folder, self._url)
        yield database
        database.close()

    def make(self) -> None:
        row = {"id": "shop", "uin": 1, "name": "shop", "status": "active", "plan": "free", "created_at": 0.0}
        with self.open() as database:
            with database.changing() as connection:
                connection.execute(insert(schema.accounts).values(row))
            till = Till(database)
            with till.transaction() as teller:
                book.fund(teller, Entry("topup", "shop", time.time()), "money", 10**6)
            till.close()

    def pay(self, path: str, request_id: str, step: int) -> None:
        with self.open() as database:
            asyncio.run(picture(Billing(database, SETTINGS), path, request_id, killing(step)))

    def tell(self, request_id: str, pictures: int) -> dict[str, object]:
        """What the ledger says of a picture after a restart."""
        t, r, b = schema.ledger_transactions.c, schema.reservations.c, schema.balances.c
        with self.open() as database:
            asyncio.run(restart(Billing(database, AFTERWARDS)))
            wrong = differences(Store(database, None, "cli:tests"))  # type: ignore[arg-type]  # nothing is sealed
            with database.reading() as connection:
                names = ledger_names(request_id, pictures)
                kinds = [connection.scalar(select(t.kind).where(t.once == f"settle:{name}")) for name in names]
                spent = sum(connection.scalars(select(b.spent)))
                return {
                    "settled": kinds[0],
                    "all": kinds,
                    "reserved": len(connection.execute(select(r.request_id)).all()),
                    "total": spent,
                    "wrong": wrong,
                }


def main(folder: str, path: str, url: str | None = None) -> None:
    ledger = Ledger(Path(folder), url)
    child(ledger.make)
    spent, step, killed = 0, 0, True
    while killed:
        step += 1
        request_id = f"{path}-{step}"
        killed = child(partial(ledger.pay, path, request_id, step))
        told = ledger.tell(request_id, SAMPLES.get(path, 1))
        spent, before = int(str(told.pop("total"))), spent
        print(json.dumps({"step": step, "killed": killed, "spent": spent - before, **told}), flush=True)


if __name__ == "__main__":
    configure_logs(LogSettings())
    main(*sys.argv[1:])
