"""kill -9 of each process kind in turn, under load: what callers saw, seconds until whole, nothing charged twice.

Two real gateways share a PostgreSQL and a Redis, with all times at their defaults. Steady callers ask both in turn and
look at every picture. Then a worker, a gateway (started again at once, as systemd would), the PostgreSQL and the Redis
are killed, each under this load, and the run waits until every gateway delivers again. With `--ray` the same callers
go to gateways on a Ray cluster of two nodes, where a replica and then a whole node are killed. At the end the ledger is
compared with what the callers hold, RequestId by RequestId. The exit code is 1 where a picture was wrong, lost after
its charge although its caller got an answer, charged twice, or a fault did not heal.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests" / "support")]

import fault_ray  # noqa: E402
from fault_gateways import Room, restart_at_once, room, until  # noqa: E402
from fault_load import BROKEN, SILENT, Load  # noqa: E402
from machine import describe  # noqa: E402
from picture_server import PictureServer  # noqa: E402
from soak_traffic import publish  # noqa: E402
from soak_watch import kill, workers  # noqa: E402
from sqlalchemy import text  # noqa: E402

from fittingroom.accounts import Database, Plan, Store, Vault  # noqa: E402
from fittingroom.accounts.ledger import desk, money, verify  # noqa: E402
from fittingroom.accounts.ledger.desk import Terms  # noqa: E402
from fittingroom.accounts.store import accounts, keys  # noqa: E402
from fittingroom.client import Credential  # noqa: E402
from fittingroom.settings import BillingSettings  # noqa: E402

LONGEST = 120.0
"""Seconds in which a fault must have healed."""

SETTLED = 40.0
"""Seconds after which a dead gateway's reservations are given back (`billing.lease` and a little)."""

CALLERS = 4
PRICE = Decimal("0.35")
NAME = "shop"


@dataclass(frozen=True)
class Healed:
    """One fault. seconds: until whole, or None."""

    what: str
    codes: Counter[str]
    seconds: float | None


def strike(what: str, fault: Callable[[], None], load: Load) -> Healed:
    """Do it under load and wait until all gateways deliver again."""
    time.sleep(3)
    since = time.monotonic()
    fault()
    while (seconds := load.whole(since)) is None and time.monotonic() < since + LONGEST:
        time.sleep(0.1)
    healed = Healed(what, load.counts(since), seconds)
    print(f"{what}: {'not whole' if seconds is None else f'whole after {seconds:.1f} s'}", file=sys.stderr, flush=True)
    return healed


def local_faults(made: Room) -> dict[str, Callable[[], None]]:
    """What is killed where workers are this machine's processes."""
    one = made.gateways[0]

    def worker() -> None:
        kill(workers(one.pid)[0])

    def gateway() -> None:
        one.kill()
        one.start()

    def redis() -> None:
        made.redis.stop()
        made.redis.start()

    return {
        "worker, kill -9": worker,
        "gateway, kill -9, started again at once": gateway,
        "PostgreSQL, immediate shutdown and start": lambda: restart_at_once(made.postgres),
        "Redis, kill -9 and start, empty": redis,
    }


@contextmanager
def opened(made: Room) -> Iterator[Store]:
    """The accounts, as an operator's command opens them."""
    database = Database.open(made.gateways[0].folder, made.variables["FITTINGROOM_ACCOUNTS__DATABASE"])
    with closing(database):
        yield Store(database, Vault([made.variables["FITTINGROOM_ACCOUNTS__MASTER_KEY"]]), "bench")


def open_account(store: Store) -> Credential:
    """A prepaid account with permits for all callers; its key."""
    accounts.create(store, NAME)
    accounts.limit(store, NAME, {"concurrency": 2 * CALLERS})
    settings = BillingSettings()
    desk.set_plan(store, NAME, Terms(Plan.PREPAID, money.parse(str(PRICE)), None), settings)
    desk.top_up(store, NAME, money.parse("1000000"), "", settings)
    made_key = keys.create(store, NAME)
    return Credential(made_key.secret_id, made_key.secret_key)


