import socket
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
