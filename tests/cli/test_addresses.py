import json
from pathlib import Path

import pytest


@pytest.fixture
def addresses(run, tmp_path: Path):
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    return lambda *words: run("addresses", *words, "--data-dir", tmp_path)


def test_allow_deny_list_remove(addresses) -> None:
    assert addresses("allow", "shop", "10.0.0.0/8").out == "10.0.0.0/8 is on the allow list of shop\n"
    assert addresses("deny", "shop", "10.0.0.1").out == "10.0.0.1/32 is on the deny list of shop\n"
    heading, *rows = addresses("list", "shop").out.splitlines()
    assert heading.split() == ["list", "network", "since"]
    assert [row.split()[:2] for row in rows] == [["allow", "10.0.0.0/8"], ["deny", "10.0.0.1/32"]]
    removed = addresses("remove", "shop", "deny", "10.0.0.1")
    assert removed.out == "10.0.0.1/32 is no longer on the deny list of shop\n"
    (listed,) = json.loads(addresses("list", "shop", "--json").out)
    assert (listed["effect"], listed["network"]) == ("allow", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("deny", "shop", "10.0.0"), "'10.0.0' is no network"),
        (("deny", "nobody", "10.0.0.1"), "there is no account named nobody"),
        (("remove", "shop", "allow", "10.0.0.1"), "10.0.0.1/32 is not on the allow list of shop"),
        (("list", "nobody"), "there is no account named nobody"),
    ],
)
def test_what_cannot_be_is_a_line_and_exit_code_one(addresses, words: tuple[str, ...], said: str) -> None:
    done = addresses(*words)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(said)
