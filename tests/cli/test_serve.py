from pathlib import Path

import pytest

from fittingroom.accounts import VaultError
from fittingroom.server.run import ServeError
from fittingroom.settings import Settings


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What would be served, without serving."""
    seen: list[Settings] = []

    def serve(settings: Settings, announce) -> None:
        seen.append(settings)
        announce("listening on http://127.0.0.1:1\nand a second line")

    monkeypatch.setattr("fittingroom.server.run.serve", serve)
    monkeypatch.setattr("fittingroom.cli.serve.configure_logs", lambda settings: None)
    return seen


def test_without_flags_the_defaults_are_served(run, served: list[Settings]) -> None:
    done = run("serve")
    assert (done.code, done.out) == (0, "listening on http://127.0.0.1:1\nand a second line\n")
    assert served == [Settings()]


FLAGS = [
    (("--host", "0.0.0.0"), "server.host", "0.0.0.0"),
    (("--port", "0"), "server.port", 0),
    (("--engine", "x:Y"), "engine.name", "x:Y"),
    (("--workers", "3"), "dispatch.workers", 3),
    (("--allow-net", "10.0.0.0/8", "--allow-net", "fd00::/8"), "fetch.allow_net", ("10.0.0.0/8", "fd00::/8")),
    (("--data-dir", "/x"), "data_dir", Path("/x")),
    (("--tls-cert", "c", "--tls-key", "k"), "server.tls_cert", Path("c")),
    (("--tls-cert", "c", "--tls-key", "k"), "server.tls_key", Path("k")),
    (("--log-level", "debug"), "log.level", "debug"),
    (("--log-format", "json"), "log.format", "json"),
]


@pytest.mark.parametrize(("words", "name", "value"), FLAGS)
def test_each_flag_is_a_setting(run, served: list[Settings], words, name: str, value: object) -> None:
    assert run("serve", *words).code == 0
    found: object = served[0]
    for part in name.split("."):
        found = getattr(found, part)
    assert found == value


@pytest.mark.parametrize("name", sorted({name for _, name, _ in FLAGS}))
def test_each_flag_names_its_twin_in_the_environment(run, name: str) -> None:
    twin = "FITTINGROOM_" + name.upper().replace(".", "__")
    shown = "".join(run("serve", "--help").out.replace("│", "").split())
    assert twin in shown


def test_a_flag_beats_the_environment(run, served: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_SERVER__PORT", "1")
    monkeypatch.setenv("FITTINGROOM_SERVER__HOST", "127.0.0.2")
    run("serve", "--port", "2")
    assert (served[0].server.port, served[0].server.host) == (2, "127.0.0.2")


@pytest.mark.parametrize("error", [ServeError("the port is taken"), VaultError("the key is wrong")])
def test_what_keeps_it_from_starting_is_a_line_and_exit_code_one(
    run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def serve(settings: Settings, announce) -> None:
        raise error

    monkeypatch.setattr("fittingroom.server.run.serve", serve)
    monkeypatch.setattr("fittingroom.cli.serve.configure_logs", lambda settings: None)
    done = run("serve")
    assert (done.code, done.out, done.err) == (1, "", f"{error}\n")


def test_one_tls_file_alone_is_a_line_and_exit_code_one(run) -> None:
    done = run("serve", "--tls-cert", "c")
    assert done.code == 1
    assert "belong together" in done.err
