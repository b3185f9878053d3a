"""Which pages a server shows, and the console's token."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fittingroom.server.pages import has_console, pages_told, with_token
from fittingroom.server.run import application
from fittingroom.server.services import local_services
from fittingroom.settings import Settings


def settings(console: str, host: str = "127.0.0.1", **pages: object) -> Settings:
    return Settings.model_validate({"server": {"host": host}, "pages": {"console": console, **pages}})


@pytest.mark.parametrize(
    ("console", "host", "shown"),
    [
        ("auto", "127.0.0.1", True),
        ("auto", "::1", True),
        ("auto", "0.0.0.0", False),
        ("auto", "10.0.0.5", False),
        ("on", "0.0.0.0", True),
        ("off", "127.0.0.1", False),
    ],
)
def test_where_the_console_is(console: str, host: str, shown: bool) -> None:
    assert has_console(settings(console, host)) is shown


def test_each_start_makes_a_token_of_its_own() -> None:
    (first, one), (second, two) = with_token(settings("on")), with_token(settings("on"))
    assert one != two
    assert len(one) == 32
    assert first.pages.console_token.get_secret_value() == one
    assert second.pages.console_token.get_secret_value() == two


def test_a_token_of_the_operators_own_is_kept_and_never_printed() -> None:
    given = settings("on", console_token="a token of sixteen and more")
    assert with_token(given) == (given, None)


@pytest.mark.parametrize(("room", "host", "told"), [("auto", "::1", 1), ("auto", "0.0.0.0", 0), ("off", "::1", 0)])
def test_the_operator_is_told_where_the_room_is(room: str, host: str, told: int) -> None:
    told_lines = pages_told(settings("off", host, room=room), "http://[::1]:8000", None)
    assert told_lines == ["fitting room at http://[::1]:8000/room"] * told


def test_a_new_token_is_told_with_the_consoles_address() -> None:
    told = pages_told(settings("on", room="off"), "http://127.0.0.1:1", "made-up")
    assert told == ["console at http://127.0.0.1:1/console, token made-up"]


def test_no_console_no_token() -> None:
    assert with_token(settings("off")) == (settings("off"), None)


@pytest.mark.parametrize("console", ["on", "off"])
def test_a_console_that_is_off_leaves_nothing(tmp_path: Path, console: str) -> None:
    chosen = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "engine": {"name": "flat_engine:FlatEngine"},
            "pages": {"console": console, "console_token": "a token of sixteen and more", "room": "off"},
        }
    )
    services = local_services(chosen)
    client = TestClient(application(chosen, services), base_url="http://127.0.0.1")  # outside its block: nothing starts
    statuses = [client.get(path).status_code for path in ("/console", "/console/session", "/console/data/work.json")]
    services.database.close()
    assert statuses == ([200, 200, 401] if console == "on" else [404] * 3)


@pytest.mark.parametrize("docs", [True, False])
def test_the_developers_page_is_there_unless_it_is_off(tmp_path: Path, docs: bool) -> None:
    pages = {"console": "off", "room": "off", "docs": docs}
    engine = {"name": "flat_engine:FlatEngine"}
    chosen = Settings.model_validate({"data_dir": tmp_path, "engine": engine, "pages": pages})
    services = local_services(chosen)
    client = TestClient(application(chosen, services), base_url="http://127.0.0.1")
    statuses = [client.get(path).status_code for path in ("/docs", "/docs/openapi.json", "/shell/shell.js")]
    services.database.close()
    assert statuses == ([200] * 3 if docs else [404] * 3)
