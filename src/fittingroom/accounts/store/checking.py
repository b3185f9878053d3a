"""Would this user be allowed that, from there? As a running server would answer now, and what decided.

It asks the very function that serves requests, on the rows of this moment, so an operator can test a policy without a
client. Invariant: it changes nothing and looks at no secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fittingroom.accounts import access
from fittingroom.accounts.cam import Address
from fittingroom.accounts.database import AccountError
from fittingroom.accounts.records import KeyRecord
from fittingroom.accounts.snapshot import Snapshot, read_callers
from fittingroom.accounts.store.base import Store, find_account, find_user
from fittingroom.errors import ApiError

_ACTION: Final = re.compile(r"[a-z][a-z0-9]*:[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """code: with which the caller would be refused, None where allowed. decided: by what, in words."""

    allowed: bool
    code: str | None
    decided: str


def check(
    store: Store, account_name: str, user_name: str | None, action: str, address: Address | None, region: str = ""
) -> Verdict:
    """Ask. user_name: None for the root user. action: `aiart:ChangeClothes`. address: None for a caller without one.

    Raises `AccountError`.
    """
    if not _ACTION.fullmatch(action):
        raise AccountError(f"{action!r} is no action; write the service and the action, such as aiart:ChangeClothes")
    with store.reading() as connection:
        user = find_user(connection, find_account(connection, account_name), user_name)
        principal = read_callers(connection, Snapshot()).principals[user.id]
    if not principal.enabled:
        return Verdict(False, ApiError("secret_id_not_found").code, f"the user {user.name} is disabled")
    caller = KeyRecord("", "", principal).caller()
    try:
        decision = access.check(caller, action, region=region, address=address, request_id="")
    except ApiError as refusal:
        return Verdict(False, refusal.code, str(refusal.cause))
    return Verdict(True, None, str(decision))
