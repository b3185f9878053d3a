"""What was written into the audit, and an account to change."""

from collections.abc import Callable

import pytest

from fittingroom.accounts import Store, audit
from fittingroom.accounts.store import accounts


@pytest.fixture
def shop(store: Store) -> Store:
    """A store with the account `shop`."""
    accounts.create(store, "shop")
    return store


@pytest.fixture
def audited(store: Store) -> Callable[[str], list[tuple[str, str, dict[str, object]]]]:
    """The rows of an action as (account, target, detail)."""

    def rows(action: str) -> list[tuple[str, str, dict[str, object]]]:
        with store.reading() as connection:
            listed = audit.listing(connection, audit.Wanted(action=action))
        assert {row.actor for row in listed} <= {"cli:alice"}
        assert {row.at for row in listed} <= {1_000_000.0}, "one moment for a change and its row"
        return [(row.account_name or "-", row.target, dict(row.detail)) for row in listed]

    return rows
