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


def test_show_is_everything_about_one_account(run, tmp_path: Path) -> None:
    def do(*words: str) -> str:
        done = run(*words, "--data-dir", tmp_path)
        assert done.code == 0, done.err
        return done.out

    do("accounts", "create", "shop")
    do("accounts", "limit", "shop", "--concurrency", "3")
    do("billing", "topup", "shop", "12.50")
    assert "addresses: none" in do("accounts", "show", "shop")
    do("users", "create", "shop", "alice")
    do("policies", "create", "shop", "clothes", "--preset", "change-clothes")
    do("policies", "attach", "shop", "clothes", "alice")
    do("addresses", "deny", "shop", "192.0.2.0/24")
    key = json.loads(do("keys", "create", "shop", "--user", "alice"))
    shown = do("accounts", "show", "shop")
    assert key["SecretKey"] not in shown
    facts = dict(reversed([line.split()[:2] for line in shown.splitlines() if len(line.split()) > 1]))
    assert (facts["name"], facts["status"], facts["concurrency"], facts["available"]) == (
        "shop",
        "active",
        "3",
        "12.50",
    )
    assert facts["clothes"] == "alice"
    for word in ("as in the settings", key["SecretId"], "192.0.2.0/24"):
        assert word in shown
    page = json.loads(do("accounts", "show", "shop", "--json"))
    assert (page["account"]["concurrency"], page["bill"]["available"]) == (3, "12.50")
    assert [user["name"] for user in page["users"]] == ["root", "alice"]
    assert [page["keys"][0]["secret_id"], page["policies"][0]["attached"]] == [key["SecretId"], ["alice"]]
    assert page["addresses"][0]["network"] == "192.0.2.0/24"


def test_rename(run, tmp_path: Path) -> None:
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    assert run("accounts", "rename", "shop", "boutique", "--data-dir", tmp_path).out == "account shop is now boutique\n"
    gone = run("accounts", "show", "shop", "--data-dir", tmp_path)
    assert (gone.code, gone.out) == (1, "")
    assert gone.err.startswith("there is no account named shop")


def test_limits(run, tmp_path: Path) -> None:
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    done = run("accounts", "limit", "shop", "--concurrency", "2", "--rate", "default", "--data-dir", tmp_path)
    assert done.out == "account shop: concurrency 2, rate as in the settings\n"
    for words, said in (
        (("--rate", "-1"), "rate goes from 0 to 100000\n"),
        ((), "say what to limit: --concurrency or --rate\n"),
    ):
        done = run("accounts", "limit", "shop", *words, "--data-dir", tmp_path)
        assert (done.code, done.out, done.err) == (1, "", said)


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


def test_a_folder_without_a_database_is_not_passed_over_in_silence(run, tmp_path: Path) -> None:
    first = run("accounts", "list", "--data-dir", tmp_path / "typo")
    assert (first.code, first.err) == (0, f"a new database of accounts was made in {tmp_path / 'typo'}\n")
    assert run("accounts", "list", "--data-dir", tmp_path / "typo").err == ""
