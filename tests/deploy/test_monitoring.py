"""Dashboard and alerts: promtool's word, each alert silent and firing, only metrics that the server has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from deploy_tools import DEPLOY, ROOT, output_of, tool

from fittingroom.errors.catalogue import CATALOGUE

ALERTS = DEPLOY / "monitoring" / "alerts.yml"
DASHBOARD = DEPLOY / "monitoring" / "dashboard.json"
CASES = Path(__file__).with_name("alerts_test.yml")
REMEDY = "apt install prometheus"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|(.*?)\|", re.MULTILINE)


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return group["rules"]


def targets() -> list[str]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def exposed() -> dict[str, set[str]]:
    """Series -> labels, of docs/metrics.md, which tests/server/test_metrics_document.py holds to the server."""
    found = {}
    for name, kind, labels in ROW.findall((ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")):
        own = set(re.findall(r"`(\w+)`", labels))
        if kind == "histogram":
            found |= {f"{name}_bucket": own | {"le"}, f"{name}_sum": own, f"{name}_count": own}
        else:
            found[name] = own
    return found


@pytest.mark.parametrize("expression", [*targets(), *(rule["expr"] for rule in rules())])
def test_every_metric_label_and_code_is_the_servers(expression: str) -> None:
    series = exposed()
    named = re.findall(r"\b((?:fittingroom|process)_\w+)(?:\{([^}]*)\})?", expression)
    assert named or 'up{job="fittingroom"}' in expression
    for name, matchers in named:
        assert name in series
        labels = set(re.findall(r"(\w+)(?==|!=)", matchers))
        assert labels <= series[name] | {"job", "instance"}, expression
    for codes in re.findall(r'code=~?"([^"]+)"', expression):
        assert set(codes.split("|")) <= {*CATALOGUE, "OK"}


def test_promtool_understands_the_alerts() -> None:
    code, said = output_of(tool("promtool", REMEDY), "check", "rules", ALERTS)
    assert code == 0, said
    assert f"{len(rules())} rules found" in said


def test_each_alert_is_silent_when_all_is_well_and_fires_when_it_is_not(tmp_path: Path) -> None:
    text = CASES.read_text(encoding="utf-8")
    for rule in rules():
        assert f'alertname="{rule["alert"]}"' in text
    cases = tmp_path / "cases.yml"
    cases.write_text(text.replace("[ALERTS]", f"[{ALERTS}]"), encoding="utf-8")
    code, said = output_of(tool("promtool", REMEDY), "test", "rules", cases)
    assert code == 0, said


def test_operations_tell_what_to_do_of_each_alert() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for rule in rules():
        assert f"| `{rule['alert']}` |" in page


def test_the_dashboard_says_what_grafana_needs() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    assert dashboard["uid"] == "fittingroom"
    assert dashboard["id"] is None if "id" in dashboard else True
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
