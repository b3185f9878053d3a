"""`fittingroom roles` from creation to deletion, as an operator types it."""

from __future__ import annotations

import json

import pytest

TRUST = (
    '{"version": "2.0", "statement": [{"effect": "allow", "action": "sts:AssumeRole", '
    '"principal": {"qcs": ["qcs::cam::uin/7:root"]}}]}'
)


@pytest.fixture
def roles(run, tmp_path):
    place = ("--data-dir", tmp_path / "data")
    run("accounts", "create", "shop", *place)
    run("policies", "create", "shop", "dress", "--preset", "change-clothes", *place)
    return lambda *words: run("roles", *words, *place)


def shown(roles, name="dresser"):
    return json.loads(roles("show", "shop", name, "--json").out)


def test_from_creation_to_deletion(roles, tmp_path):
    made = roles("create", "shop", "dresser", "--max-seconds", "3600")
    assert made.code == 0
    role = shown(roles)
    assert role["arn"] in made.out
    assert "roles attach shop dresser POLICY" in made.out
    assert roles("attach", "shop", "dresser", "dress").code == 0
    file = tmp_path / "trust.json"
    file.write_text(TRUST)
    assert roles("update", "shop", "dresser", "--trust", file).out == "role dresser updated\n"
    (listed,) = json.loads(roles("list", "shop", "--json").out)
    assert listed == shown(roles)
    assert (listed["policies"], listed["trust"], listed["max_seconds"]) == (["dress"], TRUST, 3600)
    table = roles("list", "shop").out
    for word in ("dresser", listed["arn"], "dress", "3600 s"):
        assert word in table
    page = roles("show", "shop", "dresser").out
    assert TRUST in page
    assert listed["id"] in page
    assert roles("end-sessions", "shop", "dresser").code == 0
    assert shown(roles)["sessions_after"] > 0
    assert roles("detach", "shop", "dresser", "dress").code == 0
    assert roles("delete", "shop", "dresser").out == "role dresser deleted\n"
    assert json.loads(roles("list", "shop", "--json").out) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "shop", "nobody"), "has no role named nobody"),
        (("create", "shop", "x", "--max-seconds", "43201"), "from 1 to 43200 seconds"),
        (("create", "shop", "x", "--trust", "/no/such/file"), "cannot be read"),
        (("create", "nobody", "x"), "no account named nobody"),
        (("attach", "shop", "nobody", "dress"), "has no role named nobody"),
        (("update", "shop", "nobody"), "nothing to change"),
    ],
)
def test_problems_are_one_line_and_code_1(roles, words, said):
    done = roles(*words)
    assert done.code == 1
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_wrong_trust_policy_is_pointed_at(roles, tmp_path):
    file = tmp_path / "trust.json"
    file.write_text(TRUST.replace("qcs::cam::uin/7:root", "*"))
    done = roles("create", "shop", "dresser", "--trust", file)
    assert done.code == 1
    assert "statement[0].principal.qcs[0]" in done.err
