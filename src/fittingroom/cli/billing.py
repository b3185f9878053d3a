"""`fittingroom billing`: what accounts pay.

Amounts are written as money, `12.50`, with at most six decimals; running servers follow within about a second.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from fittingroom.accounts import Plan
from fittingroom.accounts.ledger import desk
from fittingroom.accounts.ledger.desk import Bill, Terms
from fittingroom.accounts.ledger.money import parse, show
from fittingroom.accounts.ledger.verify import differences
from fittingroom.accounts.store.accounts import find
from fittingroom.cli import tables
from fittingroom.cli.common import FAILED, HERE, AsJson, Place, reported

app = App(name="billing", help="Top up and correct balances, choose plans, check the ledger.")

Amount = Annotated[str, Parameter(allow_leading_hyphen=True)]


@app.command
@reported
def topup(name: str, amount: Amount, *, note: str = "", place: Place = HERE) -> int:
    """Book a payment. It clears a low balance or arrears that it covers.

    Parameters
    ----------
    name
        The account.
    amount
        Such as 12.50.
    note
        What it was, such as an invoice's number.
    """
    settings = place.configuration().settings.billing
    with place.store() as store:
        money = desk.top_up(store, name, parse(amount), note, settings)
    print(f"{name} has {show(money.available)} available")
    return 0


@app.command
@reported
def adjust(name: str, amount: Amount, *, note: str, place: Place = HERE) -> int:
    """Book a correction, up or down. A balance below zero is in arrears.

    Parameters
    ----------
    name
        The account.
    amount
        Such as 3 or -12.50.
    note
        Why.
    """
    settings = place.configuration().settings.billing
    with place.store() as store:
        money = desk.adjust(store, name, parse(amount), note, settings)
    print(f"{name} has {show(money.available)} available")
    return 0


@app.command
@reported
def plan(
    name: str,
    plan: Plan,
    *,
    price: str | None = None,
    quota: int | Literal["default"] | None = None,
    place: Place = HERE,
) -> int:
    """Choose how an account pays: not at all, from its balance, or by a number of pictures a month.

    Parameters
    ----------
    name
        The account.
    plan
        free, prepaid or quota.
    price
        Of a picture, such as 0.35; `default` takes the setting billing.price. Without, it stays.
    quota
        Pictures a month; `default` takes the setting billing.quota. Without, it stays.
    """
    settings = place.configuration().settings.billing
    with place.store() as store:
        account = find(store, name)
        terms = Terms(
            plan,
            account.price if price is None else None if price == "default" else parse(price),
            account.quota if quota is None else None if quota == "default" else quota,
        )
        desk.set_plan(store, name, terms, settings)
        bill = desk.bill(store, name, settings)
    print(f"{name} has the plan {plan} from now on: {_told(bill)}")
    return 0


def _told(bill: Bill) -> str:
    """The terms in force, since what was set long ago may still hold."""
    if bill.plan is Plan.PREPAID and bill.price is not None:
        return f"{show(bill.price)} a picture"
    return f"{bill.quota} pictures a month" if bill.plan is Plan.QUOTA else "nothing to pay"


@app.command(name="show")
@reported
def show_(name: str, *, as_json: AsJson = False, place: Place = HERE) -> int:
    """Show how an account stands.

    Parameters
    ----------
    name
        The account.
    as_json
        Print JSON instead of a table.
    """
    settings = place.configuration().settings.billing
    with place.store() as store:
        bill = desk.bill(store, name, settings)
    if as_json:
        tables.print_json(facts(bill))
    else:
        tables.show(("account", ""), facts(bill, empty="-").items())
    return 0


@app.command
@reported
def verify(*, place: Place = HERE) -> int:
    """Recompute all balances from the ledger's rows. Exit code 1 where anything differs."""
    with place.store() as store:
        found = differences(store)
    for one in found:
        print(one, file=sys.stderr)
    if found:
        return FAILED
    print("the ledger adds up")
    return 0


def facts(bill: Bill, empty: Any = None) -> dict[str, Any]:
    """How an account stands. Money as text, since JSON's numbers are floats to many readers."""
    picture = bill.plan is Plan.QUOTA
    told = {
        "name": bill.name,
        "status": str(bill.status),
        "plan": str(bill.plan),
        "price": None if bill.price is None else show(bill.price),
        "quota": bill.quota,
        "available": show(bill.money.available),
        "reserved": show(bill.money.reserved),
        "spent": show(bill.money.spent),
        "paid_in": show(-bill.money.funding),
        "month": bill.month,
        "pictures_left": None if not picture else bill.pictures.available if bill.pictures.funding else bill.quota,
        "pictures_used": bill.pictures.spent,
    }
    return {key: empty if value is None else value if empty is None else str(value) for key, value in told.items()}
