"""How an account stands by its balance, and the moving of its status to that.

Below zero is in arrears, on any plan; with the plan `prepaid`, too little for one more picture is low balance. What is
reserved counts as the account's, since it may come back. Invariant: only active, low balance and in arrears are moved;
what an operator stopped stays stopped whatever is paid in.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from fittingroom.accounts import audit, schema
from fittingroom.accounts.database import Database
from fittingroom.accounts.ledger import book
from fittingroom.accounts.ledger.book import Balance
from fittingroom.accounts.ledger.money import MONEY, of_decimal, show
from fittingroom.accounts.ledger.till import teller_of
from fittingroom.accounts.records import Plan, ServiceStatus
from fittingroom.accounts.status import BY_BALANCE, Mover, check_move
from fittingroom.settings import BillingSettings

ACTION = "status.set"


def standing(money: Balance, plan: Plan, price: int | None) -> ServiceStatus:
    """What the balance says. price: of one picture, in millionths."""
    if money.available < 0:
        return ServiceStatus.IN_ARREARS
    if plan is Plan.PREPAID and price is not None and money.available + money.reserved < price:
        return ServiceStatus.LOW_BALANCE
    return ServiceStatus.ACTIVE


def review(database: Database, connection: Connection, account_id: str, settings: BillingSettings) -> ServiceStatus:
    """Bring the status to what the balance says; the status then. connection: of `Database.changing`."""
    accounts = schema.accounts.c
    query = select(accounts.name, accounts.status, accounts.plan, accounts.price).where(accounts.id == account_id)
    found = connection.execute(query).one()
    before = ServiceStatus(found.status)
    if before not in BY_BALANCE:
        return before
    money = book.balance(teller_of(database, connection), account_id, MONEY)
    price = found.price if found.price is not None else default_price(settings)
    after = standing(money, Plan(found.plan), price)
    if after is not before:
        check_move(before, after, Mover.LEDGER)
        move(connection, account_id, found.name, before, after, actor="ledger", available=show(money.available))
    return after


def move(
    connection: Connection,
    account_id: str,
    name: str,
    before: ServiceStatus,
    after: ServiceStatus,
    *,
    actor: str,
    **detail: object,
) -> None:
    """Write a new status and its row of the audit."""
    connection.execute(update(schema.accounts).where(schema.accounts.c.id == account_id).values(status=after))
    audit.record(connection, actor, ACTION, account_id, name, {"from": before, "to": after, **detail})


def default_price(settings: BillingSettings) -> int | None:
    """The price of accounts without one of their own, in millionths."""
    return None if settings.price is None else of_decimal(settings.price)
