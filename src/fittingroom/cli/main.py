"""The command `fittingroom`: which subcommands there are, and nothing else.

Each is named by its module and imported only when it runs, so that `fittingroom --help` does not wait for numeric
libraries. Invariant: an exit code of 0 means that what was asked was done.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version

from cyclopts import App

app = App(
    name="fittingroom",
    help="Open, self-hosted virtual try-on that speaks the Tencent Cloud aiart ChangeClothes API.",
    version=lambda: version("fittingroom"),
)

for _name, _target, _help in (
    ("serve", "fittingroom.cli.serve:serve", "Run the server."),
    ("try", "fittingroom.cli.try_on:try_on", "Dress a person in a garment without a server."),
    ("batch", "fittingroom.cli.batch:batch", "Dress every pair of a manifest without a server."),
    ("call", "fittingroom.cli.call:call", "Call a running server with a signed request."),
    ("accounts", "fittingroom.cli.accounts:app", "Create, list, show, rename and limit accounts."),
    ("users", "fittingroom.cli.users:app", "Create, list, enable, disable and delete sub-users of an account."),
    ("keys", "fittingroom.cli.keys:app", "Create, list, rotate, disable and revoke keys."),
    ("policies", "fittingroom.cli.policies:app", "Create, attach, check and list policies of sub-users."),
    ("roles", "fittingroom.cli.roles:app", "Create, trust, attach and list roles for temporary credentials."),
    ("addresses", "fittingroom.cli.addresses:app", "Allow or deny addresses from which an account is used."),
    ("status", "fittingroom.cli.status:status", "Show or move the service status of accounts."),
    ("billing", "fittingroom.cli.billing:app", "Top up and correct balances, choose plans, check the ledger."),
    ("usage", "fittingroom.cli.usage:usage", "Show what accounts used in a month."),
    ("audit", "fittingroom.cli.audit:audit_", "List who changed what."),
    ("purge", "fittingroom.cli.purge:purge", "Delete what is kept of an account."),
    ("models", "fittingroom.cli.models:app", "Bring, list and check the engines' weights."),
    ("config", "fittingroom.cli.config:app", "Show the settings in force."),
    ("eval", "fittingroom.cli.eval:app", "Measure engines side by side on your own photos, and write a report."),
    ("doctor", "fittingroom.cli.doctor:doctor", "Say what is missing on this machine."),
):
    app.command(_target, name=_name, help=_help)


def main() -> None:
    """Entry point of the console script."""
    try:
        try:
            app()
        finally:
            # Short output would else be written only while Python ends, where nobody catches the error.
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; Python would complain once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
