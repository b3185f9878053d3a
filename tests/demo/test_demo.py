"""The whole demo with drawn photos and the flat engine: real server, real key, the official SDK."""

from __future__ import annotations

import re
from pathlib import Path

import pictures
import pytest
from PIL import Image

SUPPORT = Path(__file__).parents[1] / "support"


@pytest.fixture
def drawn(demo, samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The sample cases, drawn; the last one's garment makes the engine say that there is none."""
    folder = tmp_path / "drawn"
    folder.mkdir()
    names = ("figure", "shirt", "nothing")
    drawings = (pictures.figure(), pictures.garment(), pictures.garment(trick="no-garment"))
    for name, drawing in zip(names, drawings, strict=True):
        drawing.save(folder / f"{name}.png")
    figure, shirt, nothing = (folder / f"{name}.png" for name in names)
    cases = [samples.Case(figure, shirt, "Upper-body"), samples.Case(figure, nothing, "Dress")]
    monkeypatch.setattr(demo, "sample_cases", lambda: cases)
    monkeypatch.setenv("FITTINGROOM_ENGINE__NAME", "flat_engine:FlatEngine")
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT))
    return cases


def run(demo, monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    monkeypatch.setattr("sys.argv", ["demo.py", *map(str, words)])
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    return demo.main()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_dresses_everyone_and_tells_what_failed(demo, drawn, monkeypatch, capsys) -> None:
    assert run(demo, monkeypatch) == 1
    said = capsys.readouterr().out
    assert names(demo.OUT) == {
        "figure.png",
        "shirt.png",
        "nothing.png",
        "figure-shirt.jpg",
        "sheet.jpg",
    }
    with Image.open(demo.OUT / "figure-shirt.jpg") as result, Image.open(drawn[0].person) as person:
        assert (result.format, result.size) == ("JPEG", person.size)
    assert "1 of 2 pictures" in said
    assert "InvalidParameterValue" in said
    assert "No garment of type Dress" in demo.PAGE.read_text(encoding="utf-8")
    assert str(demo.PAGE) in said
    linked = set(re.findall(r'(?:src|href)="([^"]*)"', demo.PAGE.read_text(encoding="utf-8")))
    assert linked == {"out/figure.png", "out/shirt.png", "out/nothing.png", "out/figure-shirt.jpg"}
    assert all((demo.PAGE.parent / link).is_file() for link in linked)
    assert "HttpProfile(protocol=" in said


def test_own_photos_in_place_of_the_samples(demo, drawn, tmp_path: Path, monkeypatch, capsys) -> None:
    """Two of the same name do not overwrite each other."""
    pictures.figure((700, 900)).save(tmp_path / "photo.png")
    pictures.garment().save(tmp_path / "photo.bmp")
    monkeypatch.setattr(demo, "sample_cases", lambda: pytest.fail("no sample is needed"))
    words = ("--person", tmp_path / "photo.png", "--garment", tmp_path / "photo.bmp", "--type", "Dress")
    assert run(demo, monkeypatch, *words) == 0
    assert names(demo.OUT) == {"person.jpg", "garment.jpg", "person-garment.jpg", "sheet.jpg"}
    with Image.open(demo.OUT / "person-garment.jpg") as result, Image.open(demo.OUT / "garment.jpg") as garment:
        assert result.size == (700, 900)
        assert garment.size != (700, 900)
    assert "Dress" in capsys.readouterr().out


def test_own_photos_are_left_nowhere_but_in_the_results(demo, drawn, tmp_path: Path, monkeypatch) -> None:
    pictures.figure().save(tmp_path / "me.png")
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(passing))
    assert run(demo, monkeypatch, "--person", tmp_path / "me.png") == 1
    assert "person.jpg" in names(demo.OUT)
    assert not any(passing.glob("fittingroom-demo-*"))


def test_the_repository_ignores_and_cleans_what_a_run_leaves(demo) -> None:
    root = Path(demo.__file__).parents[1]
    ignored = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    cleaned = (root / "Makefile").read_text(encoding="utf-8").partition("\nclean:")[2].partition("\nclean-all:")[0]
    for left in ("demo/index.html", "demo/out"):
        assert left in {line.rstrip("/") for line in ignored}
        assert left in cleaned.split()


def test_one_own_photo_meets_the_samples(demo, drawn, tmp_path: Path, monkeypatch) -> None:
    pictures.figure().save(tmp_path / "me.png")
    asked: list = []
    for words in (
        ["--person", str(tmp_path / "me.png")],
        ["--garment", str(tmp_path / "me.png"), "--type", "Lower-body"],
    ):
        monkeypatch.setattr("sys.argv", ["demo.py", *words])
        asked += demo._cases(demo._arguments(), tmp_path)
    assert [(case.person.stem, case.garment.stem, case.clothes_type) for case in asked] == [
        ("person", "shirt", "Upper-body"),
        ("person", "nothing", "Dress"),
        ("figure", "garment", "Lower-body"),
    ]


@pytest.mark.parametrize("words", [["--type", "Dress"], ["--garment", "x.jpg", "--type", "Hat"]])
def test_wrong_arguments_are_usage_errors(demo, monkeypatch, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(demo, monkeypatch, *words)
    assert ended.value.code == 2


def test_a_missing_own_photo_is_one_line(demo, drawn, monkeypatch, capsys) -> None:
    assert run(demo, monkeypatch, "--person", "absent.jpg") == 1
    assert capsys.readouterr().err.startswith("demo: ")
