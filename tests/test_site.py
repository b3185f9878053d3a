"""The documentation builds as a site: strictly, with every document in it, and nothing loaded from elsewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CONFIG = ROOT / "mkdocs.yml"
PARTS = ["Home", "Tutorial", "How-to", "Reference", "Explanation"]
SHOULD_LOAD = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=\"?(?:https?:)?//", re.IGNORECASE)


def pages(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for each in nav.values():
            yield from pages(each)
    elif isinstance(nav, list):
        for each in nav:
            yield from pages(each)


def built(docs: Path, site: Path) -> subprocess.CompletedProcess[str]:
    config = site.with_name("mkdocs.yml")
    text = CONFIG.read_text(encoding="utf-8").replace("docs_dir: docs", f"docs_dir: {docs}")
    config.write_text(text.replace("site_dir: build/site", f"site_dir: {site}").replace("tools/", f"{ROOT}/tools/"))
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config)]
    variables = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    done = built(DOCS, folder)
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


def test_every_document_has_its_place() -> None:
    nav = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["nav"]
    assert [title for part in nav for title in part] == PARTS
    placed = list(pages(nav))
    assert sorted(placed) == sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))


def test_the_site_builds_with_every_page(site: Path) -> None:
    for path in DOCS.rglob("*.md"):
        page = (site / path.relative_to(DOCS)).with_suffix(".html")
        assert "<h1" in page.read_text(encoding="utf-8"), page


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        found = SHOULD_LOAD.search(path.read_text(encoding="utf-8"))
        assert found is None, (path, found)
    for path in site.rglob("*.css"):
        assert not re.search(r"@import|url\([\"']?(?:https?:)?//", path.read_text(encoding="utf-8")), path


def test_a_wrong_link_ends_the_build(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in pages(yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["nav"]):
        (docs / name).write_text("# A page\n", encoding="utf-8")
    (docs / "wire.md").write_text("# A page\n\n[gone](review.md#nowhere)\n", encoding="utf-8")
    done = built(docs, tmp_path / "site")
    assert done.returncode != 0
    assert "#nowhere" in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see [the chart](../deploy) there", "see the chart there"),
        ("[a](../LICENSE) and [b](wire.md)", "a and [b](wire.md)"),
        ("![a picture](../figures/a.png)", "![a picture](../figures/a.png)"),
    ],
)
def test_links_to_what_is_not_on_the_site_become_text(text: str, shown: str) -> None:
    specification = importlib.util.spec_from_file_location("site_links", ROOT / "tools" / "site_links.py")
    assert specification is not None
    assert specification.loader is not None
    hook = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(hook)
    assert hook.on_page_markdown(text, page=None) == shown