def account_for(store: Store, load: Load) -> list[tuple[str, object, bool]]:
    """What the ledger has against what the callers hold: rows of (what, found, fine)."""
    with store.reading() as connection:
        rows = connection.execute(text("SELECT kind, once FROM ledger_transactions WHERE kind IN ('charge', 'refund')"))
        entries = [(str(kind), str(once).partition(":")[2]) for kind, once in rows]
    charged = Counter(name for kind, name in entries if kind == "charge")
    refunded = Counter(name for kind, name in entries if kind == "refund")
    held = {one.request_id for one in load.seen if one.code == "OK"}
    answered = {one.request_id for one in load.seen if one.request_id is not None}
    broken = sum(one.code in {BROKEN, SILENT} for one in load.seen)
    paid = set(charged) - set(refunded)
    lost, free = paid - held, held - paid
    bill = desk.bill(store, NAME, BillingSettings())
    return [
        ("pictures that callers hold", len(held), True),
        ("wrong pictures", sum(one.wrong is not None for one in load.seen), not any(one.wrong for one in load.seen)),
        ("charged twice", sum(count > 1 for count in charged.values()), max(charged.values(), default=0) == 1),
        ("delivered and not charged", len(free), not free),
        ("charged although the caller was refused", len(lost & answered), not lost & answered),
        (f"charged and the answer lost on a broken connection (of {broken})", len(lost), len(lost) <= broken),
        ("money still set aside", money.show(bill.money.reserved), bill.money.reserved == 0),
        ("spent", money.show(bill.money.spent), bill.money.spent == money.parse(str(len(paid) * PRICE))),
        ("differences in the ledger", len(verify.differences(store)), not verify.differences(store)),
    ]


def strike_all(
    made: Room, on_ray: fault_ray.RayRoom | None, origin: PictureServer, only: list[str]
) -> tuple[list[Healed], list[tuple[str, object, bool]]]:
    """All faults one after the other, then the accounts."""
    with opened(made) as store:
        load = Load(made.gateways, open_account(store), origin)
    with load.running(CALLERS):
        until(lambda: load.whole(0.0) is not None)
        kinds = local_faults(made) if on_ray is None else on_ray.faults()
        chosen = {what: fault for what, fault in kinds.items() if not only or any(word in what for word in only)}
        faults = []
        for what, fault in chosen.items():
            if on_ray is not None:
                fault_ray.await_replicas(on_ray)  # one of two had to come back, maybe after pictures did
            faults.append(strike(what, fault, load))
    time.sleep(SETTLED)
    with opened(made) as store:
        return faults, account_for(store, load)


def show(faults: list[Healed], rows: list[tuple[str, object, bool]]) -> int:
    """Print both tables; how much is wrong."""
    print("| what was killed | what callers saw until whole | seconds until whole |\n|---|---|---|")
    for one in faults:
        told = ", ".join(f"{code} {count}" for code, count in one.codes.most_common())
        print(f"| {one.what} | {told} | {'**never**' if one.seconds is None else f'{one.seconds:.1f}'} |")
    print("\n| afterwards | found | |\n|---|---|---|")
    for what, found, fine in rows:
        print(f"| {what} | {found} | {'as it must' if fine else '**WRONG**'} |")
    wrong = sum(one.seconds is None for one in faults) + sum(not fine for *_, fine in rows)
    print(f"\n{wrong} wrong")
    return wrong


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ray", action="store_true", help="gateways on a Ray cluster; kill a replica and a node")
    parser.add_argument("--only", nargs="+", default=[], help="words of the faults to bring about, such as: Redis")
    options = parser.parse_args()
    print(f"Machine: {describe()}\n", flush=True)
    with ExitStack() as stack:
        settings, flags = {"FITTINGROOM_LOG__FORMAT": "json"}, ()
        on_ray = stack.enter_context(fault_ray.cluster()) if options.ray else None
        if on_ray is not None:
            settings |= fault_ray.SETTINGS
            flags = (*fault_ray.FLAGS, "--ray-address", on_ray.address)
        origin = stack.enter_context(PictureServer())
        publish(origin)
        made = stack.enter_context(room(settings, flags))
        faults, rows = strike_all(made, on_ray, origin, options.only)
    return 1 if show(faults, rows) else 0


if __name__ == "__main__":
    sys.exit(main())
