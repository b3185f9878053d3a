import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fittingroom.accounts import AccountError
from fittingroom.server.run import ServeError, address_of, bind, serve
from fittingroom.settings import ServerSettings, Settings


def test_port_zero_takes_a_free_one() -> None:
    bound = bind(ServerSettings(port=0))
    port = bound.getsockname()[1]
    assert port > 0
    assert address_of(bound, secure=False) == f"http://127.0.0.1:{port}"
    assert address_of(bound, secure=True) == f"https://127.0.0.1:{port}"
    bound.close()


def test_an_ipv6_address_is_bracketed() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        bound = bind(ServerSettings(host="::1", port=0))
    except ServeError:
        pytest.skip("this machine has no IPv6 loopback")
    assert address_of(bound, secure=False) == f"http://[::1]:{bound.getsockname()[1]}"
    bound.close()


def test_a_taken_port_is_a_clear_error() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServeError, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"):
            bind(ServerSettings(port=port))


def test_an_unknown_host_is_a_clear_error() -> None:
    with pytest.raises(ServeError, match=r"cannot listen on no such host"):
        bind(ServerSettings(host="no such host", port=0))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bad_certificate_is_a_clear_error_and_the_port_is_free_again(tmp_path: Path, content: str | None) -> None:
    for name in ("cert.pem", "key.pem"):
        if content is not None:
            (tmp_path / name).write_text(content)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ServerSettings(port=port, tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem")
    with pytest.raises(ServeError, match="TLS certificate or its key cannot be used"):
        serve(Settings(data_dir=tmp_path / "data", server=server), pytest.fail)
    bind(server).close()


def test_a_data_directory_that_cannot_be_used_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "results.key").mkdir()
    with pytest.raises(ServeError, match=r"data directory cannot be used: .*results\.key"):
        serve(Settings(data_dir=tmp_path, server=ServerSettings(port=0)), pytest.fail)


def test_a_redis_that_does_not_answer_is_a_clear_error(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"data_dir": tmp_path, "server": {"port": 0}, "limits": {"url": "redis://:hush@127.0.0.1:1/0"}}
    )
    with pytest.raises(AccountError, match=r"the Redis of limits\.url does not answer") as caught:
        serve(settings, pytest.fail)
    assert "hush" not in str(caught.value)


INTERRUPTED = """
import asyncio, io, signal
import structlog, uvicorn
from fittingroom.logs import configure_logs
from fittingroom.server.run import AnnouncingServer
from fittingroom.settings import LogSettings, ServerSettings

class Interrupted(io.StringIO):
    def write(self, text):
        if "a line" in text:
            signal.raise_signal(signal.SIGTERM)
        return super().write(text)

async def nothing(*_): ...

async def main():
    server = AnnouncingServer(uvicorn.Config(nothing), ServerSettings(), lambda: None, nothing)
    with server.capture_signals():
        structlog.get_logger().info("a line")
        await asyncio.sleep(0)
    assert server.should_exit and not server.force_exit

configure_logs(LogSettings(format="json"), stream := Interrupted())
asyncio.run(main())
print(stream.getvalue())
"""


def test_a_signal_in_the_middle_of_a_line_of_the_log_does_not_hang_the_server() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], check=False, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split("\n", 1)
    assert "a line" in first
    assert '"signal": "SIGTERM", "at_once": false, "event": "stopping"' in second
