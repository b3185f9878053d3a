"""What `fittingroom accounts show` prints: everything an operator asks about one account, on one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fittingroom.accounts.store.accounts import Account
from fittingroom.accounts.store.keys import KeySummary
from fittingroom.accounts.store.networks import ListedNetwork
from fittingroom.accounts.store.policies import StoredPolicy
from fittingroom.accounts.store.users import User
from fittingroom.cli import addresses, keys, policies, tables, users

T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """balances: of the ledger, in millionths of the currency's unit or pictures, by `unit bucket`."""

    account: Account
    balances: dict[str, int]
    users: list[User]
    keys: list[KeySummary]
    policies: list[StoredPolicy]
    roles: list[str]
    addresses: list[ListedNetwork]


def show(page: Page, now: float) -> None:
    """Print it. now: Unix seconds."""
    account = page.account
    facts = {
        "name": account.name,
        "uin": str(account.uin),
        "status": account.status,
        "plan": account.plan,
        "price": _or_setting(account.price),
        "quota": _or_setting(account.quota),
        "concurrency": _or_setting(account.concurrency),
        "rate": _or_setting(account.rate),
        "created": tables.moment(account.created_at),
        **{f"balance, {name}": str(amount) for name, amount in page.balances.items()},
        "roles": ", ".join(page.roles) or "-",
    }
    tables.show(("account", ""), facts.items())
    _section("users", page.users, users.HEADINGS, users.cells)
    _section("keys", page.keys, keys.HEADINGS, lambda key: keys.cells(key, now))
    _section("policies", page.policies, policies.HEADINGS, policies.cells)
    _section("addresses", page.addresses, addresses.HEADINGS, addresses.cells)


def _section(title: str, items: Sequence[T], headings: tuple[str, ...], cells: Callable[[T], tuple[str, ...]]) -> None:
    print(f"\n{title}" + ("" if items else ": none"))
    if items:
        tables.show(headings, map(cells, items))


def _or_setting(value: int | None) -> str:
    return "as in the settings" if value is None else str(value)
