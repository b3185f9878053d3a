"""All accounts at a glance, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from fittingroom.accounts import Database, Store, schema
from fittingroom.accounts.ledger import desk, overview
from fittingroom.accounts.ledger.overview import Day
from fittingroom.accounts.store import accounts, keys
from fittingroom.settings import BillingSettings

TODAY = 20_000


def charged(database: Database, account_id: str, at: float, kind: str = "charge", unit: str = "pictures") -> None:
    amount = -1 if kind == "refund" else 1
    with database.writing() as connection:
        values = {"account_id": account_id, "kind": kind, "note": "", "at": at}
        row = connection.execute(insert(schema.ledger_transactions).values(values)).inserted_primary_key
        sides = [("funding", -amount), ("spent", amount)]
        for bucket, part in sides:
            posting = {"transaction_id": row[0], "unit": unit, "bucket": bucket, "amount": part}
            connection.execute(insert(schema.ledger_postings).values(posting))


def test_accounts_with_what_they_may_still_use(store: Store, database: Database) -> None:
    settings = BillingSettings()
    for name in ("zoe", "anna"):
        accounts.create(store, name)
    desk.set_plan(store, "anna", desk.Terms(desk.Plan.PREPAID, 350_000, None), settings)
    desk.top_up(store, "anna", 5_000_000, "", settings)
    first, second = overview.standings(database, store.clock())
    assert (first.name, first.plan, first.available, first.reserved, first.left) == (
        "anna",
        "prepaid",
        5_000_000,
        0,
        None,
    )
    assert (second.name, second.plan, second.status, second.available) == ("zoe", "free", "active", 0)


def test_no_whole_secret_id_leaves(store: Store, database: Database) -> None:
    accounts.create(store, "shop")
    made = keys.create(store, "shop", days=3)
    keys.revoke(store, keys.create(store, "shop").secret_id)
    found = {one.secret_id: one for one in overview.keys(database)}
    kept = found[f"{made.secret_id[:8]}…{made.secret_id[-4:]}"]
    assert made.secret_id not in found
    assert made.secret_key not in repr(found)
    assert (kept.account_name, kept.user_name, kept.expires_at) == ("shop", "root", store.clock() + 3 * 86400)
    assert sorted(one.state(store.clock()) for one in found.values()) == ["enabled", "revoked"]


def test_more_than_the_bound_is_told_by_one_more(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "MOST", 2)
    for name in ("a1", "a2", "a3", "a4"):
        accounts.create(store, name)
        keys.create(store, name)
    assert [one.name for one in overview.standings(database, store.clock())] == ["a1", "a2", "a3"]
    assert len(overview.keys(database)) == 3


def test_pictures_of_each_day_to_the_moment(store: Store, database: Database) -> None:
    one, two = accounts.create(store, "one").id, accounts.create(store, "two").id
    midnight = TODAY * 86_400
    for at in (midnight, midnight + 86_399.999, midnight - 0.001, midnight - 2 * 86_400):
        charged(database, one, at)
    charged(database, one, midnight + 5, kind="refund")
    charged(database, two, midnight - 1, unit="money")
    charged(database, two, midnight - 2 * 86_400 - 0.001)  # before the first day asked for
    charged(database, two, midnight + 86_400)  # tomorrow's
    found = overview.pictures_by_day(database, TODAY, 3)
    assert set(found) == {
        Day("one", TODAY - 2, 1),
        Day("one", TODAY - 1, 1),
        Day("one", TODAY, 1),
        Day("two", TODAY - 1, 1),
    }
    assert overview.pictures_by_day(database, TODAY, 1) == [Day("one", TODAY, 1)]
