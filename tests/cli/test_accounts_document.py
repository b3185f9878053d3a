"""Every command of docs/accounts.md is run as it stands there, in its order, and each says yes."""

from __future__ import annotations

import json
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from fittingroom.accounts import cam
from fittingroom.accounts.store.keys import LONGEST_TEMPORARY, MOST_KEYS

TEXT = (Path(__file__).parents[2] / "docs" / "accounts.md").read_text(encoding="utf-8")
COMMANDS = [line.strip() for line in TEXT.splitlines() if line.startswith("    ") and line.split()[0] == "fittingroom"]

PRINCIPAL = {"qcs": ["qcs::cam::uin/100000000001:root"]}
TRUST = {"version": "2.0", "statement": [{"effect": "allow", "action": "sts:AssumeRole", "principal": PRINCIPAL}]}


def test_each_command_works_as_it_is_written(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.json").write_text(json.dumps(cam.allow_all()))
    (tmp_path / "trust.json").write_text(json.dumps(TRUST))
    secret_id = ""
    assert "a new database" in run("accounts", "list").err
    for line in COMMANDS:
        words = [secret_id if word == "SECRET_ID" else word for word in shlex.split(line, comments=True)[1:]]
        done = run(*words)
        assert (done.code, done.err) == (0, ""), line
        assert done.out, line
        if words[:2] == ["keys", "create"] and not secret_id:
            secret_id = json.loads(done.out)["SecretId"]
    assert len(COMMANDS) > 35


@pytest.mark.parametrize("noun", ["accounts", "users", "keys", "policies", "roles", "addresses"])
def test_each_command_of_a_noun_is_told(noun: str) -> None:
    known = {name for name in import_module(f"fittingroom.cli.{noun}").app if not name.startswith("-")}
    assert known == {line.split()[2] for line in COMMANDS if line.split()[1] == noun}


def test_figures_are_those_of_the_code() -> None:
    assert f"at most {MOST_KEYS} keys" in TEXT
    assert f"{LONGEST_TEMPORARY // 3600} hours at most" in TEXT
