import os
import pwd
from pathlib import Path

import pytest

from fittingroom.accounts import AccountError, VaultError, audit
from fittingroom.accounts.store import accounts
from fittingroom.cli.common import HERE, Place, actor, reported
from fittingroom.configuration import ConfigurationError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FITTINGROOM_DATA_DIR", raising=False)
    monkeypatch.delenv("FITTINGROOM_CONFIG", raising=False)


def test_flags_become_settings(tmp_path: Path) -> None:
    loaded = Place(data_dir=tmp_path).configuration(server__port=5, engine__name=None)
    assert loaded.settings.data_dir == tmp_path
    assert loaded.settings.server.port == 5
    assert loaded.sources == {"data_dir": "flag", "server.port": "flag"}


def test_no_flag_is_no_source() -> None:
    assert HERE.configuration().sources == {}


def test_the_store_is_the_one_of_the_data_directory(tmp_path: Path) -> None:
    with Place(data_dir=tmp_path).store() as store:
        accounts.create(store, "shop")
    with Place(data_dir=tmp_path).store() as store:
        assert [account.name for account in accounts.listing(store)] == ["shop"]


def test_the_store_honours_the_database_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_ACCOUNTS__DATABASE", f"sqlite:///{tmp_path / 'other.db'}")
    with Place(data_dir=tmp_path / "data").store() as store:
        accounts.create(store, "shop")
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "data" / "accounts.db").exists()


@pytest.mark.parametrize("error", [AccountError("a"), VaultError("b"), ConfigurationError("c")])
def test_a_problem_is_a_line_on_stderr_and_exit_code_one(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    @reported
    def command() -> int:
        raise error

    assert command() == 1
    assert capsys.readouterr() == ("", f"{error}\n")


def test_a_bug_is_not_hidden() -> None:
    @reported
    def command() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        command()


def test_success_passes_through() -> None:
    @reported
    def command(number: int) -> int:
        return number

    assert command(0) == 0
    assert command.__name__ == "command"


def test_the_actor_is_the_system_s_user_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "mallory")
    assert actor() == f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    assert "mallory" not in actor()


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert actor() == "cli:4000000000"


def test_a_change_is_the_system_user_s_in_the_audit(tmp_path: Path) -> None:
    with Place(data_dir=tmp_path).store() as store:
        accounts.create(store, "shop")
        with store.reading() as connection:
            (row,) = audit.listing(connection, audit.Wanted())
    assert row.actor == actor()
