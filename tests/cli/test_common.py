from pathlib import Path

import pytest

from fittingroom.accounts import AccountError, VaultError
from fittingroom.cli.common import HERE, Place, reported
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
        store.create_account("shop")
    with Place(data_dir=tmp_path).store() as store:
        assert [account.name for account in store.list_accounts()] == ["shop"]


def test_the_store_honours_the_database_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_ACCOUNTS__DATABASE", f"sqlite:///{tmp_path / 'other.db'}")
    with Place(data_dir=tmp_path / "data").store() as store:
        store.create_account("shop")
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
