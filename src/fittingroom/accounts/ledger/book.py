"""The ledger's entries: every way that money and pictures move between buckets.

Each function runs inside a transaction of its caller's and does the whole of one move: the balance, the transaction
with its two postings, the reservation. Buckets: `funding` (where money comes from), `available`, `reserved`, `spent`.
Invariant: a move's postings add up to nothing; what must happen once carries a `once` that the database holds unique.
"""

from __future__ import annotations

from dataclasses import dataclass

from fittingroom.accounts.ledger import statements as sql
from fittingroom.accounts.ledger.till import Teller


class ReservationLost(Exception):
    """The reservation is not there any more: another gateway gave it back."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a picture is to cost. amount: of `unit`. grant: pictures that the account gets once if it has none of this
    unit yet."""

    account_id: str
    request_id: str
    unit: str
    amount: int
    grant: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """All buckets of one unit."""

    funding: int = 0
    available: int = 0
    reserved: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger besides its amounts. at: Unix seconds."""

    kind: str
    account_id: str
    at: float
    once: str | None = None
    request_id: str | None = None
    note: str = ""


def balance(teller: Teller, account_id: str, unit: str) -> Balance:
    """What an account has of a unit."""
    rows = teller.rows(sql.BALANCE, account_id=account_id, unit=unit)
    return Balance(*rows[0]) if rows else Balance()


def fund(teller: Teller, entry: Entry, unit: str, amount: int) -> None:
    """Put in (or, below zero, take out) from outside. Raises `Repeated`."""
    teller.count(sql.FUND, account_id=entry.account_id, unit=unit, amount=amount)
    _post(teller, entry, unit, ("funding", "available"), amount)


def reserve(teller: Teller, claim: Claim, gateway_id: str, at: float) -> Balance | None:
    """Move a picture's price from available to reserved. None: done; else the balance, which is too low.

    Raises `Repeated` for a RequestId that reserved before.
    """
    took = _take(teller, claim)
    if not took and claim.grant is not None:
        _grant(teller, claim, claim.grant, at)
        took = _take(teller, claim)
    if not took:
        return balance(teller, claim.account_id, claim.unit)
    entry = Entry("reserve", claim.account_id, at, f"reserve:{claim.request_id}", claim.request_id)
    _post(teller, entry, claim.unit, ("available", "reserved"), claim.amount)
    teller.count(
        sql.HOLD,
        request_id=claim.request_id,
        account_id=claim.account_id,
        unit=claim.unit,
        amount=claim.amount,
        gateway_id=gateway_id,
    )
    return None


def charge(teller: Teller, request_id: str, gateway_id: str, at: float, *, settles: str | None = None) -> int:
    """Move what is reserved to spent; what the account could still reserve if all else were given back.

    settles: the RequestId to book it for, if not that of the reservation. Raises `ReservationLost`, `Repeated`.
    """
    taken = teller.rows(sql.TAKE, request_id=request_id, gateway_id=gateway_id)
    if not taken:
        raise ReservationLost
    account_id, unit, amount = taken[0]
    ((available, reserved),) = teller.rows(sql.CHARGE, account_id=account_id, unit=unit, amount=amount)
    paid_for = settles or request_id
    entry = Entry("charge", account_id, at, f"settle:{paid_for}", paid_for)
    _post(teller, entry, unit, ("reserved", "spent"), amount)
    return int(available + reserved)


def count(teller: Teller, account_id: str, unit: str, request_id: str, at: float) -> None:
    """Note a picture that costs nothing."""
    teller.count(sql.COUNT, account_id=account_id, unit=unit, amount=1)
    entry = Entry("charge", account_id, at, f"settle:{request_id}", request_id)
    _post(teller, entry, unit, ("funding", "spent"), 1)


def give_back(teller: Teller, request_id: str, gateway_id: str, at: float, *, charged: bool) -> str | None:
    """Undo what was reserved for a picture that its caller does not get. The account's id; None: there was nothing.

    charged: undo a charge, too. Only the server that knows that no answer left may say so.
    """
    taken = teller.rows(sql.TAKE, request_id=request_id, gateway_id=gateway_id)
    if taken:
        account_id, unit, amount = taken[0]
        teller.count(sql.RELEASE, account_id=account_id, unit=unit, amount=amount)
        entry = Entry("release", account_id, at, f"settle:{request_id}", request_id)
        _post(teller, entry, unit, ("reserved", "available"), amount)
        return str(account_id)
    return _refund(teller, request_id, at) if charged else None


def _refund(teller: Teller, request_id: str, at: float) -> str | None:
    once = f"refund:{request_id}"
    charged = teller.rows(sql.CHARGED, once=f"settle:{request_id}")
    if not charged or teller.rows(sql.HAPPENED, once=once):
        return None
    account_id, unit, amount, source = charged[0]
    back = "funding" if source == "funding" else "available"
    statement = sql.UNCOUNT if source == "funding" else sql.REFUND
    teller.count(statement, account_id=account_id, unit=unit, amount=amount)
    _post(teller, Entry("refund", account_id, at, once, request_id), unit, ("spent", back), amount)
    return str(account_id)


def _take(teller: Teller, claim: Claim) -> bool:
    return teller.count(sql.RESERVE, account_id=claim.account_id, unit=claim.unit, amount=claim.amount) == 1


def _grant(teller: Teller, claim: Claim, pictures: int, at: float) -> None:
    """The month's pictures, unless they were granted before, by this server or another."""
    once = f"grant:{claim.account_id}:{claim.unit}"
    if not teller.rows(sql.HAPPENED, once=once):
        fund(teller, Entry("grant", claim.account_id, at, once), claim.unit, pictures)


def _post(teller: Teller, entry: Entry, unit: str, move: tuple[str, str], amount: int) -> None:
    ((number,),) = teller.rows(
        sql.ADD_TRANSACTION,
        account_id=entry.account_id,
        kind=entry.kind,
        once=entry.once,
        request_id=entry.request_id,
        note=entry.note,
        at=entry.at,
    )
    source, target = move
    teller.count(sql.ADD_POSTINGS, transaction_id=number, unit=unit, source=source, target=target, amount=amount)
