"""A soak on loopback: good, slow, bad and hostile requests at the limit, and a worker killed every minute.

A real `fittingroom serve` in a process of its own gets more callers than its two prepaid accounts have permits and its
queue has places. Each good answer must show the person and the garment of its own request; every request must get an
answer that is right for it; afterwards every permit must be back and usable, the ledger must say to the cent what was
delivered, and the gateway must have neither more memory (5 %), nor more open files, nor processes left over. The exit
code is 1 where anything is not so. Below `LONG` minutes memory is shown and not judged: it is still warming up.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests" / "support")]

from machine import describe  # noqa: E402
from picture_server import PictureServer  # noqa: E402
from running_server import FLAT, LOOPBACK, RunningServer, fittingroom, make_key, running  # noqa: E402
from soak_traffic import (  # noqa: E402
    BODY_SECONDS,
    DEADLINE,
    FETCH_SECONDS,
    HEADER_SECONDS,
    HOSTILE,
    KINDS,
    LIMITED,
    Kind,
    Tally,
    Target,
    ask,
    publish,
)
from soak_watch import Watch, idle_within, kill, lives_after, open_files, windows, workers  # noqa: E402

from fittingroom.client import Credential  # noqa: E402

LONG = 10.0
PRICE = Decimal("0.35")
MONEY = "1000000"
ACCOUNTS = {"alpha": 3, "beta": 2}
"""Permits of each account. One caller more than these asks at a time, and twice as many hostile ones."""
VARIABLES = {
    "FITTINGROOM_WIRE__BODY_TIMEOUT": str(BODY_SECONDS),
    "FITTINGROOM_SERVER__HEADER_TIMEOUT": str(HEADER_SECONDS),
    "FITTINGROOM_FETCH__TIMEOUT": str(FETCH_SECONDS),
    "FITTINGROOM_LIMITS__DEADLINE": str(DEADLINE),
    "FITTINGROOM_DISPATCH__QUEUE": "2",
    "FITTINGROOM_LOG__FORMAT": "json",
    "FITTINGROOM_BILLING__PRICE": str(PRICE),
}


@dataclass
class Verdict:
    """The rows of the table. wrong: those that are not as they must be."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: int = 0

    def must(self, what: str, found: object, fine: bool) -> None:
        """One row, judged."""
        self.rows.append((what, str(found), "as it must" if fine else "**WRONG**"))
        self.wrong += not fine

    def tell(self, what: str, found: object) -> None:
        """One row, for information."""
        self.rows.append((what, str(found), ""))

    def show(self) -> None:
        """Print."""
        print("\n| what | found | |\n|---|---|---|")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


