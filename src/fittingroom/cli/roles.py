"""`fittingroom roles`: what callers may take on for some hours, by `AssumeRole` of sts.

A role may do what the policies attached to it allow; its trust policy says who may take it. Running servers follow
within about a second. docs/clients.md tells the clients' side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from fittingroom.accounts import AccountError
from fittingroom.accounts.store import roles
from fittingroom.cli.common import HERE, AsJson, Place, reported
from fittingroom.cli.tables import moment, print_json, show_all
from fittingroom.cli.tables import show as show_table

app = App(name="roles", help="Create, trust, attach and list roles, which callers take by AssumeRole.")

Seconds = Annotated[int | None, Parameter(negative=())]


@app.command
@reported
def create(
    account: str, name: str, *, trust: Path | None = None, max_seconds: Seconds = None, place: Place = HERE
) -> int:
    """Create a role, which may do nothing until a policy is attached.

    Parameters
    ----------
    account
        The account.
    name
        1 to 64 letters, digits, '.', '_', '-' or '@'.
    trust
        JSON file with the trust policy; by default all users of the account itself are trusted. They need a policy
        that allows sts:AssumeRole too, unless they are the root user.
    max_seconds
        The longest life of its temporary credentials, at most 43200, which is the default.
    """
    document = None if trust is None else _read(trust)
    with place.store() as store:
        arn = roles.create(store, account, name, document, roles.LONGEST if max_seconds is None else max_seconds)
    print(f"role {arn} created; let it do something with: fittingroom roles attach {account} {name} POLICY")
    return 0


@app.command
@reported
def update(
    account: str, name: str, *, trust: Path | None = None, max_seconds: Seconds = None, place: Place = HERE
) -> int:
    """Change whom a role trusts, or how long its credentials live at most. Those given out go on working.

    Parameters
    ----------
    account
        The account.
    name
        The role.
    trust
        JSON file with the trust policy.
    max_seconds
        The longest life of its temporary credentials, at most 43200.
    """
    document = None if trust is None else _read(trust)
    with place.store() as store:
        roles.update_role(store, account, name, trust=document, max_seconds=max_seconds)
    print(f"role {name} updated")
    return 0


@app.command(name="list")
@reported
def list_(account: str, *, as_json: AsJson = False, place: Place = HERE) -> int:
    """List the roles of an account.

    Parameters
    ----------
    account
        The account.
    as_json
        Print JSON, with the trust policies, instead of a table.
    """
    with place.store() as store:
        listed = roles.listing(store, account)
    show_all(listed, HEADINGS, cells, as_json=as_json)
    return 0


@app.command
@reported
def show(account: str, name: str, *, as_json: AsJson = False, place: Place = HERE) -> int:
    """Show a role and its trust policy.

    Parameters
    ----------
    account
        The account.
    name
        The role.
    as_json
        Print JSON instead of a page.
    """
    with place.store() as store:
        role = roles.find(store, account, name)
    if as_json:
        print_json({field: getattr(role, field) for field in role.__slots__})
    else:
        ended = moment(role.sessions_after) if role.sessions_after else "-"
        facts = [*zip(HEADINGS, cells(role), strict=True), ("id", role.id), ("sessions ended", ended)]
        show_table(("role", ""), facts)
        print(f"\ntrust policy\n{role.trust.strip()}")
    return 0


@app.command
@reported
def attach(account: str, name: str, policy: str, *, place: Place = HERE) -> int:
    """Let a policy hold for a role.

    Parameters
    ----------
    account
        The account.
    name
        The role.
    policy
        A policy of the account; see `fittingroom policies create`.
    """
    with place.store() as store:
        roles.attach(store, account, name, policy)
    print(f"policy {policy} attached to the role {name}")
    return 0


@app.command
@reported
def detach(account: str, name: str, policy: str, *, place: Place = HERE) -> int:
    """Let a policy no longer hold for a role.

    Parameters
    ----------
    account
        The account.
    name
        The role.
    policy
        The policy.
    """
    with place.store() as store:
        roles.detach(store, account, name, policy)
    print(f"policy {policy} detached from the role {name}")
    return 0


@app.command
@reported
def end_sessions(account: str, name: str, *, place: Place = HERE) -> int:
    """Refuse the temporary credentials that a role has given out until now.

    Parameters
    ----------
    account
        The account.
    name
        The role.
    """
    with place.store() as store:
        roles.end_sessions(store, account, name)
    print(f"the temporary keys of the role {name} made until now are refused")
    return 0


@app.command
@reported
def delete(account: str, name: str, *, place: Place = HERE) -> int:
    """Delete a role. Its temporary credentials are refused from now on.

    Parameters
    ----------
    account
        The account.
    name
        The role.
    """
    with place.store() as store:
        roles.remove(store, account, name)
    print(f"role {name} deleted")
    return 0


HEADINGS = ("name", "RoleArn", "policies", "longest", "created")


def cells(role: roles.StoredRole) -> tuple[str, ...]:
    """A role as a line of a table."""
    policies = ", ".join(role.policies) or "-"
    return (role.name, role.arn, policies, f"{role.max_seconds} s", moment(role.created_at))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AccountError(f"the file {file} cannot be read: {error}") from error
