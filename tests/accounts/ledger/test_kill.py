"""SIGKILL at every step of the ledger; afterwards every balance is right to the cent.

First with real gateways and workers, one after the other on the same data, each the restart after the one before: about
half a minute, since each must start. Then with a small process for each statement, begin and commit of every path,
forked from one that has everything imported (tests/support/ledger_victim.py). A kill between the charge's commit and
the answer leaves the picture charged, with its RequestId; a kill anywhere else leaves it given back.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from picture_server import PictureServer
from pictures import encoded, figure, garment
from running_server import FLAT, LOOPBACK, address, environment

from fittingroom.accounts import Database, Plan, Store, Vault
from fittingroom.accounts.ledger import desk
from fittingroom.accounts.ledger.verify import differences
from fittingroom.accounts.store import accounts, keys
from fittingroom.client import ApiClient, CallFailed, Credential
from fittingroom.settings import BillingSettings

PRICE = 350_000
MONEY = 100_000_000
SETTINGS = BillingSettings()


@dataclass
class Shop:
    """A data directory with one prepaid account, and what its servers are asked."""

    data_dir: Path
    pictures: PictureServer
    key: Credential
    paid: int = 0
    servers: int = field(default=0)

    @contextlib.contextmanager
    def server(self, step: str | None) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """A server that kills itself at `step`, or a plain one."""
        self.servers += 1
        output = self.data_dir.parent / f"serve-{self.servers}.log"
        words = ["-m", "killed_server", step] if step else ["-m", "fittingroom.cli.main"]
        command = [sys.executable, *words, "serve", "--port", "0", "--data-dir", self.data_dir, *FLAT, *LOOPBACK]
        with output.open("wb") as file:
            process = subprocess.Popen(list(map(str, command)), stdout=file, stderr=file, env=environment())
        try:
            yield process, output
        finally:
            for pid in [*children(process.pid), process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()

    def call(self, port: int, trick: str | None = None) -> dict[str, object]:
        urls = {"ModelUrl": self.pictures.url("/person.png"), "ClothesUrl": self.pictures.url(f"/{trick}.png")}
        client = ApiClient(f"http://127.0.0.1:{port}", self.key, timeout=60)
        return client.call("ChangeClothes", {**urls, "ClothesType": "Upper-body", "RspImgType": "url"})

    def assert_right(self) -> None:
        """To the cent: what was paid is spent, nothing is reserved, all rows add up."""
        database = Database.open(self.data_dir)
        try:
            store = Store(database, Vault.open(self.data_dir), "cli:tests")
            money = desk.bill(store, "shop", SETTINGS).money
            assert (money.available, money.reserved, money.spent) == (
                MONEY - self.paid * PRICE,
                0,
                self.paid * PRICE,
            )
            assert differences(store) == []
            with database.reading() as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM reservations").scalar() == 0
        finally:
            database.close()

    def reserved(self) -> int:
        database = Database.open(self.data_dir)
        with database.reading() as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM reservations").scalar()
        database.close()
        return int(found or 0)


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    data_dir = tmp_path_factory.mktemp("kill") / "data"
    database = Database.open(data_dir)
    store = Store(database, Vault.open(data_dir), "cli:tests")
    accounts.create(store, "shop")
    issued = keys.create(store, "shop")
    desk.set_plan(store, "shop", desk.Terms(Plan.PREPAID, PRICE, None), SETTINGS)
    desk.top_up(store, "shop", MONEY, "", SETTINGS)
    database.close()
    with PictureServer() as pictures:
        pictures.publish("/person.png", encoded(figure()))
        for trick in (None, "slow", "no-garment"):
            pictures.publish(f"/{trick}.png", encoded(garment(trick=trick)))
        yield Shop(data_dir, pictures, Credential(issued.secret_id, issued.secret_key))


STEPS = [
    # step, the picture asked for, whether it is charged, whether the kill leaves a reservation
    ("before:reserve", None, False, False),
    ("inside:reserve", None, False, False),
    ("after:reserve", None, False, True),
    ("before:deliver", None, False, True),
    ("before:charge", None, False, True),
    ("inside:charge", None, False, True),
    ("after:charge", None, True, False),
    ("before:give_back", "no-garment", False, True),
    ("inside:give_back", "no-garment", False, True),
    ("after:give_back", "no-garment", False, False),
]


@pytest.mark.parametrize(("step", "trick", "charged", "left"), STEPS, ids=[step for step, *_ in STEPS])
def test_a_gateway_killed_at_a_step(shop: Shop, step: str, trick: str | None, charged: bool, left: bool) -> None:
    with shop.server(step) as (process, output):
        port = address(process, output)
        shop.assert_right()  # this start gave back what the kill before left
        with pytest.raises(CallFailed):
            shop.call(port, trick)
        assert process.wait(10) == -signal.SIGKILL
    shop.paid += charged
    assert shop.reserved() == int(left)


def test_gateway_and_worker_killed_at_work_and_then_killed_while_giving_back(shop: Shop) -> None:
    with shop.server(None) as (process, output):
        port = address(process, output)
        shop.assert_right()
        waiting = subprocess.Popen(
            [sys.executable, "-c", CALL, str(port), shop.key.secret_id, shop.key.secret_key, *urls(shop, "slow")]
        )
        until(lambda: shop.reserved() == 1)
    waiting.wait(30)
    assert shop.reserved() == 1
    for step in ("inside:sweep", "after:sweep"):
        with shop.server(step) as (process, _output):
            assert process.wait(60) == -signal.SIGKILL
        assert shop.reserved() == int(step == "inside:sweep")
    shop.assert_right()


def test_a_worker_killed_at_work_gives_the_price_back_and_the_next_picture_is_paid(shop: Shop) -> None:
    with shop.server(None) as (process, output):
        port = address(process, output)
        shop.call(port)
        shop.paid += 1
        shop.assert_right()
        worker = children(process.pid)
        waiting = subprocess.Popen(
            [sys.executable, "-c", CALL, str(port), shop.key.secret_id, shop.key.secret_key, *urls(shop, "slow")],
            stdout=subprocess.PIPE,
        )
        until(lambda: shop.reserved() == 1)
        time.sleep(0.5)
        for pid in worker:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        said, _ = waiting.communicate(timeout=30)
        assert said.decode().strip() == "FailedOperation.RpcFail"
        shop.assert_right()
        shop.call(port)
        shop.paid += 1
    shop.assert_right()


@pytest.mark.parametrize("path", ["paid", "failed", "quota", "free"])
def test_a_kill_at_every_statement_begin_and_commit(tmp_path: Path, database_url: str | None, path: str) -> None:
    """Some seconds on PostgreSQL, where a dead server's lease must pass."""
    words = [sys.executable, "-m", "ledger_victim", str(tmp_path), path, *([database_url] if database_url else [])]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False, env=environment())
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["step"] for one in told] == list(range(1, len(told) + 1))
    assert [one["killed"] for one in told] == [True] * (len(told) - 1) + [False]
    assert len(told) > {"paid": 14, "failed": 14, "quota": 14, "free": 6}[path]
    assert {tuple(one["wrong"]) for one in told} == {()}
    assert {one["reserved"] for one in told} == {0}
    settled = [one["settled"] for one in told]
    last = "release" if path == "failed" else "charge"
    assert settled[-1] == last
    # Before the charge's commit a kill is given back (or nothing was reserved), after it the picture is charged.
    before, after = (None, "charge") if path == "free" else ("release", last)
    turn = settled.index(after) if path != "failed" else len(settled)
    assert set(settled[:turn]) <= {None, before}
    assert set(settled[turn:]) <= {after}
    assert [one["spent"] for one in told] == [int(kind == "charge") for kind in settled]


