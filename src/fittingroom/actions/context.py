"""What an action knows of its request besides its parameters.

Built by the wire once the caller is known. Invariant: it holds nothing of HTTP but the base of result URLs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fittingroom.accounts.cam import Address
from fittingroom.accounts.records import AccountRecord, KeyRecord
from fittingroom.errors import Language
from fittingroom.settings import Settings


class WorkContext(Protocol):
    """What making a picture needs to know, of a request that waits for its answer or of a job that came by one."""

    @property
    def request_id(self) -> str:
        """Of the request: lower-case UUID, also the content's id in the picture's label."""

    @property
    def account(self) -> AccountRecord:
        """Who pays, and whose limits count."""

    @property
    def concurrency(self) -> int:
        """Jobs that the account may run at once."""

    @property
    def language(self) -> Language:
        """Of messages and of the mark."""

    @property
    def base_url(self) -> str:
        """`scheme://host[:port]` of result URLs, without trailing slash."""

    @property
    def deadline(self) -> float:
        """`time.monotonic()` seconds at which the picture is due."""

    @property
    def settings(self) -> Settings:
        """All settings."""


@dataclass(frozen=True, slots=True)
class RequestContext:
    """request_id: lower-case UUID, also the job's id. address: the caller's, as the operator's proxies tell it.
    base_url: `scheme://host[:port]` under which the caller reaches this server, without trailing slash.
    deadline: `time.monotonic()` seconds at which the answer is due."""

    request_id: str
    caller: KeyRecord
    address: Address | None
    language: Language
    base_url: str
    deadline: float
    settings: Settings

    @property
    def account(self) -> AccountRecord:
        """Whose request it is: what it uses counts for this account."""
        return self.caller.principal.account

    @property
    def concurrency(self) -> int:
        """Jobs that the account may run at once: its own number, or the setting's."""
        return concurrency_of(self.account, self.settings)


@dataclass(frozen=True, slots=True)
class JobContext:
    """The context of a job, when it is run: as `WorkContext`. base_url: empty, since a result is kept by its path."""

    request_id: str
    account: AccountRecord
    language: Language
    deadline: float
    settings: Settings
    base_url: str = ""

    @property
    def concurrency(self) -> int:
        """Jobs that the account may run at once."""
        return concurrency_of(self.account, self.settings)


def concurrency_of(account: AccountRecord, settings: Settings) -> int:
    """The account's own number of jobs at once, or the setting's."""
    return settings.limits.concurrency if account.concurrency is None else account.concurrency
