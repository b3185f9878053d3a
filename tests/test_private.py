import stat
import threading
from pathlib import Path

import pytest

from fittingroom.private import make_private_directory, read_or_make_secret


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_directory_is_for_this_user_alone(tmp_path: Path) -> None:
    make_private_directory(tmp_path / "a" / "b")
    assert mode(tmp_path / "a" / "b") == 0o700


def test_an_existing_directory_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    make_private_directory(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o755


def test_a_directory_that_cannot_be_written_to_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError):
        make_private_directory(tmp_path)


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    made = iter([b"first", b"second"])
    path = tmp_path / "data" / "key"
    assert read_or_make_secret(path, lambda: next(made)) == b"first"
    assert read_or_make_secret(path, lambda: next(made)) == b"first"
    assert mode(path) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["key"]


def test_those_who_start_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "key"
    gate = threading.Barrier(8)
    found: list[bytes] = []

    def make(number: int) -> None:
        gate.wait()
        found.append(read_or_make_secret(path, lambda: b"%d" % number * 1000))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [left.name for left in tmp_path.iterdir()] == ["key"]


def test_a_failed_making_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> bytes:
        raise ValueError("no randomness")

    with pytest.raises(ValueError, match="no randomness"):
        read_or_make_secret(tmp_path / "key", broken)
    assert list(tmp_path.iterdir()) == []
