"""The fitting room in a real browser, against a real server with the flat engine: the whole flow, as people use it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from pictures import encoded, figure, garment
from playwright.sync_api import Browser, Page, expect
from running_server import FLAT, RunningServer, assert_quiet, running

DESKTOP = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US"}
PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("room") / "data", *FLAT) as server:
        yield server
        assert_quiet(server)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Photos on the visitor's disk."""
    folder = tmp_path_factory.mktemp("photos")
    pictures = {
        "person": figure(),
        "large": figure((3200, 4200)),
        "small": figure((200, 300)),
        "garment": garment(),
        "slow": garment(trick="slow"),
        "no-person": garment(trick="no-person"),
    }
    for name, picture in pictures.items():
        (folder / f"{name}.png").write_bytes(encoded(picture))
    (folder / "text.png").write_text("no picture")
    return {path.stem: path for path in folder.iterdir()}


@contextlib.contextmanager
def opened(browser: Browser, server: RunningServer, **options: object) -> Iterator[Page]:
    """The page, ready; an error of its script or a file that is not there fails the test."""
    context = browser.new_context(**options, reduced_motion="reduce")  # axe takes a colour on its way for the colour
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("requestfailed", lambda one: faults.append(one.url) if one.url.endswith((".js", ".css")) else None)
    page.goto(f"{server.url}/room")
    page.wait_for_selector("html[data-ready]")
    yield page
    context.close()
    assert faults == []


def choose(page: Page, person: Path, cloth: Path, clothes_type: str = "Upper-body") -> None:
    """Two photos of the visitor's own, and the type, which the flat engine cannot tell."""
    page.set_input_files("#person .drop input", person)
    page.set_input_files("#garment .drop input", cloth)
    expect(page.locator("#go")).to_have_attribute("aria-disabled", "false")
    page.locator(f"#types [value={clothes_type}]").check()


