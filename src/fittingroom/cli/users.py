"""`fittingroom users`: the sub-users of an account.

A new sub-user may do nothing until a policy is attached to it (`fittingroom policies`). Running servers follow within
about a second.
"""

from __future__ import annotations

from cyclopts import App

from fittingroom.accounts.store import users
from fittingroom.cli.common import HERE, AsJson, Place, reported
from fittingroom.cli.tables import moment, show_all

app = App(name="users", help="Create, list, enable, disable and delete sub-users of an account.")


@app.command
@reported
def create(account: str, name: str, *, place: Place = HERE) -> int:
    """Create a sub-user, who may do nothing until a policy is attached.

    Parameters
    ----------
    account
        The account.
    name
        1 to 64 letters, digits, '.', '_', '-' or '@'.
    """
    with place.store() as store:
        uin = users.create(store, account, name)
    print(f"user {name} ({uin}) created; let it do something with: fittingroom policies attach {account} POLICY {name}")
    return 0


@app.command(name="list")
@reported
def list_(account: str, *, as_json: AsJson = False, place: Place = HERE) -> int:
    """List the users of an account.

    Parameters
    ----------
    account
        The account.
    as_json
        Print JSON instead of a table.
    """
    with place.store() as store:
        listed = users.listing(store, account)
    show_all(listed, HEADINGS, cells, as_json=as_json)
    return 0


@app.command
@reported
def enable(account: str, name: str, *, place: Place = HERE) -> int:
    """Let a user's keys work again.

    Parameters
    ----------
    account
        The account.
    name
        The user.
    """
    with place.store() as store:
        users.enable(store, account, name)
    print(f"user {name} enabled")
    return 0


@app.command
@reported
def disable(account: str, name: str, *, place: Place = HERE) -> int:
    """Refuse all keys and temporary keys of a user until it is enabled again.

    Parameters
    ----------
    account
        The account.
    name
        The user; `root` for the one that the account began with.
    """
    with place.store() as store:
        users.disable(store, account, name)
    print(f"user {name} disabled")
    return 0


@app.command
@reported
def end_sessions(account: str, name: str, *, place: Place = HERE) -> int:
    """Refuse the temporary keys that a user has now. Its permanent keys go on working.

    Parameters
    ----------
    account
        The account.
    name
        The user.
    """
    with place.store() as store:
        users.end_sessions(store, account, name)
    print(f"the temporary keys of user {name} made until now are refused")
    return 0


@app.command
@reported
def delete(account: str, name: str, *, place: Place = HERE) -> int:
    """Delete a sub-user with all its keys, for good.

    Parameters
    ----------
    account
        The account.
    name
        The user.
    """
    with place.store() as store:
        users.remove(store, account, name)
    print(f"user {name} deleted")
    return 0


HEADINGS = ("name", "uin", "state", "keys", "policies", "created")


def cells(user: users.User) -> tuple[str, ...]:
    """A user as a line of a table."""
    state = "enabled" if user.enabled else "disabled"
    policies = ", ".join(user.policies) or ("-" if not user.root else "allowed everything")
    return (user.name, str(user.uin), state, str(user.keys), policies, moment(user.created_at))
