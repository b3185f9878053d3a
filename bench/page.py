"""What the pages cost a visitor: bytes on the wire, first paint and layout shift in Chromium, beside a bare answer.

Every run opens the page in a fresh browser context (nothing cached) and reads the browser's own performance entries:
first contentful paint, largest contentful paint, cumulative layout shift (the web-vitals definitions), and the bytes of
each response by the DevTools protocol. `/livez` is the yardstick of the same run: what opening anything costs here.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from machine import describe
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from running_server import FLAT, running

PAGES = ("/livez", "/room", "/docs", "/console")
PICTURES = ("image/jpeg", "image/png")
DEVICES = {
    "desktop": ({"viewport": {"width": 1440, "height": 900}}, 1),
    "phone, processor 4 times slower": (
        {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True},
        4,
    ),
}
WATCH = """
window.vitals = { lcp: 0, cls: 0 };
new PerformanceObserver((list) => { for (const one of list.getEntries()) vitals.lcp = one.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) vitals.cls += one.value;
})
  .observe({ type: "layout-shift", buffered: true });
"""
READ = """() => ({ ...window.vitals,
  fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0 })"""


@dataclass(frozen=True)
class Opening:
    """One opening of a page: ms, layout shift, kB as sent (compressed, with headers)."""

    fcp: float
    lcp: float
    cls: float
    own: float
    pictures: float


def opened(browser: Browser, url: str, options: dict, slower: int) -> Opening:
    """Open a page once, as somebody who was never here."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.add_init_script(WATCH)
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    tools.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["response"]["mimeType"]}))
    tools.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    vitals = page.evaluate(READ)
    context.close()
    pictures = sum(size for id_, size in sizes.items() if kinds.get(id_) in PICTURES)
    return Opening(
        vitals["fcp"], vitals["lcp"], vitals["cls"], (sum(sizes.values()) - pictures) / 1000, pictures / 1000
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    print(f"{describe()}\n")
    print("| device | page | first paint ms | ratio | largest ms | layout shift | kB | kB of pictures, besides |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with running(Path(place) / "data", *FLAT) as server:
            for device, (options, slower) in DEVICES.items():
                seen: dict[str, list[Opening]] = {page: [] for page in PAGES}
                for page in PAGES:
                    opened(browser, f"{server.url}{page}", options, slower)  # the first only warms up
                for _ in range(rounds):
                    for page in PAGES:
                        seen[page].append(opened(browser, f"{server.url}{page}", options, slower))
                yardstick = statistics.median(one.fcp for one in seen["/livez"])
                for page, runs in seen.items():
                    print(row(device, page, runs, yardstick), flush=True)
        browser.close()


def row(device: str, page: str, runs: list[Opening], yardstick: float) -> str:
    """Return the medians of a page as a line of the table."""
    middle = {name: statistics.median(getattr(one, name) for one in runs) for name in Opening.__dataclass_fields__}
    figures = f"{middle['fcp']:.0f} | {middle['fcp'] / yardstick:.2f} | {middle['lcp']:.0f} | {middle['cls']:.3f}"
    return f"| {device} | `{page}` | {figures} | {middle['own']:.1f} | {middle['pictures']:.1f} |"


if __name__ == "__main__":
    main()
