"""What an action needs from the rooms around it, as protocols: the one place where the rooms meet.

The rooms below (accounts, results, dispatch, images) do not import this module; whoever composes the server checks
with mypy that each part fits. Tests pass small in-memory parts. Invariant: every method raises nothing but
`ApiError` (and, for results, `ResultForbidden` and `ResultGone`) for reasons that lie with the caller or the load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fittingroom.accounts.issuing import Wanted
from fittingroom.accounts.jobs import Found, NewJob
from fittingroom.accounts.records import AccountRecord, KeyRecord, Principal
from fittingroom.accounts.sessions import Session
from fittingroom.dispatch.protocol import Dispatcher
from fittingroom.moderation.hook import Submission


class Keys(Protocol):
    """Looks keys up."""

    async def find(self, secret_id: str, token: str | None) -> KeyRecord | None:
        """The key, or None. Must take the same time for a known and an unknown id (answer from memory).

        token: as the caller sent it. Raises `ApiError("token_failure")` for a temporary key whose token does not fit.
        """

    def used(self, record: KeyRecord) -> None:
        """Remember that this key has just signed a request. Must not wait for anything."""


class Tokens(Protocol):
    """Makes temporary credentials."""

    def role(self, arn: str) -> Principal | None:
        """The role that `qcs::cam::uin/<account>:roleName/<name>` names, or None."""

    async def issue(self, caller: KeyRecord, principal: Principal, wanted: Wanted) -> Session:
        """A credential that acts for `principal` and ends when `caller` may not call any more.

        Written into the audit before it is given. Raises `ApiError("sts_policy_too_long")`.
        """


class Fetcher(Protocol):
    """The guarded fetcher of callers' URLs."""

    async def fetch(self, url: str, *, parameter: str, max_bytes: int, deadline: float) -> bytes:
        """The body behind `url`, at most `max_bytes` long.

        parameter: the request parameter to name in messages (`ModelUrl`, `LogoParam.LogoUrl`).
        deadline: `time.monotonic()` seconds. Raises `ApiError`. Cancelling the task closes the connection.
        """


class Results(Protocol):
    """Keeps results that are asked for by URL."""

    @property
    def trouble(self) -> str | None:
        """Why results cannot be kept at the moment, for the operator; None while all is well."""

    async def put(self, data: bytes, media_type: str, account_id: str) -> str:
        """Keep a result of an account; its signed URL: relative, `/results/<name>?...`, or another server's absolute.

        Raises `ApiError`: results_full, results_unreachable.
        """

    async def open(self, name: str, query: Mapping[str, str]) -> StoredResult:
        """The result behind `/results/<name>?<query>`.

        Raises `ResultForbidden` where the signature does not fit, `ResultGone` when expired or swept.
        """


class StoredResult(Protocol):
    """A kept result."""

    @property
    def data(self) -> bytes:
        """The file."""

    @property
    def media_type(self) -> str:
        """Its Content-Type."""


class Permits(Protocol):
    """Counts running jobs."""

    def hold(self, account_id: str, concurrency: int) -> AbstractAsyncContextManager[None]:
        """Take one of the account's `concurrency` permits on entering and give it back on leaving.

        Entering never waits for one: it raises `ApiError` when none is free (job_num_exceed, total_exceed) or when that
        cannot be told (limits_unavailable). The action holds the permit in the task that awaits `Dispatcher.render`, so
        it returns when that task has ended, not when the answer is sent; a dispatcher whose `render` is cancelled must
        end only when the work has really stopped. The block is cancelled, and ends with permit_lost, when the permit
        cannot be kept any longer.
        """


class Rates(Protocol):
    """Counts requests per second."""

    async def count_address(self, address: str) -> None:
        """Count a request from `address`. Raises `ApiError`: rate_address, limits_unavailable."""

    async def count_account(self, account_id: str, action: str, own_rate: int | None) -> None:
        """Count a request of an account to `action`. own_rate: the account's own limit, None for the setting.

        Raises `ApiError`: rate_action, rate_account, limits_unavailable.
        """


class Reservation(Protocol):
    """The price of a request's pictures, set aside."""

    async def charge(self) -> None:
        """Settle all of it or nothing, once the pictures are finished and before the answer leaves.

        Raises `ApiError`."""


class Billing(Protocol):
    """Lets accounts pay."""

    def answering(self, *request_ids: str) -> AbstractAsyncContextManager[None]:
        """Around all that belongs to an answer: undo the request's charge when an exception leaves the block."""

    def reserve(self, account: AccountRecord, *request_ids: str) -> AbstractAsyncContextManager[Reservation]:
        """Set the price of each picture aside on entering, and give it back on leaving unless it was charged.

        A block that an exception leaves after its charge gets the charge back. Entering raises `ApiError` when the
        account's status or balance does not allow another picture.
        """


class Jobs(Protocol):
    """Keeps jobs for later."""

    async def submit(self, job: NewJob) -> None:
        """Keep a job. Raises `ApiError`: job_queue_full, callback_no_secret, jobs_unavailable."""

    async def find(self, job_id: str, account_id: str, action: str) -> Found:
        """A job of this account and action. Raises `ApiError`: job_not_exist, jobs_unavailable."""


class Hook(Protocol):
    """The operator's own reviewer of pictures."""

    async def review(self, submissions: Sequence[Submission], *, request_id: str, deadline: float) -> None:
        """Have all pictures judged at the same time; nothing to do where there is no such reviewer.

        deadline: `time.monotonic()` seconds. Raises `ApiError` for the first that is refused or cannot be judged
        (image_refused, result_refused, review_unavailable, result_review_unavailable). Cancelling closes connections.
        """


class Services(Protocol):
    """All parts together."""

    @property
    def keys(self) -> Keys:
        """Keys of callers."""

    @property
    def tokens(self) -> Tokens:
        """Temporary credentials."""

    @property
    def permits(self) -> Permits:
        """Running jobs per account."""

    @property
    def rates(self) -> Rates:
        """Requests per second."""

    @property
    def billing(self) -> Billing:
        """What pictures cost."""

    @property
    def fetcher(self) -> Fetcher:
        """The guarded fetcher."""

    @property
    def dispatcher(self) -> Dispatcher:
        """The way to the engine."""

    @property
    def hook(self) -> Hook:
        """The operator's own reviewer, or nobody."""

    @property
    def results(self) -> Results:
        """Results by URL."""

    @property
    def jobs(self) -> Jobs:
        """Jobs for later."""

    def probe(self, data: bytes, *, parameter: str) -> None:
        """Look at a person's or garment's header only: a known picture type, sides within the limits.

        Blocking (runs in a thread), cheap, safe on hostile bytes. Raises `ApiError`. A logo is not probed: it has other
        limits, and the worker that draws it refuses a bad one with `ApiError`.
        """
