import json
import re
import time
from pathlib import Path

import pytest


@pytest.fixture
def data(run, tmp_path: Path) -> Path:
    run("accounts", "create", "shop", "--data-dir", tmp_path)
    return tmp_path


def test_create_prints_json_and_nothing_else(run, data: Path) -> None:
    done = run("keys", "create", "shop", "--data-dir", data)
    made = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert set(made) == {"SecretId", "SecretKey"}
    assert re.fullmatch(r"AKID[A-Za-z0-9]{32}", made["SecretId"])
    assert re.fullmatch(r"[A-Za-z0-9]{32}", made["SecretKey"])


def test_a_temporary_key_has_token_and_end(run, data: Path) -> None:
    made = json.loads(run("keys", "create", "shop", "--temporary", "60", "--data-dir", data).out)
    assert set(made) == {"SecretId", "SecretKey", "Token", "ExpiredTime"}
    assert 50 < made["ExpiredTime"] - time.time() <= 60


def test_a_temporary_life_out_of_range_is_refused(run, data: Path) -> None:
    done = run("keys", "create", "shop", "--temporary", "0", "--data-dir", data)
    assert (done.code, done.out) == (1, "")
    assert "from 1 to 129600 seconds" in done.err


def test_list_shows_states_and_no_secret(run, data: Path) -> None:
    kept = json.loads(run("keys", "create", "shop", "--data-dir", data).out)
    gone = json.loads(run("keys", "create", "shop", "--data-dir", data).out)
    assert run("keys", "revoke", gone["SecretId"], "--data-dir", data).code == 0
    listed = run("keys", "list", "--data-dir", data).out
    states = {line.split()[0]: line.split()[2] for line in listed.splitlines()[1:]}
    assert states == {kept["SecretId"]: "enabled", gone["SecretId"]: "revoked"}
    assert kept["SecretKey"] not in listed


def test_list_of_one_account_as_json(run, data: Path) -> None:
    run("accounts", "create", "other", "--data-dir", data)
    run("keys", "create", "other", "--data-dir", data)
    mine = json.loads(run("keys", "create", "shop", "--data-dir", data).out)
    (listed,) = json.loads(run("keys", "list", "shop", "--as-json", "--data-dir", data).out)
    assert listed["secret_id"] == mine["SecretId"]
    assert mine["SecretKey"] not in json.dumps(listed)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("create", "nobody"), "there is no account named nobody"),
        (("list", "nobody"), "there is no account named nobody"),
        (("revoke", "AKIDx"), "there is no key AKIDx"),
    ],
)
def test_what_does_not_exist_is_a_line_and_exit_code_one(run, data: Path, words: tuple[str, ...], line: str) -> None:
    done = run("keys", *words, "--data-dir", data)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(line)


def test_a_replaced_master_key_is_a_line_and_exit_code_one(run, data: Path) -> None:
    (data / "master.key").write_text("no key")
    done = run("keys", "create", "shop", "--data-dir", data)
    assert done.code == 1
    assert "master key is not valid" in done.err
