"""The service status of an account as a state machine: from which to which, and who may.

The operator moves accounts by hand, the ledger by their balance. What is not in the table is refused with what is
possible instead. Invariant: an account that is not active is refused with a published code that tells its status.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from fittingroom.accounts.database import AccountError
from fittingroom.accounts.records import ServiceStatus
from fittingroom.errors import ApiError


class Mover(StrEnum):
    """Who changes a status."""

    OPERATOR = "operator"
    LEDGER = "ledger"


_BOTH: Final = frozenset(Mover)
_OPERATOR: Final = frozenset({Mover.OPERATOR})
_S = ServiceStatus

TRANSITIONS: Final[Mapping[ServiceStatus, Mapping[ServiceStatus, frozenset[Mover]]]] = {
    _S.NOT_ACTIVATED: {_S.DELIVERING: _OPERATOR, _S.ACTIVE: _OPERATOR},
    _S.DELIVERING: {_S.ACTIVE: _OPERATOR, _S.NOT_ACTIVATED: _OPERATOR},
    _S.ACTIVE: {_S.LOW_BALANCE: _BOTH, _S.IN_ARREARS: _BOTH, _S.STOPPED: _OPERATOR, _S.UNKNOWN: _OPERATOR},
    _S.LOW_BALANCE: {_S.ACTIVE: _BOTH, _S.IN_ARREARS: _BOTH, _S.STOPPED: _OPERATOR, _S.UNKNOWN: _OPERATOR},
    _S.IN_ARREARS: {_S.ACTIVE: _BOTH, _S.LOW_BALANCE: _BOTH, _S.STOPPED: _OPERATOR, _S.UNKNOWN: _OPERATOR},
    _S.STOPPED: {_S.ACTIVE: _OPERATOR, _S.NOT_ACTIVATED: _OPERATOR, _S.UNKNOWN: _OPERATOR},
    _S.UNKNOWN: {_S.ACTIVE: _OPERATOR, _S.STOPPED: _OPERATOR, _S.NOT_ACTIVATED: _OPERATOR},
}
"""From -> to -> who may."""

BY_BALANCE: Final = frozenset({_S.ACTIVE, _S.LOW_BALANCE, _S.IN_ARREARS})
"""Between these the ledger moves an account."""

REASONS: Final[Mapping[ServiceStatus, str]] = {
    _S.NOT_ACTIVATED: "service_not_activated",
    _S.DELIVERING: "service_delivering",
    _S.LOW_BALANCE: "service_low_balance",
    _S.IN_ARREARS: "service_in_arrears",
    _S.STOPPED: "service_stopped",
    _S.UNKNOWN: "service_status_unknown",
}
"""Status -> reason of its refusal."""


def check_status(status: ServiceStatus) -> None:
    """Pass an active account. Raises `ApiError` with the code of any other status."""
    if status is not ServiceStatus.ACTIVE:
        raise ApiError(REASONS[status])


def may_move(before: ServiceStatus, after: ServiceStatus, mover: Mover) -> bool:
    """Whether the table has it."""
    return mover in TRANSITIONS[before].get(after, frozenset())


def check_move(before: ServiceStatus, after: ServiceStatus, mover: Mover) -> None:
    """Raises `AccountError`, which says what is possible, for a move that is not in the table."""
    if may_move(before, after, mover):
        return
    possible = ", ".join(sorted(status for status, movers in TRANSITIONS[before].items() if mover in movers))
    if before is after:
        raise AccountError(f"the status is {before} already; from there it can become: {possible}")
    raise AccountError(f"the status cannot go from {before} to {after}; from {before} it can become: {possible}")
