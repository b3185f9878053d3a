"""`fittingroom policies`: what sub-users may do, in CAM's own language.

docs/permissions.md tells the language. Running servers follow within about a second.
"""

from __future__ import annotations

import json
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from fittingroom.accounts import AccountError, cam
from fittingroom.accounts.store import checking, policies
from fittingroom.cli.common import FAILED, HERE, AsJson, Place, reported
from fittingroom.cli.tables import moment, print_json, show_all

app = App(name="policies", help="Create, attach, check and list policies of sub-users.")

Preset = Literal["change-clothes", "everything"]
Networks = Annotated[list[str] | None, Parameter(name="--ip", negative=())]


@app.command
@reported
def create(
    account: str,
    name: str,
    file: Path | None = None,
    *,
    preset: Preset | None = None,
    networks: Networks = None,
    place: Place = HERE,
) -> int:
    """Create a policy from a file or a preset. It does nothing until it is attached to a user.

    Parameters
    ----------
    account
        The account.
    name
        1 to 64 letters, digits, '.', '_', '-' or '@'.
    file
        A JSON document; see docs/permissions.md.
    preset
        Instead of a file: allow the action ChangeClothes alone, or everything.
    networks
        With `--preset change-clothes`: from these addresses or networks only; may be repeated.
    """
    document = _document(file, preset, networks or [])
    with place.store() as store:
        policies.create(store, account, name, document)
    print(f"policy {name} created; attach it with: fittingroom policies attach {account} {name} USER")
    return 0


@app.command
@reported
def update(account: str, name: str, file: Path, *, place: Place = HERE) -> int:
    """Put another document in a policy's place. It stays attached.

    Parameters
    ----------
    account
        The account.
    name
        The policy.
    file
        A JSON document.
    """
    document = _read(file)
    with place.store() as store:
        policies.replace(store, account, name, document)
    print(f"policy {name} updated")
    return 0


@app.command
@reported
def validate(file: Path) -> int:
    """Check a document without keeping it.

    Parameters
    ----------
    file
        A JSON document.
    """
    policies.check_document(_read(file))
    print(f"{file} is a policy")
    return 0


@app.command(name="list")
@reported
def list_(account: str, *, as_json: AsJson = False, place: Place = HERE) -> int:
    """List the policies of an account.

    Parameters
    ----------
    account
        The account.
    as_json
        Print JSON, with the documents, instead of a table.
    """
    with place.store() as store:
        listed = policies.listing(store, account)
    show_all(listed, HEADINGS, cells, as_json=as_json)
    return 0


@app.command
@reported
def show(account: str, name: str, *, place: Place = HERE) -> int:
    """Print a policy's document.

    Parameters
    ----------
    account
        The account.
    name
        The policy.
    """
    with place.store() as store:
        print(policies.find(store, account, name).document.strip())
    return 0


@app.command
@reported
def attach(account: str, name: str, user: str, *, place: Place = HERE) -> int:
    """Let a policy hold for a user.

    Parameters
    ----------
    account
        The account.
    name
        The policy.
    user
        The user.
    """
    with place.store() as store:
        policies.attach(store, account, name, user)
    print(f"policy {name} attached to {user}")
    return 0


@app.command
@reported
def detach(account: str, name: str, user: str, *, place: Place = HERE) -> int:
    """Let a policy no longer hold for a user.

    Parameters
    ----------
    account
        The account.
    name
        The policy.
    user
        The user.
    """
    with place.store() as store:
        policies.detach(store, account, name, user)
    print(f"policy {name} detached from {user}")
    return 0


@app.command
@reported
def delete(account: str, name: str, *, place: Place = HERE) -> int:
    """Delete a policy that is attached to nobody.

    Parameters
    ----------
    account
        The account.
    name
        The policy.
    """
    with place.store() as store:
        policies.remove(store, account, name)
    print(f"policy {name} deleted")
    return 0


@app.command
@reported
def check(
    account: str,
    *,
    action: str,
    user: str | None = None,
    ip: str | None = None,
    region: str = "",
    as_json: AsJson = False,
    place: Place = HERE,
) -> int:
    """Say whether a user may do something, and which statement decided. Exit code 1 when not.

    Parameters
    ----------
    account
        The account.
    action
        Such as aiart:ChangeClothes.
    user
        A sub-user instead of the root user.
    ip
        The address that the request comes from.
    region
        The region that the request names.
    as_json
        Print JSON instead of a line.
    """
    try:
        address = None if ip is None else ip_address(ip)
    except ValueError as error:
        raise AccountError(f"{ip!r} is no address such as 10.0.0.1 or 2001:db8::1") from error
    with place.store() as store:
        verdict = checking.check(store, account, user, action, address, region)
    if as_json:
        print_json({"allowed": verdict.allowed, "code": verdict.code, "decided": verdict.decided})
    else:
        print(verdict.decided if verdict.code is None else f"{verdict.code}: {verdict.decided}")
    return 0 if verdict.allowed else FAILED


HEADINGS = ("name", "attached to", "created")


def cells(policy: policies.StoredPolicy) -> tuple[str, ...]:
    """A policy as a line of a table."""
    return (policy.name, ", ".join(policy.attached) or "-", moment(policy.created_at))


def _document(file: Path | None, preset: Preset | None, networks: list[str]) -> str:
    if (file is None) == (preset is None):
        raise AccountError("give either a file or --preset")
    if networks and preset != "change-clothes":
        raise AccountError("--ip goes with --preset change-clothes; a file says it in its condition")
    if file is not None:
        return _read(file)
    made = cam.allow_all() if preset == "everything" else cam.allow_change_clothes(*networks)
    return json.dumps(made, indent=2)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AccountError(f"the file {file} cannot be read: {error}") from error