@pytest.mark.parametrize("path", ["samples", "undone"])
def test_all_samples_of_a_request_are_charged_or_none(tmp_path: Path, database_url: str | None, path: str) -> None:
    """Wherever a kill comes: while they are set aside, charged, or given back since no answer can be made."""
    words = [sys.executable, "-m", "ledger_victim", str(tmp_path), path, *([database_url] if database_url else [])]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False, env=environment())
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["killed"] for one in told] == [True] * (len(told) - 1) + [False]
    assert {tuple(one["wrong"]) for one in told} == {()}
    assert {one["reserved"] for one in told} == {0}
    assert {one["spent"] for one in told} == {0, 3}
    for one in told:
        assert one["all"] == ["charge"] * 3 or "charge" not in one["all"]
    assert told[-1]["spent"] == {"samples": 3, "undone": 0}[path]


CALL = """
import sys
from fittingroom.client import ApiClient, CallFailed, CallRefused, Credential
port, id, key, person, garment = sys.argv[1:]
try:
    ApiClient(f"http://127.0.0.1:{port}", Credential(id, key, None), timeout=30).call(
        "ChangeClothes", {"ModelUrl": person, "ClothesUrl": garment, "ClothesType": "Upper-body", "RspImgType": "url"})
except CallRefused as refused:
    print(refused.code)
except CallFailed:
    print("failed")
"""


def urls(shop: Shop, trick: str) -> tuple[str, str]:
    return shop.pictures.url("/person.png"), shop.pictures.url(f"/{trick}.png")


def until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
