"""Jobs while servers die: one killed with -9 and started again, and two that share a database.

About fifteen seconds: four servers start.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from job_calls import ended, query, submit
from job_room import charges
from picture_server import PictureServer
from pictures import encoded, figure, garment
from running_server import FLAT, LOOPBACK, RunningServer, running
from two_gateways import gateways

from fittingroom.accounts import Database, Store, Vault
from fittingroom.accounts.ledger.verify import differences
from fittingroom.accounts.store import accounts, keys
from fittingroom.client import ApiClient, Credential

SETTINGS = {"FITTINGROOM_JOBS__POLL": "0.1", "FITTINGROOM_JOBS__LEASE": "1"}


def shop(store: Store, name: str = "shop") -> Credential:
    accounts.create(store, name)
    issued = keys.create(store, name)
    return Credential(issued.secret_id, issued.secret_key)


def parameters(origin: PictureServer, trick: str | None = None) -> dict[str, str]:
    person = origin.publish("/person.png", encoded(figure()))
    clothes = origin.publish(f"/{trick}.png", encoded(garment(trick=trick)))
    return {"ModelUrl": person, "ClothesUrl": clothes, "ClothesType": "Upper-body"}


def kill(server: RunningServer) -> None:
    """The server first and then its workers, as when a machine goes down."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True, check=False
    )
    server.process.kill()
    server.process.wait()
    for word in listed.stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(word), signal.SIGKILL)


def until_running(client: ApiClient, job_id: str) -> None:
    deadline = time.monotonic() + 20
    while (code := query(client, job_id)["JobStatusCode"]) != "2":
        assert code == "1"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_jobs_outlive_a_killed_server(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    database = Database.open(data_dir)
    store = Store(database, Vault.open(data_dir), "cli:tests")
    key = shop(store)
    with PictureServer() as origin:
        with running(data_dir, *FLAT, *LOOPBACK, variables=SETTINGS) as server:
            client = ApiClient(server.url, key, timeout=30)
            jobs = [submit(client, parameters(origin, "slow")), submit(client, parameters(origin))]
            until_running(client, jobs[0])
            kill(server)
        with running(data_dir, *FLAT, *LOOPBACK, variables=SETTINGS) as server:
            client = ApiClient(server.url, key, timeout=30)
            told = [ended(client, job) for job in jobs]
    assert [one["JobStatusCode"] for one in told] == ["5", "5"]
    assert_charged_once(store, 2)
    database.close()


def test_two_servers_share_jobs_and_one_takes_those_of_the_other(tmp_path: Path, postgres_url: str) -> None:
    with PictureServer() as origin, gateways(tmp_path, postgres_url, settings=SETTINGS) as (servers, store):
        clients = [ApiClient(server.url, shop(store, server.data_dir.name), timeout=30) for server in servers]
        elsewhere = [ApiClient(servers[1].url, client._credential, timeout=30) for client in clients]
        time.sleep(1)  # until both know the accounts
        jobs = [[submit(client, parameters(origin, "slow")) for _ in range(2)] for client in clients]
        for mine, client in zip(jobs, elsewhere, strict=True):
            until_running(client, mine[0])
        kill(servers[0])
        told = [ended(client, job) for mine, client in zip(jobs, elsewhere, strict=True) for job in mine]
        assert {one["JobStatusCode"] for one in told} == {"5"}
        assert_charged_once(store, 4)


def assert_charged_once(store: Store, count: int) -> None:
    with store.reading() as connection:
        requests = [row[0] for row in connection.exec_driver_sql("SELECT request_id FROM jobs")]
    assert len(requests) == count
    assert [charges(store.database, request_id) for request_id in requests] == [1] * count
    assert differences(store) == []
