"""What `fittingroom accounts show` prints: everything an operator asks about one account, on one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from fittingroom.accounts.ledger import money
from fittingroom.accounts.ledger.desk import Bill
from fittingroom.accounts.store.accounts import Account
from fittingroom.accounts.store.keys import KeySummary
from fittingroom.accounts.store.networks import ListedNetwork
from fittingroom.accounts.store.policies import StoredPolicy
from fittingroom.accounts.store.users import User
from fittingroom.cli import addresses, billing, keys, policies, tables, users

T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """bill: how the account stands with the ledger."""

    account: Account
    bill: Bill
    users: list[User]
    keys: list[KeySummary]
    policies: list[StoredPolicy]
    roles: list[str]
    addresses: list[ListedNetwork]


def as_json(page: Page) -> dict[str, Any]:
    """All of it; money as `fittingroom billing show` writes it."""
    return {**asdict(page), "account": facts(page.account), "bill": billing.facts(page.bill)}


def facts(account: Account) -> dict[str, Any]:
    """An account for JSON, its price as people write money."""
    return {**asdict(account), "price": None if account.price is None else money.show(account.price)}


def show(page: Page, now: float) -> None:
    """Print it. now: Unix seconds."""
    account = page.account
    facts = {
        **billing.facts(page.bill, empty="-"),
        "uin": str(account.uin),
        "concurrency": _or_setting(account.concurrency),
        "rate": _or_setting(account.rate),
        "created": tables.moment(account.created_at),
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
