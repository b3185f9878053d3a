"""The fit of the confidence model: it finds the risks that matter, and only those, from files as the bench writes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
HEADING = "number\ttype\tsplit\tverdict\tflagged\treason\tjudge\tround\tengine\tdate"


@pytest.fixture(scope="module")
def fit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("confidence_fit", ROOT / "training" / "confidence" / "fit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROUNDS = 150
    return module


@pytest.fixture
def judged(tmp_path: Path) -> tuple[Path, Path]:
    """60 pictures of 10 persons and 12 garments, broken where much was removed; one row was refused."""
    rng = np.random.default_rng(3)
    verdicts, results = tmp_path / "verdicts.tsv", tmp_path / "results.jsonl"
    lines, rows = [HEADING], []
    for k in range(60):
        removed, other = rng.random(2)
        verdict = "broken" if removed + 0.2 * rng.standard_normal() > 0.5 else "flawed"
        lines.append(f"p-{k}\tDress\ttuning\t{verdict}\tno\tx\ta\t1\tabc\t2026-11-22")
        rows.append(
            {
                "number": f"p-{k}",
                "person": f"p{k % 10}",
                "garment": f"g{k % 12}",
                "signals": {"removed_share": removed, "kept_object": other},
            }
        )
    rows.append({"number": "p-60", "person": "p", "garment": "g", "signals": None, "error": "refused"})
    lines.append("p-60\tDress\ttuning\tbroken\trefused\trefused\ta\t1\tabc\t2026-11-22")
    verdicts.write_text("\n".join(lines) + "\n", encoding="utf-8")
    results.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return verdicts, results


def test_the_risk_that_matters_weighs_and_the_model_repeats(
    fit: ModuleType, judged: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    for out in (one, two):
        fit.main(*judged, out)
    assert one.read_bytes() == two.read_bytes()
    model = json.loads(one.read_text(encoding="utf-8"))
    weights = {name: weight for name, (weight, _) in model["terms"].items()}
    assert weights["removed_share"] > 1.0
    assert weights.get("kept_object", 0.0) < 0.3 * weights["removed_share"]
    assert min(weights.values()) > 0
    assert "60 pictures" in capsys.readouterr().out


def test_separation_is_the_share_of_pairs_in_the_right_order(fit: ModuleType) -> None:
    broken = np.array([1.0, 1.0, 0.0, 0.0])
    assert fit.separation(np.array([4.0, 3.0, 2.0, 1.0]), broken) == 1.0
    assert fit.separation(np.array([1.0, 1.0, 1.0, 1.0]), broken) == 0.5
    assert fit.separation(np.array([2.0, 1.0, 4.0, 0.5]), broken) == 0.5


def test_a_picture_is_never_judged_by_its_own_person_or_garment(fit: ModuleType) -> None:
    x = np.array([[1.0], [1.0], [0.0], [0.0]])
    keys = [("a", "g"), ("a", "h"), ("b", "i"), ("c", "g")]
    odds = fit.left_out(x, np.array([1.0, 1.0, 0.0, 0.0]), keys, 0.3)
    # The first shares its person with the second and its garment with the last: only the third is left, not broken.
    assert odds[0] < 0
