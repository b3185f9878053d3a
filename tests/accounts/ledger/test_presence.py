import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fittingroom.accounts import AccountError
from fittingroom.accounts.ledger.presence import Presence

HOLD = """
import subprocess, sys, time
from pathlib import Path
from fittingroom.accounts.ledger.presence import Presence
presence = Presence(Path(sys.argv[1]), "other")
presence.take()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"], close_fds=False)
print(child.pid, flush=True)
time.sleep(30)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "accounts.db.servers"


def test_a_process_is_alive_until_it_is_killed(folder: Path) -> None:
    """Frozen it is alive; SIGKILL frees its lock although a child of it lives on."""
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE)
    assert other.stdout is not None
    child = int(other.stdout.readline())
    mine = Presence(folder, "me")
    mine.take()
    try:
        assert mine.alive("other")
        other.send_signal(signal.SIGSTOP)
        assert mine.alive("other")
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    assert not mine.alive("other")
    assert [path.name for path in folder.iterdir()] == ["me"]
    os.kill(child, signal.SIGKILL)
    mine.drop()


def test_two_of_one_process_see_each_other(folder: Path) -> None:
    first, second = Presence(folder, "first"), Presence(folder, "second")
    first.take()
    first.take()
    second.take()
    assert second.alive("first")
    assert first.alive("second")
    second.drop()
    second.drop()
    assert not first.alive("second")
    assert not first.alive("nobody")
    first.drop()
    assert list(folder.iterdir()) == []


def test_what_cannot_be_locked_is_said(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match="cannot be locked"):
        Presence(tmp_path / "none" / "deeper", "me").take()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "other").mkdir()
    with pytest.raises(AccountError, match="cannot be opened"):
        Presence(tmp_path / "folder", "me").alive("other")


def test_its_files_are_for_this_user_alone(folder: Path) -> None:
    presence = Presence(folder, "me")
    presence.take()
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "me").stat().st_mode & 0o077 == 0
    presence.drop()
