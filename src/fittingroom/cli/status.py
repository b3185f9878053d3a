"""`fittingroom status`: whether accounts may use the service, and moving them by hand."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from fittingroom.accounts import AccountError, ServiceStatus
from fittingroom.accounts.ledger import desk
from fittingroom.accounts.ledger.money import show
from fittingroom.accounts.store import accounts
from fittingroom.cli import tables
from fittingroom.cli.common import HERE, AsJson, Place, reported


@reported
def status(
    name: str | None = None,
    *,
    wanted: Annotated[ServiceStatus | None, Parameter(name="--set")] = None,
    as_json: AsJson = False,
    place: Place = HERE,
) -> int:
    """Show the status of accounts, or move one. Servers follow within about a second.

    Parameters
    ----------
    name
        One account only.
    wanted
        The status that the account gets: not-activated, delivering, active, low-balance, in-arrears, stopped, unknown.
    as_json
        Print JSON instead of a table.
    """
    settings = place.configuration().settings.billing
    with place.store() as store:
        if wanted is not None:
            if name is None:
                raise AccountError("say which account: fittingroom status NAME --set STATUS")
            before = desk.set_status(store, name, wanted)
            print(f"{name} was {before} and is {wanted}")
            return 0
        names = [one.name for one in accounts.listing(store)] if name is None else [name]
        bills = [desk.bill(store, one, settings) for one in names]
    rows = [
        {"name": one.name, "status": str(one.status), "plan": str(one.plan), "available": show(one.money.available)}
        for one in bills
    ]
    if as_json:
        tables.print_json(rows)
    else:
        tables.show(("name", "status", "plan", "available"), (tuple(row.values()) for row in rows))
    return 0
