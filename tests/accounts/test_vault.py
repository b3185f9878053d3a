import json
import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from fittingroom.accounts import Vault, VaultError

ID = "AKID" + "a" * 32


def test_what_was_sealed_opens(vault: Vault) -> None:
    assert vault.open_sealed(ID, vault.seal(ID, "key")) == "key"


def test_sealed_text_shows_nothing_and_differs_each_time(vault: Vault) -> None:
    first, second = vault.seal(ID, "topsecret"), vault.seal(ID, "topsecret")
    assert b"topsecret" not in first
    assert first != second


def test_a_sealed_secret_opens_for_its_own_id_only(vault: Vault) -> None:
    with pytest.raises(VaultError, match="tampered"):
        vault.open_sealed("AKID" + "b" * 32, vault.seal(ID, "key"))


@pytest.mark.parametrize("damage", [b"", b"garbage", b"gAAAAA=="])
def test_damage_is_noticed(vault: Vault, damage: bytes) -> None:
    with pytest.raises(VaultError, match="does not open"):
        vault.open_sealed(ID, damage)


def test_the_key_file_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    sealed = Vault.open(tmp_path).seal(ID, "key")
    assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]
    assert Vault.open(tmp_path).open_sealed(ID, sealed) == "key"


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = iter(range(8))
    monkeypatch.setattr("os.getpid", lambda: next(pids))
    vaults: list[Vault] = []
    gate = threading.Barrier(8)

    def make() -> None:
        gate.wait()
        vaults.append(Vault.open(tmp_path))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealed = vaults[0].seal(ID, "key")
    assert [vault.open_sealed(ID, sealed) for vault in vaults] == ["key"] * 8
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def test_a_given_master_key_leaves_no_file(tmp_path: Path) -> None:
    Vault.open(tmp_path / "data", SecretStr(Fernet.generate_key().decode()))
    assert not (tmp_path / "data").exists()


def test_master_keys_can_be_rotated(tmp_path: Path) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault([old]).seal(ID, "key")
    both = Vault.open(tmp_path, SecretStr(f"{new}, {old}"))
    assert both.open_sealed(ID, sealed) == "key"
    assert Vault([new]).open_sealed(ID, both.seal(ID, "key")) == "key"
    with pytest.raises(VaultError, match="replaced or lost"):
        Vault([new]).open_sealed(ID, sealed)


@pytest.mark.parametrize("bad", ["", "short", "!" * 44])
def test_a_bad_master_key_is_refused_without_showing_it(tmp_path: Path, bad: str) -> None:
    with pytest.raises(VaultError) as caught:
        Vault.open(tmp_path, SecretStr(bad))
    assert "not valid" in str(caught.value)
    assert not bad or bad not in str(caught.value)


def test_an_unreadable_key_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "master.key").mkdir()
    with pytest.raises(VaultError, match=r"master\.key cannot be used"):
        Vault.open(tmp_path)


def test_a_row_of_the_first_version_opens_too() -> None:
    key = Fernet.generate_key()
    first = Fernet(key).encrypt(json.dumps([ID, "key", None]).encode())
    assert Vault([key.decode()]).open_sealed(ID, first) == "key"


def test_renewing_moves_a_secret_to_the_newest_master_key() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    renewed = Vault([new, old]).renew(Vault([old]).seal(ID, "key"))
    assert Vault([new]).open_sealed(ID, renewed) == "key"
    with pytest.raises(VaultError, match="replaced or lost"):
        Vault([new]).renew(Vault([old]).seal(ID, "key"))


def test_a_text_opens_for_its_own_use_only(vault: Vault) -> None:
    text = vault.encrypt("session", b"plain")
    assert vault.decrypt("session", text) == b"plain"
    assert vault.decrypt("other", text) is None
    assert vault.decrypt("session", vault.seal(ID, "key").decode()) is None


@pytest.mark.parametrize("text", ["", "x", "gAAAAA==", "密钥", "\x00" * 40, "A" * 70_000])
def test_a_strangers_text_is_none(vault: Vault, text: str) -> None:
    assert vault.decrypt("session", text) is None


def test_a_tag_tells_our_texts_also_after_a_rotation() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    tag = Vault([old]).tag("stem")
    assert len(tag) == 16
    assert Vault([new, old]).made("stem", tag)
    assert not Vault([new, old]).made("other", tag)
    assert not Vault([new]).made("stem", tag)
    assert not Vault([old]).made("stem", "店" * 16)
