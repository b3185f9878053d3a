"""`fittingroom eval DIR`: its files and exit codes, by the flat engine on drawn pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pictures import figure, garment

from fittingroom.cli import eval as cli
from fittingroom.evaluation.own.measuring import Rulers
from fittingroom.models import MissingWeight

FLAT = "flat_engine:FlatEngine"


def lacking(name: str) -> Path:
    raise MissingWeight(f"{name} is missing: fittingroom models pull {name}")


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.app(list(words))
    return int(ended.value.code or 0)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("fittingroom.cli.eval_own.Rulers", lambda: Rulers(lacking))
    monkeypatch.setattr("fittingroom.api.load_reviewer", lambda settings: None)
    for kind, picture in (("person", figure), ("garment", garment)):
        folder = tmp_path / "shop" / "Dress" / kind
        folder.mkdir(parents=True)
        for name in ("a", "b"):
            picture((120, 160)).save(folder / f"{name}.png")
    return tmp_path / "shop"


def test_a_report_is_written_and_the_run_goes_on_where_it_was(shop: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    words = (str(shop), "--out", str(out), "--engine", FLAT)
    assert run(*words, "--limit", "1") == 0
    assert {path.name for path in out.iterdir()} == {
        *("outcomes.jsonl", "report.html", "results", "results.csv", "results.json")
    }
    capsys.readouterr()
    assert run(*words) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1].split(":")[0] for line in said if line.startswith("flat")] == ["Dress-b"]
    assert len(json.loads((out / "results.json").read_text())["outcomes"]) == 2


def test_a_bad_pair_or_engine_ends_with_1_after_all_else_was_done(shop: Path, tmp_path: Path, capsys) -> None:
    (shop / "Dress" / "garment" / "b.png").unlink()
    out = tmp_path / "out"
    assert run(str(shop), "--out", str(out), "--engine", FLAT) == 1
    assert "Dress-b" in capsys.readouterr().err
    told = json.loads((out / "results.json").read_text())
    assert [one["where"] for one in told["bad_pairs"]] == ["Dress-b"]
    assert [one["pair"] for one in told["outcomes"]] == ["Dress-a"]


@pytest.mark.parametrize("words", [("--limit", "0"), ("--limit", "-1"), ("--shown", "-1")])
def test_counts_that_are_none_are_refused_before_the_work(
    shop: Path, tmp_path: Path, words: tuple[str, str], capsys
) -> None:
    assert run(str(shop), "--out", str(tmp_path / "out"), "--engine", FLAT, *words) == 2
    assert words[0] in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_pairs_it_does_not_begin(tmp_path: Path, capsys) -> None:
    assert run(str(tmp_path), "--out", str(tmp_path / "out")) == 2
    assert "no pair" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
