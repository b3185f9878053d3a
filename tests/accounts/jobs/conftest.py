"""An account with money, and tables of jobs as several gateways have them, on SQLite and on PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from job_room import PARAMETERS, make_account

from fittingroom.accounts import Database, Vault
from fittingroom.accounts.jobs import NewJob
from fittingroom.accounts.jobs.table import JobTable
from fittingroom.accounts.ledger.presence import Presence


class Tables:
    """Makes tables; a gateway is alive until `die`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault
        self._alive: dict[str, Presence] = {}
        self._made: list[JobTable] = []

    def of(self, gateway_id: str, lease: float = 30.0) -> JobTable:
        file = self.database.file
        if file is not None:
            self._alive[gateway_id] = Presence(file.with_name(f"{file.name}.servers"), gateway_id)
            self._alive[gateway_id].take()
        self._made.append(JobTable(self.database, self.vault, gateway_id, lease))
        return self._made[-1]

    def die(self, gateway_id: str) -> None:
        if gateway_id in self._alive:
            self._alive.pop(gateway_id).drop()

    def close(self) -> None:
        for table in self._made:
            table.close()
        for gateway_id in list(self._alive):
            self.die(gateway_id)


@pytest.fixture
def tables(database: Database, vault: Vault) -> Iterator[Tables]:
    for name in ("shop", "other"):
        make_account(database, name)
    made = Tables(database, vault)
    yield made
    made.close()


@pytest.fixture
def new() -> Callable[..., NewJob]:
    def make(account_id: str = "shop", callback: str | None = None) -> NewJob:
        request_id = str(uuid.uuid4())
        return NewJob(account_id, "ChangeClothes", request_id, "en-US", "https://shop.example", PARAMETERS, callback)

    return make
