"""The demo's servers: photos on 127.0.0.1, and a real `fittingroom serve` that is gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[1] / "support"


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_serves_the_photos_and_nothing_else(servers) -> None:
    with servers.serving_photos({"/a.jpg": b"photo"}) as address:
        assert get(f"{address}/a.jpg") == (200, b"photo")
        assert get(f"{address}/b.jpg") == (404, b"")
        assert get(f"{address}/../servers.py") == (404, b"")
    with pytest.raises(urllib.error.URLError):
        get(f"{address}/a.jpg")


@pytest.fixture
def flat(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server that the demo starts uses the flat engine, which needs no weights."""
    monkeypatch.setenv("FITTINGROOM_ENGINE__NAME", "flat_engine:FlatEngine")
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT))


def test_a_room_is_open_until_the_context_closes(servers, flat: None, tmp_path: Path) -> None:
    secret_id, secret_key = servers.new_key(tmp_path)
    assert secret_id
    assert secret_key
    with servers.fitting_room(tmp_path) as endpoint:
        assert get(f"http://{endpoint}/readyz")[0] == 200
    with pytest.raises(urllib.error.URLError):
        get(f"http://{endpoint}/readyz")


def test_a_room_closes_when_the_demo_fails(servers, flat: None, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), servers.fitting_room(tmp_path) as endpoint:
        raise KeyboardInterrupt
    with pytest.raises(urllib.error.URLError):
        get(f"http://{endpoint}/readyz")


def test_a_server_that_ends_at_its_start_is_told_with_its_words(servers, tmp_path: Path, monkeypatch) -> None:
    command = tmp_path / "fittingroom"
    command.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('no weights here')\n")
    command.chmod(0o755)
    monkeypatch.setattr(servers, "COMMAND", command)
    with pytest.raises(servers.DemoError, match="no weights here"), servers.fitting_room(tmp_path):
        pytest.fail("it never opened")


def test_a_server_that_never_gets_ready_is_stopped(servers, tmp_path: Path, monkeypatch) -> None:
    command = tmp_path / "fittingroom"
    command.write_text(f"#!{sys.executable}\nimport os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    command.chmod(0o755)
    monkeypatch.setattr(servers, "COMMAND", command)
    monkeypatch.setattr(servers, "START_SECONDS", 1.0)
    with pytest.raises(servers.DemoError, match="not ready within"), servers.fitting_room(tmp_path):
        pytest.fail("it never opened")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "server.log").read_text()), 0)


def test_a_server_that_ignores_sigterm_is_killed(servers, monkeypatch) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        monkeypatch.setattr(servers, "STOP_SECONDS", 0.2)
        servers._stop(process)
        assert process.returncode == -9


def test_a_command_that_fails_is_told(servers, tmp_path: Path, monkeypatch) -> None:
    command = tmp_path / "fittingroom"
    command.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('the disk is full')\n")
    command.chmod(0o755)
    monkeypatch.setattr(servers, "COMMAND", command)
    with pytest.raises(servers.DemoError, match=r"fittingroom accounts create failed:\nthe disk is full"):
        servers.new_key(tmp_path)
