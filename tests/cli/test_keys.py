import json
import re
import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from fittingroom.accounts.snapshot import Snapshot, read_snapshot
from fittingroom.cli.common import Place


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


def test_list_shows_states_and_no_secret(run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {
        name: json.loads(run("keys", "create", "shop", *words, "--data-dir", data).out)
        for name, words in {"kept": (), "gone": (), "off": (), "brief": ("--days", "1")}.items()
    }
    ids = {name: key["SecretId"] for name, key in made.items()}
    assert run("keys", "revoke", ids["gone"], "--data-dir", data).code == 0
    assert run("keys", "disable", ids["off"], "--data-dir", data).code == 0

    def states() -> dict[str, str]:
        listed = run("keys", "list", "--data-dir", data).out
        assert not any(key["SecretKey"] in listed for key in made.values())
        return {line.split()[0]: line.split()[3] for line in listed.splitlines()[1:]}

    expected = {ids["kept"]: "enabled", ids["gone"]: "revoked", ids["off"]: "disabled", ids["brief"]: "enabled"}
    assert states() == expected
    assert run("keys", "enable", ids["off"], "--data-dir", data).code == 0
    now = time.time() + 86_401
    monkeypatch.setattr("time.time", lambda: now)
    assert states() == expected | {ids["off"]: "enabled", ids["brief"]: "expired"}


def test_a_sub_user_s_keys(run, data: Path) -> None:
    run("users", "create", "shop", "alice", "--data-dir", data)
    mine = json.loads(run("keys", "create", "shop", "--user", "alice", "--data-dir", data).out)
    run("keys", "create", "shop", "--data-dir", data)
    (listed,) = json.loads(run("keys", "list", "shop", "--user", "alice", "--json", "--data-dir", data).out)
    assert (listed["secret_id"], listed["user_name"]) == (mine["SecretId"], "alice")
    brief = run("keys", "create", "shop", "--user", "alice", "--temporary", "60", "--data-dir", data)
    assert "Token" in json.loads(brief.out)


def test_rotate_prints_the_new_key_and_ends_the_old_one(run, data: Path) -> None:
    old = json.loads(run("keys", "create", "shop", "--data-dir", data).out)
    new = json.loads(run("keys", "rotate", old["SecretId"], "--grace", "2", "--data-dir", data).out)
    assert set(new) == {"SecretId", "SecretKey"}
    ends = {
        key["secret_id"]: key["expires_at"] for key in json.loads(run("keys", "list", "--json", "--data-dir", data).out)
    }
    assert ends[new["SecretId"]] is None
    assert 7190 < ends[old["SecretId"]] - time.time() <= 7200


def test_the_master_key_in_its_file_can_be_replaced(run, data: Path) -> None:
    """As docs/accounts.md tells it."""
    made = json.loads(run("keys", "create", "shop", "--data-dir", data).out)
    file = data / "master.key"
    old = file.read_text()
    file.write_text(f"{Fernet.generate_key().decode()}\n{old}\n")
    done = run("keys", "reseal", "--data-dir", data)
    assert done.out == "1 keys are sealed by the newest master key\n"
    file.write_text(file.read_text().splitlines()[0] + "\n")
    with Place(data_dir=data).store() as store, store.reading() as connection:
        snapshot = read_snapshot(connection, store.vault, Snapshot())
    assert snapshot.keys[made["SecretId"]].secret_key == made["SecretKey"]
    file.write_text(old)
    assert "does not open the stored keys" in run("keys", "reseal", "--data-dir", data).err


def test_the_master_key_of_the_setting_can_be_replaced(run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("FITTINGROOM_ACCOUNTS__MASTER_KEY", old)
    run("keys", "create", "shop", "--data-dir", data)
    monkeypatch.setenv("FITTINGROOM_ACCOUNTS__MASTER_KEY", f"{new},{old}")
    assert run("keys", "reseal", "--data-dir", data).code == 0
    monkeypatch.setenv("FITTINGROOM_ACCOUNTS__MASTER_KEY", new)
    assert run("keys", "reseal", "--data-dir", data).code == 0
    monkeypatch.setenv("FITTINGROOM_ACCOUNTS__MASTER_KEY", old)
    assert run("keys", "reseal", "--data-dir", data).code == 1


def test_list_of_one_account_as_json(run, data: Path) -> None:
    run("accounts", "create", "other", "--data-dir", data)
    run("keys", "create", "other", "--data-dir", data)
    mine = json.loads(run("keys", "create", "shop", "--data-dir", data).out)
    (listed,) = json.loads(run("keys", "list", "shop", "--json", "--data-dir", data).out)
    assert listed["secret_id"] == mine["SecretId"]
    assert mine["SecretKey"] not in json.dumps(listed)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("create", "nobody"), "there is no account named nobody"),
        (("list", "nobody"), "there is no account named nobody"),
        (("create", "shop", "--user", "alice"), "the account shop has no user named alice"),
        (("create", "shop", "--days", "1", "--temporary", "1"), "give either --days or --temporary"),
        (("list", "--user", "alice"), "--user goes with an account"),
        (("revoke", "AKIDx"), "there is no key AKIDx"),
        (("disable", "AKIDx"), "there is no key AKIDx"),
        (("enable", "AKIDx"), "there is no key AKIDx"),
        (("rotate", "AKIDx"), "there is no key AKIDx"),
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
