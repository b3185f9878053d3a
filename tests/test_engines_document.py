"""docs/engines.md against the list of sets, the settings and the choice: what it says of them is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fittingroom.engines.choice import BETTER, FALLBACK
from fittingroom.models import WeightSet, all_sets
from fittingroom.setting_neural import NeuralSettings

TEXT = (Path(__file__).parents[1] / "docs" / "engines.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for line in TEXT.splitlines()
    if line.startswith("|") and (cells := [cell.strip() for cell in line.strip("|").split("|")])
}
COLUMNS = [name.strip("`") for name in ROWS[""]]


def cell(row: str, engine: str) -> str:
    return ROWS[row][COLUMNS.index(engine)]


@pytest.mark.parametrize("one", all_sets().values(), ids=all_sets())
def test_size_memory_seconds_and_licence_are_those_of_the_list(one: WeightSet) -> None:
    assert cell("download", one.name) == f"{one.download / 1e9:.1f} GB"
    assert cell("memory of the card", one.name) == ", ".join(f"{how} {value:g} GB" for how, value in one.memory.items())
    assert cell("seconds a picture", one.name) == ", ".join(f"{card} {value:g}" for card, value in one.seconds.items())
    assert cell("licence of the weights", one.name) == one.license
    assert f"* `{one.name}`: {one.basis}\n" in TEXT


def test_the_order_of_auto_is_that_of_the_choice() -> None:
    assert [cell("taken by `auto`", name) for name in BETTER] == ["first", "second"]
    assert cell("taken by `auto`", FALLBACK) == "where nothing better can run"
    assert cell("taken by `auto`", "qwen-edit").startswith("never")


def test_all_sets_are_pinned_as_it_says() -> None:
    assert "All five repositories are pinned" in TEXT
    assert [one.pinned for one in all_sets().values()] == [True] * 3
    assert sum(len(one.repositories) for one in all_sets().values()) == 5


def test_the_settings_it_names_exist() -> None:
    named = set(re.findall(r"`neural\.([a-z_]+)`", TEXT))
    assert {"quantize", "offload", "steps"} <= named <= set(NeuralSettings.model_fields)
