"""`fittingroom keys create|list|revoke`: what callers sign their requests with.

A running server follows within about a second. Invariant: a SecretKey is printed once, when it is made, to stdout
alone.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

from cyclopts import App, Parameter

from fittingroom.accounts import KeySummary
from fittingroom.cli.common import HERE, Place, reported
from fittingroom.cli.tables import moment, show

app = App(name="keys", help="Create, list and revoke keys of accounts.")


@app.command
@reported
def create(name: str, *, temporary: Annotated[int | None, Parameter(negative=())] = None, place: Place = HERE) -> int:
    """Create a key and print it as JSON. It cannot be shown again.

    Parameters
    ----------
    name
        The account.
    temporary
        Seconds of life of a temporary key, which has a Token that each request must carry.
    """
    with place.store() as store:
        issued = store.create_key(name, temporary)
    printed: dict[str, object] = {"SecretId": issued.secret_id, "SecretKey": issued.secret_key}
    if issued.expires_at is not None:
        printed |= {"Token": issued.token, "ExpiredTime": int(issued.expires_at)}
    print(json.dumps(printed, indent=2))
    return 0


@app.command(name="list")
@reported
def list_(name: str | None = None, *, as_json: bool = False, place: Place = HERE) -> int:
    """List keys, without their secrets.

    Parameters
    ----------
    name
        One account only.
    as_json
        Print JSON instead of a table.
    """
    with place.store() as store:
        keys = store.list_keys(name)
    if as_json:
        print(json.dumps([asdict(key) for key in keys], indent=2))
    else:
        rows = [(key.secret_id, key.account_name, _state(key), moment(key.created_at)) for key in keys]
        show(("SecretId", "account", "state", "created"), rows)
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
        store.revoke_key(secret_id)
    print(f"key {secret_id} revoked; a running server refuses it within about a second")
    return 0


def _state(key: KeySummary) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if not key.enabled:
        return "disabled"
    if key.expires_at is None:
        return "enabled"
    return f"until {moment(key.expires_at)}" if key.expires_at > time.time() else "expired"
