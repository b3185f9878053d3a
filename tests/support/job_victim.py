"""`python -m job_victim FOLDER STRIDE [URL]`: one job, whose gateway is killed at each STRIDEth step of the database.

A step is a statement, a begin or a commit, of the job's table or of the ledger. For each step a job is submitted, a
child is forked which takes it up and kills itself with SIGKILL at that step; then another gateway takes it up. One line
of JSON tells what came of the job. It ends with the first child that was not reached by its step.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from job_room import charges, gateway, make_account, spent
from ledger_victim import child, killing, patch
from sqlalchemy import select

from fittingroom.accounts import AccountRecord, Database, Plan, Store, Vault, schema
from fittingroom.accounts.jobs import NewJob
from fittingroom.accounts.ledger.verify import differences
from fittingroom.logs import configure_logs
from fittingroom.settings import LogSettings, Settings

LEASE = 0.05
SETTINGS = Settings.model_validate({"jobs": {"lease": LEASE}})  # the ledger's heartbeats would be further steps
AFTERWARDS = Settings.model_validate({"jobs": {"lease": LEASE}, "billing": {"lease": LEASE}})
SHOP = AccountRecord(id="shop", uin=1, name="shop", plan=Plan.PREPAID, price=7)


class Place:
    """The database of the run; opened anew in each process."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self._folder, self._url = folder, url
        self._vault = Vault.open(folder)

    def make(self) -> None:
        database = Database.open(self._folder, self._url)
        make_account(database)
        database.close()

    def work(self, count: Callable[[], None] | None) -> None:
        """A gateway of this process, for one round; it ends without a word, as a killed one would."""
        asyncio.run(self._work(Database.open(self._folder, self._url), count))

    async def _work(self, database: Database, count: Callable[[], None] | None) -> None:
        settings = AFTERWARDS if count is None else SETTINGS
        async with gateway(database, self._vault, settings, {"shop": SHOP}) as one:
            await one.runner._beat()
            if count is not None:
                patch(count)
            await one.round(beat=False)
            if count is not None:
                os._exit(0)
        database.close()

    async def _submit(self) -> NewJob:
        database = Database.open(self._folder, self._url)
        async with gateway(database, self._vault, SETTINGS, {"shop": SHOP}) as one:
            job = await one.submit()
        database.close()
        return job

    def submit(self) -> NewJob:
        return asyncio.run(self._submit())

    def tell(self, job: NewJob) -> dict[str, Any]:
        database = Database.open(self._folder, self._url)
        with database.reading() as connection:
            j = schema.jobs.c
            row = connection.execute(select(j.state, j.attempts).where(j.id == job.id)).one()
        told = {"state": row.state, "attempts": row.attempts, "charges": charges(database, job.request_id)}
        told |= {"spent": spent(database), "wrong": differences(Store(database, self._vault, "cli:tests"))}
        database.close()
        return told


def main(folder: str, stride: str, url: str | None = None) -> None:
    place = Place(Path(folder), url)
    place.make()
    step, killed = 1 - int(stride), True
    while killed:
        step += int(stride)
        job = place.submit()
        killed = child(partial(place.work, killing(step)))
        if url is not None:
            time.sleep(LEASE * 1.2)
        place.work(None)
        print(json.dumps({"step": step, "killed": killed, **place.tell(job)}), flush=True)


if __name__ == "__main__":
    configure_logs(LogSettings.model_validate({"level": "error"}))
    main(*sys.argv[1:])
