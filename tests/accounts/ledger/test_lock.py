import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fittingroom.accounts import AccountError
from fittingroom.accounts.ledger.lock import ServerLock

HOLD = """
import subprocess, sys, time
from pathlib import Path
from fittingroom.accounts.ledger.lock import ServerLock
lock = ServerLock(Path(sys.argv[1]))
lock.take()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"], close_fds=False)
print(child.pid, flush=True)
time.sleep(30)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts.db.server"


def test_another_process_is_kept_out_until_this_one_is_killed(path: Path) -> None:
    """A second server is told; SIGKILL frees the lock although a child of the first lives on."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    mine = ServerLock(path)
    try:
        with pytest.raises(AccountError, match=r"another server runs on .*accounts\.db: stop it first"):
            mine.take()
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    mine.take()
    os.kill(child, signal.SIGKILL)
    mine.drop()


def test_may_be_taken_again_and_dropped_twice(path: Path) -> None:
    lock = ServerLock(path)
    lock.take()
    lock.take()
    lock.drop()
    lock.drop()
    ServerLock(path).take()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match="cannot be opened"):
        ServerLock(tmp_path / "none" / "x.server").take()


def test_the_file_is_for_this_user_alone(path: Path) -> None:
    ServerLock(path).take()
    assert path.stat().st_mode & 0o077 == 0
    assert time.time() - path.stat().st_mtime < 60
