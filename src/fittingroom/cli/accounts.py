"""`fittingroom accounts`: create, list, show, rename and limit accounts.

Works on the database, also while servers run on it. An account is never deleted: `fittingroom status` stops it.
"""

from __future__ import annotations

import time
from typing import Annotated, Literal

from cyclopts import App, Parameter

from fittingroom.accounts import AccountError
from fittingroom.accounts.jobs import callbacks
from fittingroom.accounts.ledger import desk
from fittingroom.accounts.store import accounts, keys, networks, policies, users
from fittingroom.cli import account_page, tables
from fittingroom.cli.common import HERE, AsJson, Place, reported
from fittingroom.cli.tables import moment, print_json

app = App(name="accounts", help="Create, list, show, rename and limit accounts.")

Limit = int | Literal["default"]


@app.command
@reported
def create(name: str, *, place: Place = HERE) -> int:
    """Create an account.

    Parameters
    ----------
    name
        1 to 64 letters, digits, '.', '_', '-' or '@'.
    """
    with place.store() as store:
        account = accounts.create(store, name)
    print(f"account {account.name} created; make a key with: fittingroom keys create {account.name}")
    return 0


@app.command(name="list")
@reported
def list_(*, as_json: AsJson = False, place: Place = HERE) -> int:
    """List all accounts.

    Parameters
    ----------
    as_json
        Print JSON instead of a table.
    """
    with place.store() as store:
        listed = accounts.listing(store)
    if as_json:
        print_json([account_page.facts(one) for one in listed])
        return 0
    tables.show(
        ("name", "uin", "status", "plan", "users", "keys", "created"),
        [
            (one.name, str(one.uin), one.status, one.plan, str(one.users), str(one.keys), moment(one.created_at))
            for one in listed
        ],
    )
    return 0


@app.command
@reported
def show(name: str, *, as_json: AsJson = False, place: Place = HERE) -> int:
    """Show everything about one account: bill, limits, users, keys, policies, roles and addresses.

    Parameters
    ----------
    name
        The account.
    as_json
        Print JSON instead of text.
    """
    with place.store() as store:
        page = account_page.Page(
            account=accounts.find(store, name),
            bill=desk.bill(store, name, place.configuration().settings.billing),
            users=users.listing(store, name),
            keys=keys.listing(store, name),
            policies=policies.listing(store, name),
            roles=accounts.role_names(store, name),
            addresses=networks.listing(store, name),
        )
    if as_json:
        print_json(account_page.as_json(page))
    else:
        account_page.show(page, time.time())
    return 0


@app.command
@reported
def rename(name: str, new_name: str, *, place: Place = HERE) -> int:
    """Give an account another name. Its number, keys and policies stay.

    Parameters
    ----------
    name
        The account.
    new_name
        Its new name.
    """
    with place.store() as store:
        accounts.rename(store, name, new_name)
    print(f"account {name} is now {new_name}")
    return 0


@app.command
@reported
def webhook(name: str, *, rotate: Annotated[bool, Parameter(negative=())] = False, place: Place = HERE) -> int:
    """Print the secret by which callbacks of an account's jobs are signed, for whoever verifies them.

    Parameters
    ----------
    name
        The account.
    rotate
        Make a new secret, or the first; for a day callbacks are signed with the one before, too.
    """
    with place.store() as store:
        secret = callbacks.rotate(store, name) if rotate else callbacks.show(store, name)
    if secret is None:
        raise AccountError(f"{name} has no secret yet: fittingroom accounts webhook {name} --rotate")
    print(secret)
    return 0


@app.command
@reported
def limit(
    name: str,
    *,
    concurrency: Annotated[Limit | None, Parameter(negative=())] = None,
    rate: Annotated[Limit | None, Parameter(negative=())] = None,
    place: Place = HERE,
) -> int:
    """Set limits of one account instead of those in the settings.

    Parameters
    ----------
    name
        The account.
    concurrency
        Jobs at once, 0 for none at all, or `default` for what the settings say.
    rate
        Requests per second to one action, 0 for no limit, or `default`.
    """
    given = {"concurrency": concurrency, "rate": rate}
    limits = {noun: None if value == "default" else value for noun, value in given.items() if value is not None}
    if not limits:
        raise AccountError("say what to limit: --concurrency or --rate")
    with place.store() as store:
        accounts.limit(store, name, limits)
    told = ", ".join(f"{noun} {'as in the settings' if value is None else value}" for noun, value in limits.items())
    print(f"account {name}: {told}")
    return 0
