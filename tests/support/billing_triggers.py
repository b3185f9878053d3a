"""The codes of billing, brought about as the catalogue says: by an operator's commands beside a running server."""

from __future__ import annotations

from code_triggers import each
from code_world import Refused, World, typed, until

from fittingroom.accounts import Database, ServiceStatus, Store, Vault, schema
from fittingroom.accounts.store import accounts, keys
from fittingroom.client import Credential

_MADE: dict[tuple[str, str], Credential] = {}
"""Server and account -> its key."""


def _refused(world: World, language: str, code: str, **row: object) -> Refused:
    """The answer to an account of its own whose row reads so."""
    plain = world.place("plain")
    name = code.rpartition(".")[2]
    place = (plain.server.endpoint, name)
    if place not in _MADE:
        database = Database.open(plain.server.data_dir)
        store = Store(database, Vault.open(plain.server.data_dir), "cli:tests")
        made = accounts.create(store, name)
        issued = keys.create(store, name)
        with database.changing() as connection:
            connection.execute(schema.accounts.update().where(schema.accounts.c.id == made.id).values(**row))
        database.close()
        _MADE[place] = Credential(issued.secret_id, issued.secret_key)
        until(lambda: typed(plain, language, world.parameters(), _MADE[place]).code == code)
    return typed(plain, language, world.parameters(), _MADE[place])


@each("ResourceUnavailable.NotExist")
def _not_activated(world: World, language: str) -> Refused:
    return _refused(world, language, "ResourceUnavailable.NotExist", status=ServiceStatus.NOT_ACTIVATED)


@each("ResourceUnavailable.Delivering")
def _delivering(world: World, language: str) -> Refused:
    return _refused(world, language, "ResourceUnavailable.Delivering", status=ServiceStatus.DELIVERING)


@each("ResourceUnavailable.InArrears")
def _in_arrears(world: World, language: str) -> Refused:
    return _refused(world, language, "ResourceUnavailable.InArrears", status=ServiceStatus.IN_ARREARS)


@each("ResourceUnavailable.LowBalance")
def _low_balance(world: World, language: str) -> Refused:
    return _refused(world, language, "ResourceUnavailable.LowBalance", plan="prepaid", price=1_000_000)


@each("ResourceUnavailable.StopUsing")
def _stopped(world: World, language: str) -> Refused:
    return _refused(world, language, "ResourceUnavailable.StopUsing", status=ServiceStatus.STOPPED)


@each("ResourcesSoldOut.ChargeStatusException")
def _unknown(world: World, language: str) -> Refused:
    return _refused(world, language, "ResourcesSoldOut.ChargeStatusException", status=ServiceStatus.UNKNOWN)
