import json
from pathlib import Path

import pytest


def test_create_and_list(run, tmp_path: Path) -> None:
    made = run("accounts", "create", "shop", "--data-dir", tmp_path)
    assert made.code == 0
    assert "fittingroom keys create shop" in made.out
    listed = run("accounts", "list", "--data-dir", tmp_path)
    heading, row = listed.out.splitlines()
    assert heading.split() == ["name", "uin", "status", "plan", "users", "keys", "created"]
    assert [*row.split()[:1], *row.split()[2:6]] == ["shop", "active", "free", "1", "0"]


def test_list_as_json(run, tmp_path: Path) -> None:
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    run("keys", "create", "shop", "--data-dir", tmp_path)
    (account,) = json.loads(run("accounts", "list", "--json", "--data-dir", tmp_path).out)
    assert (account["name"], account["keys"]) == ("shop", 1)


def test_a_taken_name_is_a_line_and_exit_code_one(run, tmp_path: Path) -> None:
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    again = run("accounts", "create", "shop", "--data-dir", tmp_path)
    assert (again.code, again.out) == (1, "")
    assert again.err == "there is an account named shop already\n"


def test_the_data_directory_may_come_from_the_environment_or_a_file(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c.toml").write_text(f"data_dir = '{tmp_path / 'one'}'\n")
    run("accounts", "create", "first", "--config", tmp_path / "c.toml")
    assert (tmp_path / "one" / "accounts.db").exists()
    monkeypatch.setenv("FITTINGROOM_DATA_DIR", str(tmp_path / "two"))
    run("accounts", "create", "second")
    assert (tmp_path / "two" / "accounts.db").exists()


@pytest.mark.parametrize("words", [("accounts", "list"), ("keys", "list")])
def test_a_bad_configuration_is_a_line_and_exit_code_one(run, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "c.toml").write_text("[server]\nprot = 1\n")
    done = run(*words, "--config", tmp_path / "c.toml")
    assert (done.code, done.err) == (1, "server.prot (file): is no setting\n")


def test_a_data_directory_that_cannot_be_used_is_a_line_and_exit_code_one(run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("accounts", "create", "shop", "--data-dir", tmp_path / "file")
    assert done.code == 1
    assert "cannot be used" in done.err
    assert len(done.err.splitlines()) == 1
