import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from fittingroom.accounts import AccountError, Database, migrations, schema


def row(name: str) -> dict[str, object]:
    return {"id": name, "uin": ord(name[0]), "name": name, "status": "active", "plan": "free", "created_at": 0.0}


def test_files_are_for_this_user_alone(tmp_path: Path) -> None:
    Database.open(tmp_path / "new" / "data").close()
    assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "data" / "accounts.db").stat().st_mode) == 0o600


def test_writes_ahead_in_a_log_and_checks_foreign_keys(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000
    database.close()


def test_every_change_raises_the_revision_and_a_failed_one_does_not(database: Database) -> None:
    before = database.revision()
    with database.changing() as connection:
        connection.execute(insert(schema.accounts).values(row("a")))
    assert database.revision() == before + 1
    with pytest.raises(IntegrityError), database.changing() as connection:
        connection.execute(insert(schema.accounts).values([row("b"), row("b")]))
    assert database.revision() == before + 1
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM accounts").scalar() == 1


def test_keeps_what_was_written_when_opened_again(tmp_path: Path, database_url: str | None) -> None:
    first = Database.open(tmp_path, database_url)
    with first.changing() as connection:
        connection.execute(insert(schema.accounts).values(row("a")))
    first.close()
    second = Database.open(tmp_path, database_url)
    assert second.revision() == 1
    second.close()


def test_refuses_a_database_that_a_newer_program_made(
    tmp_path: Path, database_url: str | None, database: Database
) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(AccountError, match=rf"revision 9999.*knows {migrations.HEAD}"):
        Database.open(tmp_path, database_url)


def test_refuses_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "accounts.db").write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(AccountError, match="not a database"):
        Database.open(tmp_path)


def test_refuses_a_data_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(AccountError, match="cannot be opened"):
        Database.open(tmp_path / "file")


def test_opens_by_url(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "unused", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "unused").exists()
    database.close()


def test_many_may_create_it_at_once(tmp_path: Path, empty_url: str | None) -> None:
    opened: list[Database] = []
    failures: list[Exception] = []
    gate = threading.Barrier(6)

    def create() -> None:
        gate.wait()
        try:
            opened.append(Database.open(tmp_path, empty_url))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [database.revision() for database in opened] == [0] * 6
    for database in opened:
        database.close()


def test_a_write_waits_for_another_instead_of_failing(tmp_path: Path, database_url: str | None) -> None:
    first, second = Database.open(tmp_path, database_url), Database.open(tmp_path, database_url)
    inside, done = threading.Event(), threading.Event()

    def slow() -> None:
        with first.changing() as connection:
            connection.execute(insert(schema.accounts).values(row("a")))
            inside.set()
            done.wait(0.1)

    thread = threading.Thread(target=slow)
    thread.start()
    inside.wait()
    with second.changing() as connection:
        connection.execute(insert(schema.accounts).values(row("b")))
    thread.join()
    assert second.revision() == 2
    first.close()
    second.close()


def test_a_failing_database_is_one_kind_of_error(database: Database) -> None:
    with database.changing() as connection:
        connection.exec_driver_sql("DROP TABLE keys")
    told = r"no such table: keys|relation .keys. does not exist"
    with pytest.raises(AccountError, match=told), database.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM keys")


def test_changes_run_one_at_a_time(tmp_path: Path, database_url: str | None) -> None:
    """Eight at once count the rows and add one where there are fewer than five: five must come of it."""
    opened = [Database.open(tmp_path, database_url) for _ in range(8)]
    gate = threading.Barrier(8)

    def add(database: Database, name: str) -> None:
        gate.wait()
        with database.changing() as connection:
            if connection.execute(select(func.count()).select_from(schema.accounts)).scalar_one() < 5:
                connection.execute(insert(schema.accounts).values(row(name)))

    threads = [threading.Thread(target=add, args=pair) for pair in zip(opened, "abcdefgh", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with opened[0].reading() as connection:
        assert connection.execute(select(func.count()).select_from(schema.accounts)).scalar_one() == 5
    assert opened[0].revision() == 8
    for database in opened:
        database.close()


def test_a_reader_sees_one_moment(tmp_path: Path, database_url: str | None) -> None:
    reader, writer = Database.open(tmp_path, database_url), Database.open(tmp_path, database_url)
    names = select(schema.accounts.c.name)
    with reader.reading() as connection:
        assert connection.execute(names).all() == []
        with writer.changing() as other:
            other.execute(insert(schema.accounts).values(row("a")))
        assert connection.execute(names).all() == []
    with reader.reading() as connection:
        assert connection.execute(names).scalars().all() == ["a"]
    reader.close()
    writer.close()
