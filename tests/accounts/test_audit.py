from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import AccountError, Database, Store, audit
from fittingroom.accounts.audit import Wanted
from fittingroom.accounts.store import accounts


def write(database: Database, actor: str = "cli:alice", action: str = "keys.create", at: float = 1.0, **values) -> None:
    with database.changing() as connection:
        audit.record(connection, actor, action, values.get("account_id"), values.get("target", "x"), {}, at=at)


def listed(database: Database, **wanted: object) -> list[audit.AuditRow]:
    with database.reading() as connection:
        return audit.listing(connection, Wanted(**wanted))


def test_a_row_tells_who_changed_what(store: Store, database: Database) -> None:
    account = accounts.create(store, "shop")
    with database.changing() as connection:
        audit.record(connection, "cli:alice", "keys.revoke", account.id, "AKIDx", {"reason": "衣", "hours": 2}, at=5.0)
    (row,) = listed(database, action="keys.revoke")
    assert (row.at, row.actor, row.action, row.target) == (5.0, "cli:alice", "keys.revoke", "AKIDx")
    assert (row.account_id, row.account_name) == (account.id, "shop")
    assert row.detail == {"reason": "衣", "hours": 2}


def test_the_moment_is_now_where_none_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 77.0)
    with database.writing() as connection:
        audit.record(connection, "gateway", "x.y", None, "t", {})
    (row,) = listed(database)
    assert (row.at, row.account_name) == (77.0, None)


def test_a_change_that_fails_leaves_no_row(database: Database) -> None:
    def fail() -> None:
        with database.changing() as connection:
            audit.record(connection, "cli:alice", "keys.create", None, "x", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert listed(database) == []


def test_long_names_are_cut(database: Database) -> None:
    write(database, actor="a" * 300, target="t" * 300)
    (row,) = listed(database)
    assert (len(row.actor), len(row.target)) == (128, 256)


def test_the_list_can_be_narrowed(store: Store, database: Database) -> None:
    shop = accounts.create(store, "shop")
    write(database, action="keys.create", at=10.0, account_id=shop.id, target="1")
    write(database, action="keys.revoke", at=20.0, actor="cli:bob", target="2")
    write(database, action="users.create", at=30.0, target="3")
    write(database, action="keysmith.create", at=40.0, target="4")

    def targets(**wanted: object) -> list[str]:
        return [row.target for row in listed(database, **wanted) if row.target in "1234"]

    assert targets() == ["1", "2", "3", "4"]
    assert targets(action="keys") == ["1", "2"]
    assert targets(action="keys.revoke") == ["2"]
    assert targets(action="key_") == targets(action="%") == []
    assert targets(actor="cli:bob") == ["2"]
    assert targets(account="shop") == ["1"]
    with pytest.raises(AccountError, match="no account named nobody"):
        targets(account="nobody")
    assert targets(since=20.0, until=30.0) == ["2"]
    assert targets(limit=2) == ["3", "4"], "the newest, oldest first"


def test_postgresql_does_not_truncate_it_either(tmp_path: Path, postgres_url: str) -> None:
    """What the migrations' tests show of UPDATE and DELETE; SQLite has no TRUNCATE."""
    database = Database.open(tmp_path, postgres_url)
    write(database)
    with pytest.raises(IntegrityError, match="rows of audit are only ever added"), database.writing() as connection:
        connection.execute(text("TRUNCATE audit"))
    assert len(listed(database)) == 1
    database.close()
