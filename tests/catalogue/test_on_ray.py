"""The real command on a Ray of its own. Each test starts one, which takes many seconds; nothing less shows that works
reach actors and come back, and what the death of an actor costs."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import pictures
import pytest
from killed_batch import KilledBatch, draw_catalogue, write_manifest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs the extra ray")

WORDS = ["--workers", "1", "--ray-address", "local", "--no-sheets"]


def states(out: Path) -> dict[str, str]:
    with (out / "results.csv").open(newline="") as file:
        return {line["garment"]: line["code"] or line["status"] for line in csv.DictReader(file)}


def test_works_end_as_their_photos_ask_and_a_dead_actor_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    draw_catalogue(folder, 1, 2)
    for trick in ("no-garment", "crash"):
        pictures.garment(trick=trick).save(folder / f"{trick}.png")
    manifest = write_manifest(folder, ["p000.png"], ["g000.png", "no-garment.png", "crash.png", "g001.png"])
    batch = KilledBatch(manifest, tmp_path / "out", "counting_engine:CountingFlat", WORDS)
    code, out, err = batch.finish()
    assert code == 1, err
    assert out.endswith("4 rows: 2 done, 2 failed\n"), "Ray tells of the actor that died before"
    assert states(batch.out) == {
        "g000.png": "done",
        "no-garment.png": "InvalidParameterValue.ParameterValueError",
        "crash.png": "FailedOperation.RpcFail",
        "g001.png": "done",
    }
    assert len(batch.renders) == 2, "what had been handed in before the crash was not made again"


def test_an_engine_that_does_not_load_ends_the_batch(tmp_path: Path) -> None:
    batch = KilledBatch(draw_catalogue(tmp_path / "photos", 1, 2), tmp_path / "out", "none", WORDS)
    code, _, err = batch.finish()
    assert code == 1, err
    assert "the engine cannot be started on the Ray node" in err
    assert "there is no engine named 'none'" in err
    assert "Traceback" not in err
