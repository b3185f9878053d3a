"""docs/metrics.md names every metric of a server, with its kind and its labels, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from fittingroom.pipeline import RenderedImage
from fittingroom.server.run import application
from fittingroom.server.services import local_services
from fittingroom.settings import Settings
from fittingroom.wire.metrics import SECONDS
from fittingroom.wire.trail import Trail

PAGE = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|(.*?)\| \S.* \|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, set[str]]]:
    """Name -> kind and labels."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def served(tmp_path: Path) -> dict[str, tuple[str, set[str]]]:
    """The same of a server that has refused one request."""
    services = local_services(Settings(data_dir=tmp_path))
    try:
        application(services.settings, services)
        services.metrics.answered(Trail("GET", code="InvalidAction", reason="no_such_action"))
        services.metrics.rendered(
            RenderedImage(b"", "", 1, 1, "", {"decode": 0.1}, 1.0, (), cache=(("person", "hit"),)), 0.0
        )
        text = services.metrics.text().decode()
    finally:
        services.database.close()
    found = {}
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        if not name.endswith("_created"):
            found[name] = (family.type, labels)
    return found


def test_the_page_names_every_metric_and_no_other(tmp_path: Path) -> None:
    assert documented() == served(tmp_path)


def test_the_page_names_the_buckets() -> None:
    assert ", ".join(f"{bound:g}" for bound in SECONDS) + "." in PAGE.read_text(encoding="utf-8")
