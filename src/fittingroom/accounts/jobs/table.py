"""The table of jobs as one thread reads and writes it, each call a transaction of its own.

What is private is sealed for the job's id, so that rows cannot be swapped by someone who can write to the database
only. Invariant: at most one gateway's claim of a job counts, and only by it is the job changed until it has ended.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

import structlog

from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.jobs import statements as sql
from fittingroom.accounts.jobs.records import Found, Job, JobLost, NewJob, Outcome, Waiting
from fittingroom.accounts.ledger.presence import Presence
from fittingroom.accounts.ledger.till import Teller, Till
from fittingroom.accounts.vault import Vault

PAGE: Final = 100
"""Rows that one look takes up."""

log = structlog.get_logger(__name__)


class JobTable:
    """Jobs of one gateway and all others. gateway_id: by which claims are known; the ledger's, too. lease: seconds that
    a claim lasts without a word. Every method blocks and raises `AccountError`."""

    def __init__(self, database: Database, vault: Vault, gateway_id: str, lease: float) -> None:
        self._till = Till(database)
        self._vault = vault
        self._gateway_id = gateway_id
        self._lease = lease
        self._sqlite = database.dialect == "sqlite"
        file = database.file
        self._servers = None if file is None else Presence(file.with_name(f"{file.name}.servers"), gateway_id)

    def close(self) -> None:
        """Give the connection back."""
        self._till.close()

    def add(self, job: NewJob, limit: int) -> bool:
        """Keep a job; False where the account has `limit` of them already that have not ended."""
        with self._till.transaction() as teller:
            if not self._sqlite:
                teller.rows(sql.ONE_BY_ONE, account_id=job.account_id)
            ((unended,),) = teller.rows(sql.UNENDED, account_id=job.account_id)
            if unended >= limit:
                return False
            teller.count(
                sql.ADD,
                id=job.id,
                account_id=job.account_id,
                action=job.action,
                request_id=job.request_id,
                language=job.language,
                base_url=job.base_url,
                parameters=self._seal(job.id, "parameters", job.parameters),
                callback=None if job.callback is None else self._seal(job.id, "callback", job.callback),
            )
        return True

    def unended(self) -> dict[str, int]:
        """How many jobs of all gateways wait and run."""
        with self._till.reading() as teller:
            found = {str(state): int(count) for state, count in teller.rows(sql.UNENDED_BY_STATE)}
        return {"waiting": 0, "running": 0, **found}

    def find(self, job_id: str, account_id: str, action: str) -> Found | None:
        """A job of an account and an action."""
        with self._till.reading() as teller:
            rows = teller.rows(sql.FIND, id=job_id, account_id=account_id, action=action)
        return self.found(rows[0]) if rows else None

    def oldest(self, after: Waiting | None = None) -> list[Waiting]:
        """Of each account with waiting jobs, the one whose turn it is: a page of them, which begins behind `after`."""
        begin, begin_id = (after.created_at, after.id) if after else (-1.0, "")
        with self._till.reading() as teller:
            rows = teller.rows(sql.OLDEST, limit=PAGE, after=begin, after_id=begin_id)
        return [Waiting(*row) for row in rows]

    def late(self, patience: float) -> list[Waiting]:
        """Jobs that have waited for longer than `patience` seconds."""
        with self._till.reading() as teller:
            return [Waiting(*row) for row in teller.rows(sql.LATE, patience=patience, limit=PAGE)]

    def claim(self, job_id: str, patience: float) -> Job | None:
        """Take a waiting job; None where another was first. It is late when it is older than `patience` seconds."""
        claim = str(uuid.uuid4())
        values = {"claim": claim, "gateway_id": self._gateway_id, "lease": self._lease, "patience": patience}
        with self._till.transaction() as teller:
            rows = teller.rows(sql.CLAIM, id=job_id, **values)
        if not rows:
            return None
        _, account_id, action, request_id, language, base_url, sealed, attempt, late = rows[0]
        return Job(
            id=job_id,
            account_id=account_id,
            action=action,
            request_id=request_id,
            language=language,
            base_url=base_url,
            parameters=self._readable(job_id, sealed),
            attempt=attempt,
            late=bool(late),
            claim=claim,
        )

    def give_back(self, job: Job, pause: float, *, counted: bool) -> None:
        """Let a claimed job wait again, at least `pause` seconds. counted: whether this was an attempt."""
        uncounted = 0 if counted else 1
        with self._till.transaction() as teller:
            teller.count(sql.GIVE_BACK, id=job.id, claim=job.claim, pause=pause, uncounted=uncounted)

    def end(self, teller: Teller, job: Job, outcome: Outcome, keep: float) -> None:
        """Write what came of a claimed job, in a transaction of the caller's. keep: seconds until it is forgotten.

        Raises `JobLost`.
        """
        ended = teller.count(
            sql.END,
            id=job.id,
            claim=job.claim,
            state=outcome.state,
            outcome=self._seal(job.id, "outcome", outcome.text()),
            keep=keep,
        )
        if ended != 1:
            raise JobLost(job.id)

    def fail(self, job: Job, outcome: Outcome, keep: float) -> None:
        """The same in a transaction of its own, for a job that costs nothing. Raises `JobLost`."""
        with self._till.transaction() as teller:
            self.end(teller, job, outcome, keep)

    def renew(self, running: set[str]) -> set[str]:
        """Say that this gateway lives; ids of the jobs that are its own.

        running: those that it works on. What it holds besides, since it could not be given back, waits again.
        """
        with self._till.transaction() as teller:
            held = {row[0] for row in teller.rows(sql.RENEW, gateway_id=self._gateway_id, lease=self._lease)}
            for job_id in held - running:
                teller.count(sql.GIVE_BACK_UNKNOWN, id=job_id, gateway_id=self._gateway_id)
        return held & running

    def take_from_dead(self) -> int:
        """Let jobs of gateways that are gone wait again; how many."""
        if self._servers is None:
            with self._till.transaction() as teller:
                return len(teller.rows(sql.LEASES_PASSED))
        with self._till.reading() as teller:
            others = [str(row[0]) for row in teller.rows(sql.OTHERS, gateway_id=self._gateway_id)]
        dead = [other for other in others if not self._servers.alive(other)]
        taken = 0
        for gateway_id in dead:
            with self._till.transaction() as teller:
                taken += len(teller.rows(sql.TAKE_FROM, gateway_id=gateway_id))
        return taken

    def sweep(self) -> int:
        """Forget jobs whose time is over; how many."""
        with self._till.transaction() as teller:
            return teller.count(sql.SWEEP)

    @property
    def till(self) -> Till:
        """For what else is written on the same thread."""
        return self._till

    def found(self, row: tuple[Any, ...]) -> Found:
        """A job as its caller may see it, from a row of id, state, request_id, outcome."""
        job_id, state, request_id, sealed = row
        outcome = None if sealed is None else Outcome.of(self.unseal(job_id, "outcome", sealed))
        return Found(job_id, state, request_id, outcome)

    def _readable(self, job_id: str, sealed: str) -> str | None:
        """A claimed job's parameters. One that nobody can read must not be claimed for ever: it has to end."""
        try:
            return self.unseal(job_id, "parameters", sealed)
        except AccountError as error:
            log.error("job_unreadable", job_id=job_id, detail=str(error))
            return None

    def _seal(self, job_id: str, what: str, text: str) -> str:
        return self._vault.encrypt(f"{what}-{job_id}", text.encode())

    def unseal(self, job_id: str, what: str, sealed: str) -> str:
        """What was sealed for a job. what: one word, such as `outcome`."""
        plain = self._vault.decrypt(f"{what}-{job_id}", sealed)
        if plain is None:
            raise AccountError(f"the {what} of the job {job_id} cannot be opened: was the master key replaced or lost?")
        return plain.decode()
