import json
import time
from pathlib import Path

import pytest

from fittingroom.cli.common import actor


@pytest.fixture
def data(run, tmp_path: Path) -> Path:
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    return tmp_path


def test_a_table_of_who_changed_what(run, data: Path) -> None:
    run("users", "create", "shop", "alice", "--data-dir", data)
    heading, first, second = run("audit", "--data-dir", data).out.splitlines()
    assert heading.split() == ["at", "actor", "action", "account", "target", "detail"]
    assert first.split()[2:6] == [actor(), "accounts.create", "shop", "shop"]
    assert second.split()[3:6] == ["users.create", "shop", "alice"]


def test_it_can_be_narrowed(run, data: Path) -> None:
    run("accounts", "create", "other", "--data-dir", data)
    run("users", "create", "shop", "alice", "--data-dir", data)

    def found(*words: str) -> list[str]:
        rows = json.loads(run("audit", *words, "--json", "--data-dir", data).out)
        return [f"{row['action']} {row['target']}" for row in rows]

    assert found() == ["accounts.create shop", "accounts.create other", "users.create alice"]
    assert found("shop") == ["accounts.create shop", "users.create alice"]
    assert found("--action", "users") == ["users.create alice"]
    assert found("--actor", "cli:nobody-of-that-name") == []
    assert found("--limit", "1") == ["users.create alice"]
    today, tomorrow = (time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86400)) for days in (0, 1))
    assert len(found("--since", today)) == 3
    assert found("--since", f"{tomorrow}T00:00") == found("--until", today) == []


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", ""])
def test_what_is_no_moment_is_a_line_and_exit_code_one(run, data: Path, moment: str) -> None:
    done = run("audit", "--since", moment, "--data-dir", data)
    assert (done.code, done.out) == (1, "")
    assert "is no moment such as 2026-11-22" in done.err


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_list_of_nothing_is_a_line_and_exit_code_one(run, data: Path, limit: str) -> None:
    done = run("audit", "--limit", limit, "--data-dir", data)
    assert (done.code, done.out, done.err) == (1, "", "--limit is at least 1\n")


def test_an_account_that_does_not_exist_is_a_line_and_exit_code_one(run, data: Path) -> None:
    done = run("audit", "nobody", "--data-dir", data)
    assert (done.code, done.out, done.err) == (1, "", "there is no account named nobody\n")


def test_no_change_writes_a_secret_anywhere(run, data: Path) -> None:
    """After every command of keys, neither the rows nor any list holds a SecretKey or a token."""
    made = [
        json.loads(run("keys", *words, "--data-dir", data).out)
        for words in (("create", "shop"), ("create", "shop", "--days", "9"), ("create", "shop", "--temporary", "60"))
    ]
    first = made[0]["SecretId"]
    made.append(json.loads(run("keys", "rotate", first, "--data-dir", data).out))
    for verb in ("disable", "enable", "revoke"):
        assert run("keys", verb, first, "--data-dir", data).code == 0
    run("keys", "reseal", "--data-dir", data)
    shown = "".join(
        run(*words, "--data-dir", data).out
        for words in (
            ("audit",),
            ("audit", "--json"),
            ("keys", "list", "--json"),
            ("accounts", "show", "shop"),
            ("accounts", "show", "shop", "--json"),
        )
    )
    for verb in ("create", "create-temporary", "rotate", "disable", "enable", "revoke", "reseal"):
        assert f"keys.{verb}" in shown
    for key in made:
        assert key["SecretId"] in shown
        assert key["SecretKey"] not in shown
        assert key.get("Token", "no token at all") not in shown


def test_an_action_that_was_never_recorded_is_said_to_be_none(run, tmp_path) -> None:
    place = ("--data-dir", tmp_path / "data")
    assert run("accounts", "create", "shop", *place).code == 0
    done = run("audit", "--action", "accounts.craete", *place)
    assert done.code == 0
    assert "no accounts.craete was ever recorded; recorded were: accounts.create" in done.err
    for right in ("accounts.create", "accounts"):
        assert "recorded" not in run("audit", "--action", right, *place).err
    assert "recorded" not in run("audit", "--action", "accounts", "--until", "2020-01-01", *place).err
