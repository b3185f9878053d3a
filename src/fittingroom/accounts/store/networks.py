"""The lists of addresses from which an account may, or may not, be used.

Invariant: a network is kept in the one way of writing it that the checks use, so it is found again however the operator
writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import delete, func, insert, select

from fittingroom.accounts import schema
from fittingroom.accounts.cam import parse_network
from fittingroom.accounts.database import AccountError
from fittingroom.accounts.store.base import Store, find_account

Effect = Literal["allow", "deny"]

MOST: Final = 1000
"""Networks of one account."""


@dataclass(frozen=True, slots=True)
class ListedNetwork:
    """An entry of a list. created_at: Unix seconds."""

    effect: Effect
    network: str
    created_at: float


def add(store: Store, account_name: str, effect: Effect, network: str) -> str:
    """Put a network on a list. How it is kept. Raises `AccountError`."""
    written, networks = _written(network), schema.networks
    with store.changing() as change:
        account = find_account(change.connection, account_name)
        of_account = networks.c.account_id == account.id
        known = (networks.c.effect == effect) & (networks.c.network == written)
        if change.connection.execute(select(networks).where(of_account, known)).first() is not None:
            raise AccountError(f"{written} is on the {effect} list of {account_name} already")
        if change.connection.execute(select(func.count()).where(of_account)).scalar_one() >= MOST:
            raise AccountError(f"the lists of {account_name} hold {MOST} networks, which is the most")
        values = {"account_id": account.id, "effect": effect, "network": written, "created_at": change.now}
        change.connection.execute(insert(networks).values(values))
        change.note("addresses.add", account.id, written, effect=effect)
    return written


def remove(store: Store, account_name: str, effect: Effect, network: str) -> str:
    """Take a network from a list. How it was kept. Raises `AccountError` when it is not there."""
    written, networks = _written(network), schema.networks.c
    with store.changing() as change:
        account = find_account(change.connection, account_name)
        where = (networks.account_id == account.id) & (networks.effect == effect) & (networks.network == written)
        if change.connection.execute(delete(schema.networks).where(where)).rowcount != 1:
            raise AccountError(f"{written} is not on the {effect} list of {account_name}")
        change.note("addresses.remove", account.id, written, effect=effect)
    return written


def listing(store: Store, account_name: str) -> list[ListedNetwork]:
    """Both lists of an account, `allow` first. Raises `AccountError`."""
    networks = schema.networks.c
    with store.reading() as connection:
        account = find_account(connection, account_name)
        query = select(schema.networks).where(networks.account_id == account.id)
        rows = connection.execute(query.order_by(networks.effect, networks.created_at, networks.network))
        return [ListedNetwork(row.effect, row.network, row.created_at) for row in rows]


def _written(network: str) -> str:
    try:
        return str(parse_network(network))
    except ValueError as error:
        raise AccountError(f"{network!r} is no network: {error}") from error
