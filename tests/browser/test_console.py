"""The console in a real browser: signing in, what it shows after a request, Chinese, a phone, axe, a lost server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from picture_server import PictureServer
from pictures import encoded, figure, garment
from playwright.sync_api import Browser, Page
from running_server import FLAT, LOOPBACK, RunningServer, fittingroom, make_key, running

from fittingroom.client import ApiClient, CallRefused, Credential

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def key() -> list[Credential]:
    return []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, key: list[Credential]) -> Iterator[RunningServer]:
    """A server that has made one picture and refused one."""
    place = tmp_path_factory.mktemp("console") / "data"
    fittingroom("accounts", "create", "corner-shop", "--data-dir", place)
    key.append(make_key(place, "corner-shop"))
    reviewed = {"FITTINGROOM_MODERATION__ENABLED": "false"}
    with PictureServer() as origin, running(place, *FLAT, *LOOPBACK, variables=reviewed) as server:
        person, cloth = origin.publish("/me.png", encoded(figure())), origin.publish("/it.png", encoded(garment()))
        client = ApiClient(server.url, key[0])
        asked = {"ModelUrl": person, "ClothesUrl": cloth, "ClothesType": "Upper-body", "RspImgType": "url"}
        client.call("ChangeClothes", asked)
        with pytest.raises(CallRefused):
            client.call("ChangeClothes", {**asked, "ClothesType": "Hat"})
        yield server


def token_of(server: RunningServer) -> str:
    found = re.search(
        r"^console at (\S+)/console, token (\S+)$", server.output.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found
    assert found[1] == server.url
    return found[2]


def opened(browser: Browser, server: RunningServer, **options: object) -> tuple[Page, list[str]]:
    """The page, and the list that its errors and foreign requests go to."""
    page = browser.new_context(**options, reduced_motion="reduce").new_page()
    page.set_default_timeout(15_000)
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda asked: asked.url.startswith(server.url) or trouble.append(asked.url))
    page.goto(f"{server.url}/console")
    return page, trouble


def sign_in(page: Page, token: str) -> None:
    page.locator("#token").fill(token)
    page.keyboard.press("Enter")


def shown(page: Page) -> str:
    """All that is written on the page once each part has its data."""
    for part in (
        "#crew table",
        "#pictures svg",
        "#codes svg",
        "#seen table",
        "#standings table",
        "#keys table",
        "#facts h3",
    ):
        page.locator(part).first.wait_for()
    return page.locator("main").inner_text()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def test_signing_in_looking_and_signing_out(browser, server, key) -> None:
    page, trouble = opened(browser, server, viewport=DESKTOP, locale="en-GB", color_scheme="light")
    assert violations(page) == []
    sign_in(page, "not-the-token-of-today")
    page.get_by_text("This is not the token of this server").wait_for()
    assert page.locator("#board").is_hidden()
    sign_in(page, token_of(server))
    told = shown(page)
    for words in (
        "Taking work",
        "corner-shop",
        "InvalidParameterValue.",
        "choice_value",
        "paste",
        "SQLite",
        "Worker 0",
    ):
        assert words in told, words
    secret = key[0]
    for hidden in (secret.secret_key, secret.secret_id, "/me.png", "/it.png", "127.0.0.1"):
        assert hidden not in page.content(), hidden
    page.get_by_label("Show").select_option("InvalidParameterValue.ParameterValueError")
    assert page.locator("#seen tbody tr").count() == 1
    page.get_by_text("As a table").first.click()
    assert page.locator("#pictures details td.number").first.inner_text() == "1"
    assert violations(page) == []
    page.get_by_role("button", name="Sign out").click()
    page.locator("#sign-in").wait_for()
    assert "corner-shop" not in page.content()
    page.reload()
    page.locator("#sign-in").wait_for()
    assert trouble == []


def test_chinese_on_a_dark_phone(browser, server) -> None:
    page, trouble = opened(browser, server, viewport=PHONE, locale="zh-CN", color_scheme="dark")
    sign_in(page, token_of(server))
    told = shown(page)
    for words in ("控制台", "正在接受任务", "最近的请求", "免费"):
        assert words in told, words
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.reload()  # the session is kept
    assert "控制台" in shown(page)
    assert trouble == []


def test_a_lost_server_is_said_and_what_was_shown_stays(browser, server) -> None:
    page, trouble = opened(browser, server, viewport=DESKTOP, locale="en-GB")
    sign_in(page, token_of(server))
    shown(page)
    page.route("**/console/data/*", lambda route: route.abort())
    page.get_by_text("The server does not answer. Trying again.").wait_for()
    assert "corner-shop" in page.locator("main").inner_text()
    page.unroute("**/console/data/*")
    page.get_by_text("As of").wait_for()
    assert trouble == []
