"""What the operator does with money and status: pay in, correct, choose a plan, move a status, look.

Every change is one transaction: the entry in the ledger, what the balance makes of the status, the row of the audit.
Invariant: money that an operator books has a note or is a top-up, and nobody can book it twice by the same command.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from fittingroom.accounts import schema
from fittingroom.accounts.database import AccountError
from fittingroom.accounts.ledger import book
from fittingroom.accounts.ledger.book import Balance, Entry
from fittingroom.accounts.ledger.money import MONEY, month_of, pictures_of, show
from fittingroom.accounts.ledger.standing import default_price, move, review
from fittingroom.accounts.ledger.till import teller_of
from fittingroom.accounts.records import Plan, ServiceStatus
from fittingroom.accounts.status import Mover, check_move
from fittingroom.accounts.store.base import Change, Store, find_account
from fittingroom.settings import BillingSettings


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account is to pay. price: millionths. None: as in the settings."""

    plan: Plan
    price: int | None
    quota: int | None


@dataclass(frozen=True, slots=True)
class Bill:
    """How an account stands. price, quota: those in force. money, pictures: of this month's quota."""

    name: str
    status: ServiceStatus
    plan: Plan
    price: int | None
    quota: int | None
    money: Balance
    month: str
    pictures: Balance


def top_up(store: Store, name: str, amount: int, note: str, settings: BillingSettings) -> Balance:
    """Book a payment. amount: millionths, above zero. The balance then. Raises `AccountError`."""
    if amount <= 0:
        raise AccountError("a top-up is more than nothing; to take money out use `fittingroom billing adjust`")
    return _book(store, name, "topup", amount, note, settings)


def adjust(store: Store, name: str, amount: int, note: str, settings: BillingSettings) -> Balance:
    """Book a correction, which may leave a balance below zero. note: why. The balance then. Raises `AccountError`."""
    if amount == 0:
        raise AccountError("an adjustment is more or less than nothing")
    if not note.strip():
        raise AccountError("an adjustment needs a note that says why")
    return _book(store, name, "adjust", amount, note, settings)


def set_plan(store: Store, name: str, terms: Terms, settings: BillingSettings) -> None:
    """Choose how an account pays from now on; what is reserved keeps its price. Raises `AccountError`."""
    _check_terms(terms, settings)
    with store.changing() as change:
        account = find_account(change.connection, name)
        values = {"plan": terms.plan, "price": terms.price, "quota": terms.quota}
        change.connection.execute(update(schema.accounts).where(schema.accounts.c.id == account.id).values(**values))
        change.note("billing.plan", account.id, name, **values)
        quota = terms.quota if terms.quota is not None else settings.quota
        if quota is not None:
            _regrant(store, change, account, quota)
        review(store.database, change.connection, account.id, settings)


def set_status(store: Store, name: str, wanted: ServiceStatus) -> ServiceStatus:
    """Move an account's status by hand; the status before. Raises `AccountError` for a move that is not allowed."""
    with store.changing() as change:
        account = find_account(change.connection, name)
        before = ServiceStatus(account.status)
        check_move(before, wanted, Mover.OPERATOR)
        move(change.connection, account.id, name, before, wanted, actor=store.actor)
    return before


def bill(store: Store, name: str, settings: BillingSettings) -> Bill:
    """How an account stands now. Raises `AccountError`."""
    month = month_of(store.clock())
    with store.reading() as connection:
        account = find_account(connection, name)
        b = schema.balances.c
        rows = connection.execute(select(schema.balances).where(b.account_id == account.id)).all()
    held = {row.unit: Balance(row.funding, row.available, row.reserved, row.spent) for row in rows}
    return Bill(
        name=account.name,
        status=ServiceStatus(account.status),
        plan=Plan(account.plan),
        price=account.price if account.price is not None else default_price(settings),
        quota=account.quota if account.quota is not None else settings.quota,
        money=held.get(MONEY, Balance()),
        month=month,
        pictures=held.get(pictures_of(month), Balance()),
    )


def _book(store: Store, name: str, kind: str, amount: int, note: str, settings: BillingSettings) -> Balance:
    with store.changing() as change:
        account = find_account(change.connection, name)
        teller = teller_of(store.database, change.connection)
        book.fund(teller, Entry(kind, account.id, change.now, note=note[:256]), MONEY, amount)
        change.note(f"billing.{kind}", account.id, name, amount=show(amount), note=note)
        review(store.database, change.connection, account.id, settings)
        return book.balance(teller, account.id, MONEY)


def _check_terms(terms: Terms, settings: BillingSettings) -> None:
    if terms.plan is Plan.PREPAID and terms.price is None and settings.price is None:
        raise AccountError("the plan prepaid needs a price: give --price, or set billing.price")
    if terms.plan is Plan.QUOTA and terms.quota is None and settings.quota is None:
        raise AccountError("the plan quota needs a number of pictures a month: give --quota, or set billing.quota")
    if terms.price is not None and terms.price <= 0:
        raise AccountError("a price is more than nothing; the plan free costs nothing")
    if terms.quota is not None and terms.quota < 1:
        raise AccountError("a quota is one picture a month or more")


def _regrant(store: Store, change: Change, account: Row[Any], quota: int) -> None:
    """Where this month's pictures were granted already, add or take the difference."""
    unit = pictures_of(month_of(change.now))
    teller = teller_of(store.database, change.connection)
    granted = -book.balance(teller, account.id, unit).funding
    if granted and granted != quota:
        entry = Entry("adjust", account.id, change.now, note=f"quota changed from {granted} to {quota}")
        book.fund(teller, entry, unit, quota - granted)
