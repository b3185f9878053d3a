"""What an action knows of its request besides its parameters.

Built by the wire once the caller is known. Invariant: it holds nothing of HTTP but the base of result URLs.
"""

from __future__ import annotations

from dataclasses import dataclass

from fittingroom.accounts.cam import Address
from fittingroom.accounts.records import AccountRecord, KeyRecord
from fittingroom.errors import Language
from fittingroom.settings import Settings


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
        own = self.account.concurrency
        return self.settings.limits.concurrency if own is None else own
