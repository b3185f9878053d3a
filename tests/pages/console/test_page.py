"""The routes: who is let in, what is refused, and that nothing can be changed."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from fittingroom.pages.console import Console
from fittingroom.pages.console.page import COOKIE
from fittingroom.pages.console.recent import Recent
from fittingroom.pages.console.sessions import FAILURES
from fittingroom.wire.trail import Trail

TOKEN = "the-right-token-of-today"
BASE = "http://127.0.0.1:8000"
OWN = {"Origin": BASE}
DATA = ("work", "requests", "accounts", "usage", "health")


class Browser:
    def __init__(self, place, base: str = BASE, **settings: object) -> None:
        self.recent = Recent()
        self.console = Console(place.watched(**settings), TOKEN, self.recent)
        self.client = TestClient(Starlette(routes=self.console.routes()), base_url=base, client=("127.0.0.1", 5))

    def sign_in(self, token: object = TOKEN, headers: dict[str, str] = OWN):
        return self.client.post("/console/session", json={"token": token}, headers=headers)

    def data(self, name: str, **headers: str):
        return self.client.get(f"/console/data/{name}.json", headers=headers)


@pytest.fixture
def browser(place) -> Browser:
    return Browser(place)


def code(answer) -> str:
    return answer.json()["error"]["code"]


def test_the_page_is_there_with_its_files_and_holds_itself_together(browser: Browser) -> None:
    page = browser.client.get("/console")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "style=" not in page.text
    assert browser.client.get("/console/static/console.js").headers["content-type"].startswith("text/javascript")
    assert browser.client.get("/console/static/page.py").status_code == 404


@pytest.mark.parametrize("name", DATA)
def test_data_is_for_those_who_signed_in(browser: Browser, name: str) -> None:
    refused = browser.data(name)
    assert (refused.status_code, code(refused)) == (401, "SignedOut")
    assert browser.client.get("/console/session").json() == {"signed_in": False}
    assert browser.sign_in().status_code == 200
    assert browser.client.get("/console/session").json() == {"signed_in": True}
    told = browser.data(name)
    assert told.status_code == 200
    assert told.headers["cache-control"] == "no-store"


def test_the_cookie_is_for_the_console_alone(browser: Browser) -> None:
    kept = browser.sign_in().headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/console", "Max-Age=43200"):
        assert part in kept
    assert "Secure" not in kept


def test_over_https_the_cookie_is_secure(place) -> None:
    base = "https://127.0.0.1"
    assert "Secure" in Browser(place, base).sign_in(headers={"Origin": base}).headers["set-cookie"]


def test_behind_a_proxy_that_is_trusted_its_word_counts(place) -> None:
    proxied = {"Origin": "https://shop.example", "X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "https"}
    trusting = Browser(place, wire={"trust_forwarded_host": True}, pages={"hosts": "shop.example"})
    assert "Secure" in trusting.sign_in(headers=proxied).headers["set-cookie"]
    assert code(Browser(place).sign_in(headers=proxied)) == "NotFromThisPage"


def test_signing_out_ends_the_session_on_the_server_too(browser: Browser) -> None:
    browser.sign_in()
    kept = browser.client.cookies[COOKIE]
    assert browser.client.post("/console/leave", headers=OWN).status_code == 204
    assert browser.data("work", Cookie=f"{COOKIE}={kept}").status_code == 401


@pytest.mark.parametrize("given", ["wrong", "", TOKEN[:-1], TOKEN.upper()])
def test_a_wrong_token_is_refused_and_written_down_without_it(browser: Browser, given: str) -> None:
    with capture_logs() as logs:
        refused = browser.sign_in(given)
    assert (refused.status_code, code(refused)) == (403, "WrongToken")
    assert "set-cookie" not in refused.headers
    assert logs == [{"event": "console_refused", "address": "127.0.0.1", "log_level": "warning"}]


def test_who_guesses_has_to_wait_even_with_the_right_token(browser: Browser) -> None:
    answers = [browser.sign_in(f"guess-{number}").status_code for number in range(FAILURES)]
    assert answers == [403] * (FAILURES - 1) + [429]
    assert code(browser.sign_in()) == "TooManyAttempts"


def test_guesses_that_were_held_back_have_to_wait_too(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    read = browser.console._token

    async def overtaken(request) -> str:
        given = await read(request)
        for _ in range(FAILURES):
            browser.console._door.fits("127.0.0.1", "guess")
        return given

    monkeypatch.setattr(browser.console, "_token", overtaken)
    assert code(browser.sign_in()) == "TooManyAttempts"


@pytest.mark.parametrize(
    "body", [b"", b"[", b"[]", b"{}", b'{"token": 1}', b'{"token": "\\ud800"}', b"[" * 4000, b"x" * 9000, b"\xff"]
)
def test_anything_else_is_malformed(browser: Browser, body: bytes) -> None:
    refused = browser.client.post("/console/session", content=body, headers=OWN)
    assert (refused.status_code, code(refused)) == (400, "BadRequest")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {**OWN, "Sec-Fetch-Site": "cross-site"}],
)
@pytest.mark.parametrize("path", ["/console/session", "/console/leave"])
def test_posts_of_other_sites_are_refused(browser: Browser, path: str, headers: dict[str, str]) -> None:
    refused = browser.client.post(path, json={"token": TOKEN}, headers=headers)
    assert (refused.status_code, code(refused)) == (403, "NotFromThisPage")


def test_a_foreign_name_that_was_turned_to_this_machine_is_refused(browser: Browser) -> None:
    browser.sign_in()
    for path in ("/console", "/console/session", "/console/data/work.json"):
        refused = browser.client.get(path, headers={"Host": "evil.example"})
        assert code(refused) == "NotFromThisPage"


def test_no_route_takes_more_than_signing_in_and_out(browser: Browser) -> None:
    routes = [route for route in browser.console.routes() if isinstance(route, Route)]
    changing = {
        (route.path, method) for route in routes for method in route.methods or () if method not in {"GET", "HEAD"}
    }
    assert changing == {("/console/session", "POST"), ("/console/leave", "POST")}
    assert len(routes) == 10


def test_refusals_are_in_both_languages(browser: Browser) -> None:
    english, chinese = (
        browser.client.get("/console/data/work.json", params={"lang": lang}).json()["error"]["message"]
        for lang in ("en", "zh")
    )
    assert english.startswith("You are not signed in")
    assert chinese.startswith("尚未登录")


def test_a_database_that_fails_is_a_clear_refusal(browser: Browser, place) -> None:
    browser.sign_in()
    with place.store.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE keys")
    with capture_logs() as logs:
        refused = browser.data("accounts")
    assert (refused.status_code, code(refused)) == (503, "DatabaseUnreadable")
    assert [one["event"] for one in logs] == ["console_unreadable"]
    assert browser.data("work").status_code == 200


def test_requests_and_codes_are_told(browser: Browser) -> None:
    browser.sign_in()
    trail = Trail("POST", code="InternalError")
    browser.recent.answered(trail)
    assert [one["id"] for one in browser.data("requests").json()["requests"]] == [trail.request_id]
    assert [(one["code"], one["requests"]) for one in browser.data("usage").json()["codes"]] == [("InternalError", 1)]
