"""`fittingroom keys`: what callers sign their requests with.

Running servers follow within about a second. Invariant: a SecretKey is printed once, when it is made, to stdout alone.
"""

from __future__ import annotations

import time
from typing import Annotated

from cyclopts import App, Parameter

from fittingroom.accounts import AccountError
from fittingroom.accounts.store import keys
from fittingroom.cli.common import HERE, AsJson, Place, reported
from fittingroom.cli.tables import moment, moment_or, print_json, show_all

app = App(name="keys", help="Create, list, rotate, disable and revoke keys.")

Number = Annotated[int | None, Parameter(negative=())]


@app.command
@reported
def create(
    account: str,
    *,
    user: str | None = None,
    days: Number = None,
    temporary: Number = None,
    place: Place = HERE,
) -> int:
    """Create a key and print it as JSON. It cannot be shown again.

    Parameters
    ----------
    account
        The account.
    user
        Of a sub-user instead of the root user, who may do everything.
    days
        Days until it ends; without, it has no end.
    temporary
        Seconds of life of a temporary key, which has a Token that each request must carry.
    """
    if days is not None and temporary is not None:
        raise AccountError("give either --days or --temporary")
    with place.store() as store:
        if temporary is None:
            issued = keys.create(store, account, user, days)
        else:
            issued = keys.create_temporary(store, account, user, temporary)
    _hand_out(issued)
    return 0


@app.command(name="list")
@reported
def list_(account: str | None = None, *, user: str | None = None, as_json: AsJson = False, place: Place = HERE) -> int:
    """List keys, without their secrets.

    Parameters
    ----------
    account
        One account only.
    user
        One user of the account only.
    as_json
        Print JSON instead of a table.
    """
    if user is not None and account is None:
        raise AccountError("--user goes with an account: fittingroom keys list ACCOUNT --user NAME")
    with place.store() as store:
        listed = keys.listing(store, account, user)
    now = time.time()
    show_all(listed, HEADINGS, lambda key: cells(key, now), as_json=as_json)
    return 0


@app.command
@reported
def rotate(secret_id: str, *, grace: Annotated[int, Parameter(negative=())] = 24, place: Place = HERE) -> int:
    """Create a new key in place of an old one, which works a while longer, and print it as JSON.

    Parameters
    ----------
    secret_id
        The old key.
    grace
        Hours for which the old key still works.
    """
    with place.store() as store:
        issued = keys.rotate(store, secret_id, grace)
    _hand_out(issued)
    return 0


@app.command
@reported
def enable(secret_id: str, *, place: Place = HERE) -> int:
    """Let a disabled key work again.

    Parameters
    ----------
    secret_id
        As `keys list` shows it.
    """
    with place.store() as store:
        keys.enable(store, secret_id)
    print(f"key {secret_id} enabled")
    return 0


@app.command
@reported
def disable(secret_id: str, *, place: Place = HERE) -> int:
    """Refuse a key until it is enabled again.

    Parameters
    ----------
    secret_id
        As `keys list` shows it.
    """
    with place.store() as store:
        keys.disable(store, secret_id)
    print(f"key {secret_id} disabled; a running server refuses it within about a second")
    return 0


@app.command
@reported
def revoke(secret_id: str, *, place: Place = HERE) -> int:
    """Refuse a key from now on, for good.

    Parameters
    ----------
    secret_id
        As `keys list` shows it.
    """
    with place.store() as store:
        keys.revoke(store, secret_id)
    print(f"key {secret_id} revoked; a running server refuses it within about a second")
    return 0


@app.command
@reported
def reseal(*, place: Place = HERE) -> int:
    """Encrypt all stored secrets anew with the newest master key."""
    with place.store() as store:
        count = keys.reseal(store)
    print(f"{count} keys are sealed by the newest master key")
    return 0


HEADINGS = ("SecretId", "account", "user", "state", "ends", "used", "created")


def cells(key: keys.KeySummary, now: float) -> tuple[str, ...]:
    """A key as a line of a table. now: Unix seconds."""
    return (
        key.secret_id,
        key.account_name,
        key.user_name,
        key.state(now),
        moment_or(key.expires_at, "-"),
        moment_or(key.used_at, "never"),
        moment(key.created_at),
    )


def _hand_out(issued: keys.IssuedKey) -> None:
    printed: dict[str, object] = {"SecretId": issued.secret_id, "SecretKey": issued.secret_key}
    if issued.token is not None:
        printed["Token"] = issued.token
    if issued.expires_at is not None:
        printed["ExpiredTime"] = int(issued.expires_at)
    print_json(printed)
