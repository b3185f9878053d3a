import io
import json
from pathlib import Path

import pytest

from fittingroom.accounts import Database
from fittingroom.configuration import load_configuration
from fittingroom.server.services import kept_results


@pytest.fixture
def data(run, tmp_path: Path) -> Path:
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    run("users", "create", "shop", "alice", "--data-dir", tmp_path)
    run("keys", "create", "shop", "--data-dir", tmp_path)
    return tmp_path


def names(run, data: Path) -> list[str]:
    return [account["name"] for account in json.loads(run("accounts", "list", "--json", "--data-dir", data).out)]


@pytest.mark.anyio
async def test_keys_users_names_and_results_go(run, data: Path) -> None:
    results = kept_results(load_configuration(None, {"data_dir": data}).settings)
    await results.start()
    account = json.loads(run("accounts", "list", "--json", "--data-dir", data).out)[0]
    await results.put(b"mine", "image/jpeg", account["id"])
    await results.put(b"theirs", "image/jpeg", "another account")
    done = run("purge", "--account", "shop", "--yes", "--data-dir", data)
    assert (done.code, done.err) == (0, "")
    assert (
        "deleted of shop: 1 keys, 1 sub-users, 0 roles, 0 policies, 0 jobs, 0 address list entries, 1 stored results"
        in done.out
    )
    name = f"purged-{account['uin']}"
    assert f"kept under the name {name}: rows of the ledger and of the audit" in done.out
    assert names(run, data) == [name]
    assert [path.read_bytes() for path in (data / "results").iterdir()] == [b"theirs"]
    again = run("purge", "--account", name, "--yes", "--data-dir", data)
    assert (again.code, "0 stored results" in again.out) == (0, True)


@pytest.mark.parametrize(("typed", "gone"), [("shop\n", True), ("yes\n", False), ("", False)])
def test_the_name_must_be_typed(run, data: Path, monkeypatch, typed: str, gone: bool) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    done = run("purge", "--account", "shop", "--data-dir", data)
    assert "Type the account's name (shop) to go on" in done.err
    assert (done.code == 0) is gone
    assert ("nothing was deleted" not in done.err) is gone
    assert ("shop" not in names(run, data)) is gone


def test_an_unknown_account_is_one_line(run, data: Path) -> None:
    done = run("purge", "--account", "nobody", "--yes", "--data-dir", data)
    assert done.code == 1
    assert done.err.startswith("there is no account named nobody")
    assert len(done.err.splitlines()) == 1


def test_results_that_cannot_be_deleted_are_told_with_the_way_on(run, data: Path, monkeypatch) -> None:
    def broken(*_: object) -> int:
        raise PermissionError(13, "Permission denied", "results")

    monkeypatch.setattr("fittingroom.results.LocalResults.purge", broken)
    done = run("purge", "--account", "shop", "--yes", "--data-dir", data)
    assert done.code == 1
    assert "not the stored results" in done.err
    assert f"fittingroom purge --account {names(run, data)[0]}" in done.err


def test_the_old_name_is_in_no_table_but_the_audit(run, data: Path) -> None:
    run("purge", "--account", "shop", "--yes", "--data-dir", data)
    database = Database.open(data)
    with database.reading() as connection:
        tables = [row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")]
        found = {
            table
            for table in tables
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"')
            if {"shop", "alice"} & {str(value) for value in row}
        }
    database.close()
    assert found <= {"audit"}
