"""`fittingroom addresses`: from where an account may be used.

A denied address is refused whatever else holds; where there is an allow list, every other address is refused, too.
Running servers follow within about a second.
"""

from __future__ import annotations

from cyclopts import App

from fittingroom.accounts.store import networks
from fittingroom.cli.common import HERE, AsJson, Place, reported
from fittingroom.cli.tables import moment, show_all

app = App(name="addresses", help="Allow or deny addresses from which an account is used.")


@app.command
@reported
def allow(account: str, network: str, *, place: Place = HERE) -> int:
    """Put a network on the allow list. From then on every address on no allow list of the account is refused.

    Parameters
    ----------
    account
        The account.
    network
        An address, or a network such as 10.0.0.0/8 or 2001:db8::/32.
    """
    return _add(account, "allow", network, place)


@app.command
@reported
def deny(account: str, network: str, *, place: Place = HERE) -> int:
    """Put a network on the deny list.

    Parameters
    ----------
    account
        The account.
    network
        An address, or a network such as 10.0.0.0/8 or 2001:db8::/32.
    """
    return _add(account, "deny", network, place)


@app.command
@reported
def remove(account: str, effect: networks.Effect, network: str, *, place: Place = HERE) -> int:
    """Take a network from a list.

    Parameters
    ----------
    account
        The account.
    effect
        Which list.
    network
        As `addresses list` shows it, or as it was given.
    """
    with place.store() as store:
        written = networks.remove(store, account, effect, network)
    print(f"{written} is no longer on the {effect} list of {account}")
    return 0


@app.command(name="list")
@reported
def list_(account: str, *, as_json: AsJson = False, place: Place = HERE) -> int:
    """List both lists of an account.

    Parameters
    ----------
    account
        The account.
    as_json
        Print JSON instead of a table.
    """
    with place.store() as store:
        listed = networks.listing(store, account)
    show_all(listed, HEADINGS, cells, as_json=as_json)
    return 0


HEADINGS = ("list", "network", "since")


def cells(network: networks.ListedNetwork) -> tuple[str, ...]:
    """An entry as a line of a table."""
    return (network.effect, network.network, moment(network.created_at))


def _add(account: str, effect: networks.Effect, network: str, place: Place) -> int:
    with place.store() as store:
        written = networks.add(store, account, effect, network)
    print(f"{written} is on the {effect} list of {account}")
    return 0
