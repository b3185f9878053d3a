"""From the tables of the first version to today's, with rows in them."""

import json
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import Database, Directory, Vault, migrations, schema
from fittingroom.accounts.connecting import connect

FIRST = """
CREATE TABLE meta (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE accounts (id VARCHAR(36) PRIMARY KEY, name VARCHAR(64) NOT NULL UNIQUE, created_at FLOAT NOT NULL);
CREATE TABLE keys (
    secret_id VARCHAR(64) PRIMARY KEY, account_id VARCHAR(36) NOT NULL REFERENCES accounts (id),
    sealed {bytes} NOT NULL, temporary BOOLEAN NOT NULL, expires_at FLOAT, enabled BOOLEAN NOT NULL,
    created_at FLOAT NOT NULL);
CREATE INDEX ix_keys_account_id ON keys (account_id);
INSERT INTO meta VALUES (1, 1, 7);
INSERT INTO accounts VALUES ('a1', 'shop', 100.0), ('a2', 'atelier', 101.0);
"""


def first_version(folder: Path, url: str | None) -> Vault:
    """A database as the first version left it; the vault that sealed its keys."""
    key = Fernet.generate_key()
    (folder / "master.key").write_bytes(key)
    engine = connect(url or f"sqlite:///{folder / 'accounts.db'}")
    with engine.begin() as connection:
        for statement in FIRST.format(bytes="BLOB" if url is None else "BYTEA").split(";")[:-1]:
            connection.execute(text(statement))
        for secret_id, account, temporary, enabled in (
            ("AKIDkept", "a1", False, True),
            ("AKIDrevoked", "a1", False, False),
            ("AKIDtemporary", "a2", True, True),
        ):
            sealed = Fernet(key).encrypt(json.dumps([secret_id, f"key of {secret_id}", None]).encode())
            connection.execute(
                text("INSERT INTO keys VALUES (:id, :account, :sealed, :temporary, NULL, :enabled, 1.0)"),
                {"id": secret_id, "account": account, "sealed": sealed, "temporary": temporary, "enabled": enabled},
            )
    engine.dispose()
    return Vault([key.decode()])


def test_the_newest_revision_is_the_one_the_program_names() -> None:
    config = Config()
    config.set_main_option("script_location", "fittingroom.accounts:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_migrated_tables_are_those_of_the_schema(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


@pytest.mark.anyio
async def test_keys_of_the_first_version_go_on_working(tmp_path: Path, empty_url: str | None) -> None:
    vault = first_version(tmp_path, empty_url)
    database = Database.open(tmp_path, empty_url)
    directory = Directory(database, vault)
    directory.update()
    kept = await directory.find("AKIDkept", None)
    assert kept is not None
    assert kept.secret_key == "key of AKIDkept"
    assert (kept.principal.account.id, kept.principal.account.name, kept.principal.kind) == ("a1", "shop", "root")
    assert kept.principal.account.status == "active"
    assert await directory.find("AKIDrevoked", None) is None
    assert await directory.find("AKIDtemporary", None) is None
    uins = {account.uin for account in directory.snapshot.accounts.values()}
    assert len(uins) == 2
    assert all(10**11 <= uin < 10**12 for uin in uins)
    assert database.revision() == 8
    database.close()


def test_a_migration_that_fails_leaves_the_old_tables(
    tmp_path: Path, empty_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_version(tmp_path, empty_url)
    monkeypatch.setattr("secrets.randbelow", lambda _below: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        Database.open(tmp_path, empty_url)
    monkeypatch.undo()
    engine = connect(empty_url or f"sqlite:///{tmp_path / 'accounts.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM keys WHERE temporary")).scalar_one() == 1
    engine.dispose()
    Database.open(tmp_path, empty_url).close()


@pytest.mark.parametrize("verb", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_rows_of_the_audit_are_only_ever_added(database: Database, verb: str) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit (at, actor, action, target, detail) VALUES (0, 'a', 'b', 'c', '')"
        )
    with pytest.raises(IntegrityError, match="only ever added"), database.writing() as connection:
        connection.exec_driver_sql(verb)
