"""The page in a real browser: drawn in both languages, searched, walked through by keys, at desktop and phone size,
and without faults that axe finds."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.routing import Route

from fittingroom.actions.registry import ACTIONS
from fittingroom.errors.catalogue import CATALOGUE
from fittingroom.pages.developer import routes
from fittingroom.pages.static import StaticFolder
from fittingroom.server.pages import SHELL
from fittingroom.settings import Settings

SECONDS = 15


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    shell = Route("/shell/{name}", StaticFolder(SHELL).named)
    app = Starlette(routes=[*routes(Settings()), shell])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        deadline = time.monotonic() + SECONDS
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(SECONDS)


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Any]:
    """Opens the page in a context of its own; fails on any complaint of the browser, such as one of the CSP."""
    contexts, complaints = [], []

    def go(width: int = 1280, dark: bool = False, locale: str = "en-US") -> Page:
        size = {"width": width, "height": 900}
        looks = {"color_scheme": "dark" if dark else "light", "reduced_motion": "reduce", "locale": locale}
        contexts.append(browser.new_context(viewport=size, **looks))
        contexts[-1].set_default_timeout(SECONDS * 1000)
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/docs")
        page.wait_for_selector("#answered li")
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


def test_all_that_the_document_holds_is_drawn(opened: Any, address: str) -> None:
    page = opened()
    names = [name for named in ACTIONS.values() for name in named]
    assert page.locator("article h2").all_inner_texts() == names
    assert page.locator("#links a").count() == len(names) + 2
    assert page.locator(".error").count() == len(CATALOGUE)
    assert page.locator("#endpoint").inner_text() == address.removeprefix("http://")
    assert page.locator("#ChangeOutfit .inner dt code", has_text="RolledSleeves").is_visible()


def test_the_search_finds_by_code_and_by_words_in_both_languages(opened: Any) -> None:
    page = opened()
    page.fill("#search", "jobnumexceed")
    assert page.locator(".error:visible h3").all_inner_texts() == ["RequestLimitExceeded.JobNumExceed"]
    page.fill("#search", "签名")
    assert 0 < page.locator(".error").count() < 20
    page.fill("#search", "no such thing at all")
    assert page.locator(".error").count() == 0
    assert "no such thing at all" in page.locator("#found").inner_text()


def test_tabs_are_walked_by_keys_and_all_examples_follow(opened: Any) -> None:
    page = opened()
    page.focus("#ChangeClothes-python")
    for key, shown in (("ArrowRight", "node"), ("End", "curl"), ("ArrowRight", "python"), ("ArrowLeft", "curl")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == f"ChangeClothes-{shown}"
    assert "tc3_request" in page.locator("#GetCallerIdentity-code").inner_text()
    assert page.locator("[role=tab][tabindex='0']").count() == page.locator("article").count()


def test_copying_takes_the_very_program(opened: Any) -> None:
    page = opened()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#ChangeClothes .example > .button")
    page.wait_for_function("document.querySelector('#ChangeClothes .example > .button').textContent === 'Copied'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#ChangeClothes-code").text_content()
    assert "TENCENTCLOUD_SECRET_KEY" in copied


def test_the_language_is_switched_in_place(opened: Any) -> None:
    page = opened()
    page.click(".switches .button >> nth=0")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.locator("#errors h2").inner_text() == "错误码"
    assert "人物照片" in page.locator("#ChangeClothes").inner_text()
    assert page.locator(".error").count() == len(CATALOGUE)


@pytest.mark.parametrize(("width", "dark", "locale"), [(1280, False, "en-US"), (390, True, "zh-CN")])
def test_axe_finds_nothing(opened: Any, width: int, dark: bool, locale: str) -> None:
    page = opened(width, dark, locale)
    # Of what repeats, some is enough: axe takes its time for every line.
    page.evaluate("document.querySelectorAll('article:nth-of-type(n+2)').forEach((each) => each.remove())")
    page.fill("#search", "limit")
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_nothing_is_wider_than_the_screen(opened: Any) -> None:
    page = opened()
    for width in (320, 390, 768, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_contents_open_on_a_phone_and_close_after_a_choice(opened: Any) -> None:
    page = opened(390)
    assert not page.locator("#links").is_visible()
    page.click("#contents summary")
    page.click("#links a[href='#errors']")
    assert not page.locator("#links").is_visible()
    page.wait_for_function("Math.abs(document.querySelector('#errors').getBoundingClientRect().top) < 100")


def test_a_broken_document_is_told(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.route("**/openapi.json", lambda route: route.fulfill(status=503, body="busy"))
    page.goto(f"{address}/docs")
    page.wait_for_selector("#broken:visible")
    assert "HTTP 503" in page.locator("#broken").inner_text()
    page.close()
