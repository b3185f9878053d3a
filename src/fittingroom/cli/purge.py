"""`fittingroom purge`: delete what is kept of an account, for good.

Keys, users, roles, policies, address lists, jobs, names and stored results go; rows of the ledger and of the audit
stay, as docs/privacy.md says. Works while servers run; they follow within about a second. Invariant: nothing is deleted
before the operator has typed the account's name or given `--yes`.
"""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from fittingroom.accounts import AccountError
from fittingroom.accounts.store import accounts, purging
from fittingroom.cli.common import FAILED, HERE, Place, reported
from fittingroom.objects import ObjectsError


@reported
def purge(*, account: str, yes: Annotated[bool, Parameter(negative=())] = False, place: Place = HERE) -> int:
    """Delete an account's keys, users, roles, policies, lists, names and stored results. There is no way back.

    Parameters
    ----------
    account
        The account's name.
    yes
        Do not ask.
    """
    from fittingroom.server.services import kept_results  # noqa: PLC0415 - `--help` need not wait for the server

    with place.store() as store:
        found = accounts.find(store, account)
        if not yes and not _confirmed(found.name):
            print("nothing was deleted", file=sys.stderr)
            return FAILED
        purged = purging.purge(store, account)
        try:
            results = kept_results(place.configuration().settings).purge(purged.account_id)
        except (OSError, ObjectsError) as error:
            raise AccountError(
                f"keys and names are deleted, but not the stored results: {error}; try again with: "
                f"fittingroom purge --account {purged.name}"
            ) from error
    print(
        f"deleted of {account}: {purged.keys} keys, {purged.users} sub-users, {purged.roles} roles, "
        f"{purged.policies} policies, {purged.jobs} jobs, {purged.networks} address list entries, "
        f"{results} stored results\n"
        f"kept under the name {purged.name}: rows of the ledger and of the audit\n"
        "a job that runs now may still store its result, which is swept when its URL expires; to be sure, run in a "
        f"minute: fittingroom purge --account {purged.name} --yes"
    )
    return 0


def _confirmed(name: str) -> bool:
    print(f"This cannot be undone. Type the account's name ({name}) to go on: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == name