@contextmanager
def callers(targets: dict[str, Target], tally: Tally) -> Iterator[None]:
    """Everybody asks, as long as the block runs; it ends when the last of them has its answer."""
    ending = threading.Event()

    def go(kinds: tuple[Kind, ...], target: Target, seed: int) -> None:
        dice = random.Random(seed)
        while not ending.is_set():
            limited = ask(kinds, target, dice, tally) in LIMITED
            time.sleep(dice.uniform(0.1, 0.5) if limited else dice.uniform(0, 0.05))

    jobs = [(KINDS, targets[name]) for name, permits in ACCOUNTS.items() for _ in range(permits + 1)]
    jobs += [(HOSTILE, target) for target in targets.values() for _ in range(2)]
    threads = [threading.Thread(target=go, args=(*job, seed)) for seed, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ending.set()
        for thread in threads:
            thread.join()


def kill_workers(server: RunningServer, seconds: float, every: float) -> int:
    """Every so often kill -9 a worker, each in its turn; how many were killed."""
    begun, killed = time.monotonic(), 0
    while (left := seconds - (time.monotonic() - begun)) > 0:
        time.sleep(min(every, left))
        if left > every and (living := workers(server.process.pid)):
            kill(living[killed % len(living)])
            killed += 1
    return killed


def permits_usable(targets: dict[str, Target], server: RunningServer) -> bool:
    """Whether each account can run exactly as many pictures at once as it may."""
    for name, permits in ACCOUNTS.items():
        with ThreadPoolExecutor(permits + 1) as pool:
            codes = [pool.submit(_slow_picture, targets[name]) for _ in range(permits + 1)]
        if sorted(code.result() for code in codes) != ["OK"] * permits + ["RequestLimitExceeded.JobNumExceed"]:
            return False
        idle_within(server, 10)
    return True


def _slow_picture(target: Target) -> str:
    person, garment = target.origin.url("/person/1.png"), target.origin.url("/slow/1.png")
    return target.call({"ModelUrl": person, "ClothesUrl": garment, "ClothesType": "Dress"}).code or "OK"


def judge_traffic(verdict: Verdict, tally: Tally, minutes: float) -> None:
    """Whether each request got its own right answer."""
    total = sum(tally.counts.values())
    verdict.tell("requests", f"{total} in {minutes:g} minutes, {total / minutes / 60:.1f} a second")
    good = sorted(tally.seconds)
    if good:
        middle, late = statistics.median(good), good[int(0.99 * len(good))]
        verdict.tell("good answers", f"{len(good)}; median {middle:.2f} s, 99 % within {late:.2f} s")
    verdict.must("good answers, each looked at", len(good), len(good) > 0)
    verdict.must("wrong, missing or unexpected answers", len(tally.violations), not tally.violations)
    for one in tally.violations[:20]:
        print(f"* {one}", file=sys.stderr)


def judge_idle(verdict: Verdict, server: RunningServer, targets: dict[str, Target], tally: Tally, killed: int) -> int:
    """What the server says of itself once everybody has gone; how many pictures it has delivered."""
    found = idle_within(server, DEADLINE)
    for name in ("requests_in_flight", "jobs_running", "jobs_waiting", "permits_in_use"):
        verdict.must(f"{name} afterwards", round(found[f"fittingroom_{name}",]), not found[f"fittingroom_{name}",])
    restarts = round(found["fittingroom_worker_restarts_total",])
    # One that is killed while it still starts is started again too, but was no worker yet and is not counted.
    verdict.must("workers killed, counted as restarted", f"{killed}, {restarts}", restarts >= min(killed, 1))
    living = len(workers(server.process.pid))
    verdict.must("workers afterwards", living, living == round(found["fittingroom_workers",]))
    served = {key[2]: round(value) for key, value in found.items() if key[0] == "fittingroom_requests_total"}
    delivered = round(found.get(("fittingroom_requests_total", "ChangeClothes", "OK"), 0))
    seen, vanished = tally.of_code("OK"), tally.of_code("hung up")
    verdict.must("delivered, of these to callers who stayed", f"{delivered}, {seen}", 0 <= delivered - seen <= vanished)
    verdict.must("InternalError", served.get("InternalError", 0), not served.get("InternalError"))
    verdict.must("all permits usable at once, none more", "tried", permits_usable(targets, server))
    return round(idle_within(server, DEADLINE)["fittingroom_requests_total", "ChangeClothes", "OK"])


def judge_resources(verdict: Verdict, watch: Watch, files: int, minutes: float) -> None:
    """Memory and open files of the gateway."""
    memory = windows(watch.memory)
    change = memory[-1] / memory[1] - 1
    told = ", ".join(f"{value / 2**20:.1f}" for value in memory)
    verdict.tell("gateway's memory, median MiB of six equal spans", told)
    limit = "5 % allowed" if minutes >= LONG else "not judged in so short a run"
    verdict.must("last span beside the second", f"{change:+.1%}, {limit}", minutes < LONG or change <= 0.05)
    now = open_files(watch.server.process.pid)
    verdict.must("open files before and after", f"{files}, {now}", now <= files + 8)


def judge_ledger(verdict: Verdict, data: Path, delivered: int) -> None:
    """Whether money and pictures agree, once the server has ended."""
    told = fittingroom("billing", "verify", "--data-dir", data).strip()
    verdict.must("billing verify", told, told == "the ledger adds up")
    bills = [json.loads(fittingroom("billing", "show", name, "--json", "--data-dir", data)) for name in ACCOUNTS]
    spent = sum(Decimal(bill["spent"]) for bill in bills)
    verdict.must("spent, and delivered times price", f"{spent}, {delivered * PRICE}", spent == delivered * PRICE)
    held = sum(Decimal(bill["reserved"]) for bill in bills)
    verdict.must("money still set aside", held, held == 0)


def judge_log(verdict: Verdict, log: str, secrets: list[str]) -> None:
    """Whether the server kept its secrets and had no fault of its own; why it answered InternalError."""
    entries = [json.loads(line) for line in log.splitlines() if '"InternalError"' in line and line.startswith("{")]
    for cause, count in Counter(str(entry.get("cause")) for entry in entries).items():
        verdict.tell("InternalError because", f"{cause}: {count}")
    faults = sum(log.count(word) for word in ("internal_error", "Traceback"))
    verdict.must("faults in the log", faults, not faults)
    told = sum(secret in log for secret in secrets)
    verdict.must("secrets in the log", told, not told)


def soak(data: Path, origin: PictureServer, minutes: float, every: float) -> tuple[Verdict, Tally]:
    """All of it."""
    verdict, tally = Verdict(), Tally()
    keys = {name: _account(data, name, permits) for name, permits in ACCOUNTS.items()}
    with running(data, *FLAT, *LOOPBACK, "--workers", "2", variables=VARIABLES) as server:
        targets = {name: Target(server, key, origin) for name, key in keys.items()}
        with callers(targets, tally):
            time.sleep(min(10.0, 6 * minutes))
        idle_within(server, DEADLINE)
        files, watch = open_files(server.process.pid), Watch(server)
        watching = threading.Thread(target=watch.run)
        watching.start()
        with callers(targets, tally):
            killed = kill_workers(server, minutes * 60, every)
        watch.ending.set()
        watching.join()
        delivered = judge_idle(verdict, server, targets, tally, killed)
        watch.sample()
        judge_resources(verdict, watch, files, minutes)
        judge_log(verdict, server.output.read_text(errors="replace"), [key.secret_key for key in keys.values()])
    left = lives_after(watch.seen, 5)
    verdict.must("processes left over", f"{len(left)} of {len(watch.seen)}", not left)
    judge_ledger(verdict, data, delivered)
    judge_traffic(verdict, tally, minutes)
    return verdict, tally


def show_counts(tally: Tally) -> None:
    """What each kind of request was answered."""
    print("| request | answers |\n|---|---|")
    for kind in KINDS + HOSTILE:
        told = {code: count for (name, code), count in sorted(tally.counts.items()) if name == kind.name}
        print(f"| {kind.name} | {', '.join(f'{code} {count}' for code, count in told.items())} |")


def _account(data: Path, name: str, permits: int) -> Credential:
    """A prepaid account; its key."""
    fittingroom("accounts", "create", name, "--data-dir", data)
    fittingroom("accounts", "limit", name, "--concurrency", str(permits), "--data-dir", data)
    fittingroom("billing", "plan", name, "prepaid", "--price", str(PRICE), "--data-dir", data)
    fittingroom("billing", "topup", name, MONEY, "--data-dir", data)
    return make_key(data, name)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--kill-every", type=float, default=60.0, help="seconds between two kills of a worker")
    options = parser.parse_args()
    print(f"Machine: {describe()}", flush=True)
    os.nice(10)
    with tempfile.TemporaryDirectory() as name, PictureServer() as origin:
        publish(origin)
        verdict, tally = soak(Path(name) / "data", origin, options.minutes, options.kill_every)
    show_counts(tally)
    verdict.show()
    print(f"\n{verdict.wrong} wrong")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