def violations(page: Page) -> list[str]:
    """What axe finds, in the theme that is shown."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}" for one in found]


def test_from_two_photos_to_a_download_and_the_code(
    browser: Browser, server: RunningServer, files: dict[str, Path]
) -> None:
    with opened(browser, server, **DESKTOP) as page:
        expect(page.locator("#missing")).to_be_visible()
        choose(page, files["person"], files["garment"])
        page.get_by_role("button", name="Try it on").click()
        expect(page.locator(".hero.shown")).to_be_visible(timeout=20_000)
        expect(page.locator("#status")).to_contain_text("Done in")
        slider = page.get_by_role("slider")
        slider.focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        assert slider.input_value() == "10"
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()
        assert download.value.path().read_bytes().startswith(b"\xff\xd8\xff")
        page.get_by_role("button", name="Enlarge").click()
        expect(page.locator("#zoom-sheet")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Code").click()
        code = page.locator("#code-text")
        expect(code).to_contain_text("tencentcloud")
        expect(code).to_contain_text("Upper-body")
        page.get_by_role("tab", name="Python").press("ArrowRight")
        expect(page.get_by_role("tab", name="Node")).to_have_attribute("aria-selected", "true")
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#code-sheet")).to_be_hidden()
        page.get_by_role("button", name="Try it on").click()
        expect(page.locator("#looks li")).to_have_count(2, timeout=20_000)


def test_an_engine_that_cannot_tell_the_type_asks_for_it(
    browser: Browser, server: RunningServer, files: dict[str, Path]
) -> None:
    with opened(browser, server, **DESKTOP) as page:
        choose(page, files["person"], files["garment"], "Auto")
        page.locator("#go").click()
        expect(page.locator("#notes .note.bad")).to_contain_text("ClothesType", timeout=20_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_everybody_can_use_it(
    browser: Browser, server: RunningServer, files: dict[str, Path], options: dict[str, object], scheme: str
) -> None:
    with opened(browser, server, **options, color_scheme=scheme) as page:
        assert violations(page) == []
        choose(page, files["person"], files["garment"])
        page.locator("#go").click()
        expect(page.locator(".hero.shown")).to_be_visible(timeout=20_000)
        assert violations(page) == []
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"]  # type: ignore[index]


def test_chinese_and_back(browser: Browser, server: RunningServer) -> None:
    with opened(browser, server, **PHONE) as page:
        expect(page.locator("#go")).to_have_text("开始试穿")
        assert page.locator("html").get_attribute("lang") == "zh-CN"
        page.get_by_role("button", name="English").click()
        expect(page.locator("#go")).to_have_text("Try it on")
        page.reload()
        expect(page.locator("#go")).to_have_text("Try it on")


def test_every_text_is_there_in_both_languages(browser: Browser, server: RunningServer) -> None:
    with opened(browser, server, **DESKTOP) as page:
        keys = page.evaluate(
            "import('/room/static/texts.js').then(({TEXTS}) => Object.values(TEXTS).map((one) => Object.keys(one)))"
        )
    assert keys[0] == keys[1]
    assert len(keys[0]) > 40


@pytest.mark.parametrize(("name", "said"), [("small", "resolution"), ("text", "ImageDecode")])
def test_a_bad_photo_is_refused_with_what_to_do(
    browser: Browser, server: RunningServer, files: dict[str, Path], name: str, said: str
) -> None:
    with opened(browser, server, **DESKTOP) as page:
        page.set_input_files("#person .drop input", files[name])
        expect(page.locator("#person .note.bad")).to_contain_text(said)
        expect(page.locator("#go")).to_have_attribute("aria-disabled", "true")


def test_a_large_photo_is_made_smaller_before_it_is_sent(
    browser: Browser, server: RunningServer, files: dict[str, Path]
) -> None:
    with opened(browser, server, **DESKTOP) as page:
        with page.expect_response("**/room/photos?**") as answer:
            page.set_input_files("#person .drop input", files["large"])
        assert answer.value.json()["height"] == 2048


def test_a_failure_is_told_and_can_be_tried_again(
    browser: Browser, server: RunningServer, files: dict[str, Path]
) -> None:
    with opened(browser, server, **DESKTOP) as page:
        choose(page, files["person"], files["no-person"])
        page.locator("#go").click()
        note = page.locator("#notes .note.bad")
        expect(note).to_contain_text("No person was found", timeout=20_000)
        expect(note).to_contain_text("RequestId")
        expect(page.locator("#go")).to_have_text("Try again")
        choose(page, files["person"], files["garment"])
        page.locator("#go").click()
        expect(page.locator(".hero.shown")).to_be_visible(timeout=20_000)


def test_a_server_that_goes_away_during_a_look_is_told(
    browser: Browser, tmp_path: Path, files: dict[str, Path]
) -> None:
    with running(tmp_path / "data", *FLAT) as server, opened(browser, server, **DESKTOP) as page:
        choose(page, files["person"], files["slow"])
        page.locator("#go").click()
        expect(page.locator("#status")).to_contain_text("Dressing", timeout=20_000)
        server.process.kill()
        expect(page.locator("#notes .note.bad")).to_contain_text("The server does not answer")
        expect(page.locator("#go")).to_have_text("Try again")


def test_a_look_can_be_cancelled(browser: Browser, server: RunningServer, files: dict[str, Path]) -> None:
    with opened(browser, server, **DESKTOP) as page:
        choose(page, files["person"], files["slow"])
        page.locator("#go").click()
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#notes")).to_contain_text("Cancelled")
        expect(page.locator("#go")).to_have_attribute("aria-disabled", "false")


def test_a_visit_that_has_ended_is_opened_anew_unseen(
    browser: Browser, server: RunningServer, files: dict[str, Path]
) -> None:
    with opened(browser, server, **DESKTOP) as page:
        choose(page, files["person"], files["garment"])
        page.context.clear_cookies()
        page.locator("#go").click()
        expect(page.locator(".hero.shown")).to_be_visible(timeout=20_000)


def test_two_tabs_do_not_take_each_others_pictures(
    browser: Browser, server: RunningServer, files: dict[str, Path]
) -> None:
    with opened(browser, server, **DESKTOP) as page:
        choose(page, files["person"], files["slow"])
        page.locator("#go").click()
        other = page.context.new_page()
        other.goto(f"{server.url}/room")
        other.wait_for_selector("html[data-ready]")
        expect(page.locator(".hero.shown")).to_be_visible(timeout=20_000)


def test_nothing_is_kept_when_the_tab_has_closed(
    browser: Browser, server: RunningServer, files: dict[str, Path]
) -> None:
    with opened(browser, server, **DESKTOP) as page:
        choose(page, files["person"], files["garment"])
        with page.expect_request("**/room/looks?**") as asked:
            page.locator("#go").click()
        address = asked.value.post_data_json["ModelUrl"]  # type: ignore[index]
        expect(page.locator(".hero.shown")).to_be_visible(timeout=20_000)
        token = {"X-Room-Token": asked.value.headers["x-room-token"]}
        assert page.request.get(server.url + address, headers=token).status == 200
        page.goto("about:blank")
        for _ in range(50):
            if page.request.get(server.url + address, headers=token).status == 403:
                break
            page.wait_for_timeout(100)
        assert page.request.get(server.url + address, headers=token).status == 403
        stored = page.context.storage_state()
    assert "png" not in json.dumps(stored["origins"])
