"""`fittingroom batch` as people run it: what it prints, writes and answers, and that a kill costs nothing."""

from __future__ import annotations

import csv
import signal
import sys
import time
from pathlib import Path

import pytest
from killed_batch import KilledBatch, draw_catalogue, run_killed
from PIL import Image

ENGINE = "counting_engine:CountingFlat"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A manifest of two persons and two garments, and an engine that needs nothing."""
    monkeypatch.setenv("FITTINGROOM_TEST_RENDERS", str(tmp_path / "renders.txt"))
    return draw_catalogue(tmp_path / "photos", 2, 2)


@pytest.fixture
def dress(run, small, monkeypatch):
    """Run the command with the review off: it is tested elsewhere, and its network takes seconds to load."""
    monkeypatch.setenv("FITTINGROOM_MODERATION__ENABLED", "false")

    def command(*words, manifest=small):
        return run("batch", manifest, "--out", small.parents[1] / "out", "--engine", ENGINE, *words)

    return command


def table(out: Path) -> list[dict[str, str]]:
    with (out / "results.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_garment_on_every_person(dress, tmp_path: Path) -> None:
    done = dress()
    assert (done.code, done.out) == (0, "4 rows: 4 done, 0 failed\n")
    assert done.err.startswith("0/4, 0 failed\n")
    lines = table(tmp_path / "out")
    assert [line["status"] for line in lines] == ["done"] * 4
    for line in lines:
        with Image.open(tmp_path / "out" / line["file"]) as picture:
            assert picture.size == (600, 800)
            assert "AIGC" in str(picture.getexif().get_ifd(0x8769)) + str(picture.info.get("xmp", b""))
    assert (tmp_path / "out/sheets/00001.jpg").exists()
    again = dress()
    assert (again.code, again.out) == (0, "4 rows: 4 done, 0 failed\n")
    assert len((tmp_path / "renders.txt").read_text().splitlines()) == 4


def test_a_bad_row_fails_alone_and_says_where(dress, small: Path, tmp_path: Path) -> None:
    with small.open("a") as file:
        file.write("p000.png,none.png,Upper-body\r\np000.png,g000.png,Hat\r\n")
    done = dress("--no-sheets", "--no-mark")
    assert done.code == 1
    assert done.out == "6 rows: 4 done, 2 failed\n"
    assert "manifest.csv:6: the file of garment cannot be read: No such file or directory\n" in done.err
    assert "manifest.csv:7: type is one of Upper-body, Lower-body, Dress, not 'Hat'\n" in done.err
    assert "2 rows failed: results.csv says why." in done.err
    assert not (tmp_path / "out/sheets").exists()


def test_folders_are_crossed(run, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_MODERATION__ENABLED", "false")
    for side in "pg":
        (tmp_path / side).mkdir()
        for path in small.parent.glob(f"{side}*.png"):
            path.rename(tmp_path / side / path.name)
    words = ("--persons", tmp_path / "p", "--garments", tmp_path / "g", "--type", "Dress", "--no-sheets")
    done = run("batch", "--out", tmp_path / "out", "--engine", ENGINE, *words)
    assert (done.code, done.out) == (0, "4 rows: 4 done, 0 failed\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("none.csv", "--out", "out"), "none.csv: cannot be read: No such file"),
        (("--out", "out"), "give a manifest, or else --persons, --garments and --type together"),
        (("--out", "out", "--persons", "p", "--garments", "g"), "give a manifest, or else"),
        (("none.csv", "--out", "out", "--type", "Dress"), "give a manifest, or else"),
        (("MANIFEST", "--out", "gs://bucket/x"), "--out is a folder or s3://bucket/prefix"),
        (("MANIFEST", "--out", "out", "--ray-address", "ray://x:1"), "run the command on a node of the cluster"),
        (("MANIFEST", "--out", "out", "--workers", "0"), "dispatch.workers"),
    ],
)
def test_what_cannot_begin_is_two(run, small: Path, words: tuple[str, ...], told: str) -> None:
    done = run("batch", *(small if word == "MANIFEST" else word for word in words))
    assert done.code == 2
    assert told in done.err
    assert not Path("out").exists()


def test_ray_that_is_not_there_names_its_extra(run, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("ray", "fittingroom.catalogue.on_ray"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    done = run("batch", small, "--out", "out", "--ray-address", "local")
    assert (done.code, done.err) == (2, "--ray-address needs the package ray: pip install 'fittingroom[ray]'\n")


def test_an_engine_that_does_not_load_ends_with_one_line(run, small: Path, tmp_path: Path) -> None:
    done = run("batch", small, "--out", tmp_path / "out", "--engine", "none")
    assert done.code == 1
    assert "the engine cannot be started: RegistryError: there is no engine named 'none'" in done.err
    assert "the same command goes on from there" in done.err
    assert [line["status"] for line in table(tmp_path / "out")] == ["open"] * 4


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_cleanly(tmp_path: Path, number: signal.Signals, code: int) -> None:
    batch = KilledBatch(draw_catalogue(tmp_path / "photos", 5, 8), tmp_path / "out", ENGINE)
    process = batch.start()
    while not batch.journal():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "Stopping: the pictures at work are finished first" in err
    assert "the same command goes on from here" in err
    journal = batch.journal()
    assert len(journal) == len(batch.renders) < 40, "nothing that was made is lost"
    assert f"{len(journal)} done, 0 failed, {40 - len(journal)} not begun" in out
    assert sum(line["status"] == "open" for line in table(tmp_path / "out")) == 40 - len(journal)


def test_killed_twice_all_are_there_and_none_twice(tmp_path: Path) -> None:
    """The short form of bench/batch_killed.py: the command starts three times, each with its worker processes."""
    batch = KilledBatch(
        draw_catalogue(tmp_path / "photos", 5, 8), tmp_path / "out", ENGINE, ["--workers", "2", "--no-sheets"]
    )
    code, out, err = run_killed(batch, kills=2, seed=5)
    assert (code, out) == (0, "40 rows: 40 done, 0 failed\n"), err
    assert len(batch.kills) == 2
    journal = batch.journal()
    assert len(journal) == len({line["key"] for line in journal}) == 40
    assert len({path.name for path in (tmp_path / "out/pictures").glob("*.jpg")}) == 40
    assert len(set(batch.renders)) == 40
    assert batch.again == [], "made again although the journal had it"
    assert len(batch.renders) <= 40 + 2 * 2, "at most what two workers had in the air at two kills"


def test_the_engine_that_auto_stands_for_is_told_with_its_reason(run, small: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path / "no weights"))
    done = run("batch", small, "--out", tmp_path / "out")
    assert done.code == 1
    lines = done.err.splitlines()
    assert lines[0].startswith("engine drape: it needs no card; fashn: ")
    assert "fittingroom models pull" in done.err


def test_auto_on_a_ray_cluster_with_cards_must_be_named(run, small: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("FITTINGROOM_RAY__GPUS", "1")
    done = run("batch", small, "--out", tmp_path / "out", "--ray-address", "local")
    assert done.code == 2
    assert "name the engine, as with --engine fashn" in done.err
