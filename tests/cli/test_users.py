import json
from pathlib import Path

import pytest


@pytest.fixture
def data(run, tmp_path: Path) -> Path:
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    return tmp_path


@pytest.fixture
def users(run, data: Path):
    return lambda *words: run("users", *words, "--data-dir", data)


def test_create_says_what_comes_next(users) -> None:
    done = users("create", "shop", "alice")
    assert (done.code, done.err) == (0, "")
    assert "fittingroom policies attach shop POLICY alice" in done.out


def test_list_as_a_table_and_as_json(users) -> None:
    users("create", "shop", "alice")
    users("disable", "shop", "alice")
    heading, root, alice = users("list", "shop").out.splitlines()
    assert heading.split() == ["name", "uin", "state", "keys", "policies", "created"]
    assert [root.split()[0], *root.split()[2:6]] == ["root", "enabled", "0", "allowed", "everything"]
    assert [alice.split()[0], *alice.split()[2:5]] == ["alice", "disabled", "0", "-"]
    listed = json.loads(users("list", "shop", "--json").out)
    assert [(user["name"], user["root"], user["enabled"]) for user in listed] == [
        ("root", True, True),
        ("alice", False, False),
    ]


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("enable", "user alice enabled\n"),
        ("disable", "user alice disabled\n"),
        ("end-sessions", "the temporary keys of user alice made until now are refused\n"),
        ("delete", "user alice deleted\n"),
    ],
)
def test_each_change_says_that_it_was_made_and_is_in_the_audit(run, users, data: Path, verb: str, said: str) -> None:
    users("create", "shop", "alice")
    done = users(verb, "shop", "alice")
    assert (done.code, done.out, done.err) == (0, said, "")
    (row,) = json.loads(run("audit", "--action", f"users.{verb}", "--json", "--data-dir", data).out)
    assert (row["account_name"], row["target"]) == ("shop", "alice")


@pytest.mark.parametrize("verb", ["enable", "disable", "end-sessions", "delete"])
def test_who_does_not_exist_is_a_line_and_exit_code_one(users, verb: str) -> None:
    done = users(verb, "shop", "alice")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("the account shop has no user named alice")


def test_the_root_user_cannot_be_deleted(users) -> None:
    done = users("delete", "shop", "root")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("the root user cannot be deleted")
