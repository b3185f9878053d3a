"""Screenshots of every page in both sizes, languages and themes, to be looked at, and the README's of the room:

    python tools/screenshots.py FOLDER
    python tools/screenshots.py --room docs/assets/room.jpg

A server of its own with the engine `drape`, the sample people, and Chromium without a window. The folder holds pictures
of nobody. Invariant: an error of a page's script ends the run, so a picture is one of a page that works.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from running_server import RunningServer, fittingroom, make_key, running  # noqa: E402

DESKTOP: dict[str, object] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, object] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SIZES = {"desktop": DESKTOP, "phone": PHONE | {"device_scale_factor": 2}}
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}
PATIENCE, SETTLED = 120_000, 700  # ms


class Shot(Protocol):
    """Takes a picture of what is shown now, or of the whole page."""

    def __call__(self, part: str, *, full: bool = False) -> None: ...


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--room", type=Path, help="where the README's picture of the room goes")
    asked = parser.parse_args()
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        data = Path(place) / "data"
        fittingroom("accounts", "create", "corner-shop", "--data-dir", data)
        make_key(data, "corner-shop")
        variables = {"FITTINGROOM_ENGINE__NAME": "drape", "FITTINGROOM_PAGES__CONSOLE_TOKEN": "a token of sixteen"}
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with running(data, variables=variables) as server:
            if asked.room:
                readme(browser, server, asked.room)
            for name, options in visitors() if asked.folder else ():
                take(browser, server, asked.folder, name, options)
        browser.close()


def visitors() -> Iterator[tuple[str, dict[str, object]]]:
    """Everybody who looks: a name for the files, and the browser's options."""
    for size, device in SIZES.items():
        for language, locale in LANGUAGES.items():
            for theme in ("light", "dark") if language == "en" else ("light",):
                yield f"{size}-{language}-{theme}", device | {"locale": locale, "color_scheme": theme}


def readme(browser: Browser, server: RunningServer, place: Path) -> None:
    """The room with a dressed person, half before and half after."""
    page = browser.new_context(viewport={"width": 1280, "height": 840}, locale="en-US").new_page()
    page.set_default_timeout(PATIENCE)
    dressed(page, server, "mei", "dress-flowers")
    slider = page.get_by_role("slider")
    slider.fill("50")
    slider.dispatch_event("input")
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=place, type="jpeg", quality=86)


def take(browser: Browser, server: RunningServer, folder: Path, name: str, options: dict[str, object]) -> None:
    """All pages as one visitor sees them."""
    context = browser.new_context(**options)
    page, faults = context.new_page(), []
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: faults.append(str(error)))

    def shot(part: str, *, full: bool = False) -> None:
        page.screenshot(path=folder / f"{part}-{name}.png", full_page=full)
        print(f"{part}-{name}.png", flush=True)

    room(page, server, shot)
    page.goto(f"{server.url}/docs")
    page.wait_for_load_state("networkidle")
    shot("docs")
    console(page, server, shot)
    context.close()
    if faults:
        raise SystemExit(f"{name}: {faults}")


def room(page: Page, server: RunningServer, shot: Shot) -> None:
    """Empty, dressed, and the code."""
    page.goto(f"{server.url}/room")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_load_state("networkidle")
    shot("room-empty", full=True)
    dressed(page, server, "anna", "tee-red")
    shot("room-dressed", full=True)
    page.locator("#code").click()
    page.wait_for_selector("#code-sheet[open]")
    page.wait_for_timeout(SETTLED)
    shot("room-code")


def dressed(page: Page, server: RunningServer, person: str, garment: str) -> None:
    """Open the room and dress a sample person."""
    page.goto(f"{server.url}/room")
    page.wait_for_selector("html[data-ready]")
    page.locator(f"#person .shelf button[data-sample={person}]").click()
    page.locator(f"#garment .shelf button[data-sample={garment}]").click()
    page.locator("#go").click()
    page.wait_for_selector(".hero.shown")
    page.wait_for_timeout(SETTLED)


def console(page: Page, server: RunningServer, shot: Shot) -> None:
    """The sign-in and the whole console."""
    page.goto(f"{server.url}/console")
    page.wait_for_load_state("networkidle")
    shot("console-door")
    page.locator("input[type=password]").fill("a token of sixteen")
    page.keyboard.press("Enter")
    page.wait_for_timeout(2500)
    assert urlsplit(page.url).path == "/console"
    shot("console", full=True)


if __name__ == "__main__":
    main()
