"""`fittingroom accounts create|list`: whose jobs are counted together.

Works on the files of the data directory, also while a server runs on them.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from cyclopts import App

from fittingroom.cli.common import HERE, Place, reported
from fittingroom.cli.tables import moment, show

app = App(name="accounts", help="Create and list accounts.")


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
        account = store.create_account(name)
    print(f"account {account.name} created; make a key with: fittingroom keys create {account.name}")
    return 0


@app.command(name="list")
@reported
def list_(*, as_json: bool = False, place: Place = HERE) -> int:
    """List all accounts.

    Parameters
    ----------
    as_json
        Print JSON instead of a table.
    """
    with place.store() as store:
        accounts = store.list_accounts()
    if as_json:
        print(json.dumps([asdict(account) for account in accounts], indent=2))
    else:
        rows = [(account.name, str(account.keys), moment(account.created_at)) for account in accounts]
        show(("name", "keys", "created"), rows)
    return 0
