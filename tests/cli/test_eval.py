"""`fittingroom eval`: its arguments, its exit codes, and that it says what is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fittingroom.cli import eval as cli
from fittingroom.evaluation.drawing import GARMENTS, PERSONS
from fittingroom.evaluation.photos import Photos, write_rgb

FAULT = {"number": "a", "clothes_type": "Dress", "split": "final", "engine": "e", "error": "E: e", "crash": "trace"}


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.app(list(words))
    return int(ended.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Enough blank photos for a draw."""
    root = tmp_path / "photos"
    for places in (*PERSONS.values(), *GARMENTS.values()):
        for place in places:
            (root / place).mkdir(parents=True, exist_ok=True)
            for number in range(16):
                write_rgb(root / place / f"{number:05d}_00.png", np.full((6, 5, 3), 90, np.uint8))
    return root


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list:
    """The pairs that a draw was asked to dress; no engine runs."""
    seen: list = []

    def dress(pairs, photos, store, engine, live, *, again, stamp, say):
        seen.extend(pairs)
        known = {"crash": None, "error": None, "warnings": [], "engine": stamp}
        return [{"number": p.number, "clothes_type": p.clothes_type, "split": p.split, **known} for p in pairs]

    monkeypatch.setattr(cli.draws, "run", dress)
    monkeypatch.setattr(cli.draws, "write_pages", lambda *rest: [Path("page-01.png")])
    monkeypatch.setattr(cli.draws, "figures", lambda rows: f"{len(rows)} rows")
    return seen


def test_a_draw_takes_the_tuning_half_unless_told_otherwise(folder: Path, tmp_path: Path, asked, capsys) -> None:
    place = ("--photos", str(folder), "--out", str(tmp_path / "out"))
    assert run("draw", *place) == 0
    assert {pair.split for pair in asked} == {"tuning"}
    assert len(asked) == 75
    assert capsys.readouterr().out.splitlines() == ["page-01.png", "75 rows"]
    assert len((tmp_path / "out" / cli.BLANK).read_text().splitlines()) == 76
    asked.clear()
    assert run("draw", *place, "--split", "all", "--type", "Dress", "--limit", "4") == 0
    assert [pair.number for pair in asked] == ["dress-tuning-01", "dress-final-01", "dress-tuning-02", "dress-final-02"]
    asked.clear()
    assert run("draw", *place, "--only", "lower-final-03") == 0
    assert [pair.number for pair in asked] == ["lower-final-03"]


def test_a_fault_of_the_engine_fails_the_command(
    folder: Path, tmp_path: Path, asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.draws, "run", lambda *rest, **more: [FAULT])
    assert run("draw", "--photos", str(folder), "--out", str(tmp_path / "out")) == 1


def test_what_is_missing_is_one_line(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FITTINGROOM_PHOTOS", raising=False)
    assert run("draw", "--out", str(tmp_path)) == 1
    assert "FITTINGROOM_PHOTOS" in capsys.readouterr().err
    assert run("parsing", "--photos", str(tmp_path / "none")) == 1
    assert "--photos" in capsys.readouterr().err
    assert run("verdicts", "--labels", str(tmp_path)) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_missing_weight_is_one_line(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path))
    assert run("pairs", "--photos", str(tmp_path)) == 1
    assert "fittingroom models pull lpips_alexnet" in capsys.readouterr().err


def test_pairs_keep_rows_and_say_figures(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"vitonhd_{number:05d}_00.png" for number in range(12)]
    monkeypatch.setattr(cli.Lpips, "load", classmethod(lambda cls: None))
    monkeypatch.setattr(Photos, "names", lambda self, place: [f"{place}/{name}" for name in names])
    chosen: list = []

    def measure(photos, plan, *rest):
        chosen.extend(plan)
        return iter([{"name": name, "split": "final", "error": "no"} for name, _ in plan])

    monkeypatch.setattr(cli.pairs, "run", measure)
    out = tmp_path / "out"
    assert run("pairs", "--photos", str(tmp_path), "--split", "final", "--limit", "3", "--out", str(out)) == 0
    assert len(chosen) == 3
    assert {cli.split(name).value for name, _ in chosen} == {"final"}
    rows = [json.loads(line) for line in (out / "pairs.jsonl").read_text().splitlines()]
    assert [row["name"] for row in rows] == [name for name, _ in chosen]
    assert "final direct_ssim" in capsys.readouterr().out


def test_landmarks_take_one_type_and_half(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"garments/clean_lower/{number}.png" for number in range(10)]
    labels = [{"photo": n, "type": t, "cut": "skirt", "marks": {}} for n in names for t in ("Lower-body", "Dress")]
    (tmp_path / "l.json").write_text(json.dumps(labels))
    seen: list = []
    monkeypatch.setattr(cli.Bench, "nets", None)
    monkeypatch.setattr(cli.landmarks, "run", lambda photos, wanted, nets: seen.extend(wanted) or [])
    words = ("--photos", str(tmp_path), "--labels", str(tmp_path), "--type", "Dress", "--out", str(tmp_path))
    assert run("landmarks", *words) == 0
    assert {label["type"] for label in seen} == {"Dress"}
    assert {cli.split(label["photo"]).value for label in seen} == {"tuning"}
    assert (tmp_path / "landmarks.jsonl").read_text() == ""


def test_parsing_says_where_its_seconds_come_from(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    class Counted:
        @staticmethod
        def iou() -> dict:
            return {"upper": 0.5, "dress": None}

    monkeypatch.setattr(Photos, "names", lambda self, place: [f"{place}/{number:04d}.jpg" for number in range(9)])
    monkeypatch.setattr(cli.parsing, "compare", lambda photos, names, nets: (Counted, [1.0, 3.0]))
    assert run("parsing", "--photos", str(tmp_path), "--cache", str(tmp_path / "c"), "--limit", "2") == 0
    out = capsys.readouterr().out
    assert "IoU on 2 photos" in out
    assert "2.00 (answers from the cache)" in out


def test_verdicts_are_summed_up(tmp_path: Path, capsys) -> None:
    heading = "number\ttype\tsplit\tverdict\tflagged\treason\tjudge\tround\tengine\tdate\n"
    line = "upper-final-01\tUpper-body\tfinal\tgood\tno\t\ta\t1\tc0ffee\t2026-11-22\n"
    (tmp_path / "r.tsv").write_text(heading + line)
    assert run("verdicts", "--labels", str(tmp_path)) == 0
    assert "100 %" in capsys.readouterr().out


@pytest.mark.parametrize("module", ["fittingroom.server.run", "fittingroom.cli.serve", "fittingroom.cli.try_on"])
def test_nothing_else_imports_the_evaluation(module: str) -> None:
    program = f"import sys, {module}; print([n for n in sys.modules if n.startswith('fittingroom.evaluation')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
