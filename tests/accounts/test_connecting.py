import builtins
from pathlib import Path

import pytest
from postgres_server import PostgresServer

from fittingroom.accounts import AccountError, Database
from fittingroom.accounts.connecting import BadUrl, connect

SECRET = "correct horse"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_psycopg(scheme: str) -> None:
    engine = connect(f"{scheme}://alice:secret@db.example:5432/fittingroom?connect_timeout=9&sslmode=require")
    assert engine.url.drivername == "postgresql+psycopg"
    told = dict(engine.url.query)
    assert (told["connect_timeout"], told["sslmode"], told["keepalives_idle"]) == ("9", "require", "5")
    assert "secret" not in repr(engine)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://alice:{SECRET}@db@host:{SECRET}/x",
        f"postgresql:/alice:{SECRET}@host/x",
        f"mysql://alice:{SECRET}@host/x",
        f"postgresql+asyncpg://alice:{SECRET}@host/x",
        SECRET,
        "",
    ],
)
def test_what_is_no_usable_url_is_refused_without_repeating_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(AccountError, match=r"^accounts\.database ") as caught:
        Database.open(tmp_path, url)
    error: BaseException | None = caught.value
    assert error is not None
    assert SECRET not in str(error)
    assert error.__cause__ is None, "a traceback would show the cause's message"
    assert error.__suppress_context__


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object) -> object:
        if name == "psycopg":
            raise ModuleNotFoundError("No module named 'psycopg'")
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadUrl, match=r"pip install 'fittingroom\[postgres\]'"):
        connect("postgresql://host/x")


def test_a_wrong_password_is_an_error_that_does_not_hold_it(postgres: PostgresServer, tmp_path: Path) -> None:
    with pytest.raises(AccountError, match="password authentication failed") as caught:
        Database.open(tmp_path, postgres.url("postgres", password="hunter2hunter2"))
    assert "hunter2" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match="cannot be opened: connection failed"):
        Database.open(tmp_path, "postgresql://alice:hunter2@127.0.0.1:1/x")


def test_goes_on_after_a_restart_of_the_server(postgres: PostgresServer, postgres_url: str, tmp_path: Path) -> None:
    database = Database.open(tmp_path, postgres_url)
    assert database.revision() == 0
    postgres.stop()
    with pytest.raises(AccountError, match="the database of accounts failed"):
        database.revision()
    postgres.start()
    assert database.revision() == 0
    with database.changing():
        pass
    assert database.revision() == 1
    database.close()


def test_a_restart_between_two_questions_is_not_noticed(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    database = Database.open(tmp_path, postgres_url)
    assert database.revision() == 0
    postgres.stop()
    postgres.start()
    assert database.revision() == 0
    database.close()
