"""A batch of 500 pairs killed three times and taken up again: how many results, and was anything made twice?

    .venv/bin/python bench/batch_killed.py                       # local workers, the flat engine of the tests
    .venv/bin/python bench/batch_killed.py --ray-address local   # on a Ray cluster of its own
    .venv/bin/python bench/batch_killed.py --engine drape --persons 4 --garments 5

The real command is killed by SIGKILL, the whole process group, at random moments. The engine writes a line for each
picture it makes: what had a line in the journal at a kill must never be made again; what was in the air then is.
Exit code 1 where a result is missing, twice, or made again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))

from killed_batch import KilledBatch, draw_catalogue, run_killed

ENGINES = {"flat": "counting_engine:CountingFlat", "drape": "counting_engine:CountingDrape"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=20)
    parser.add_argument("--garments", type=int, default=25)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", choices=tuple(ENGINES), default="flat")
    parser.add_argument("--ray-address")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    words = ["--workers", str(given.workers)] + (["--ray-address", given.ray_address] if given.ray_address else [])
    with tempfile.TemporaryDirectory() as folder:
        manifest = draw_catalogue(Path(folder) / "photos", given.persons, given.garments, real=given.engine == "drape")
        batch = KilledBatch(manifest, Path(folder) / "out", ENGINES[given.engine], words)
        started = time.monotonic()
        code, out, err = run_killed(batch, given.kills, given.seed)
        return report(batch, given, code, f"{out}{err}", time.monotonic() - started)


def report(batch: KilledBatch, given: argparse.Namespace, code: int, told: str, seconds: float) -> int:
    pairs, journal = len(batch.rows), batch.journal()
    files = {path.name for path in (batch.out / "pictures").iterdir() if path.suffix == ".jpg"}
    done = [line for line in journal if line["status"] == "done"]
    renders = batch.renders
    where = f"Ray {given.ray_address}" if given.ray_address else "local"
    print(
        f"{pairs} pairs, {given.workers} workers ({where}), engine {given.engine}, seed {given.seed}, {seconds:.0f} s"
    )
    for number, kill in enumerate(batch.kills, 1):
        print(f"kill {number}: {kill}")
    print(f"results: {len(files)}; journal: {len(journal)} lines, {len({line['key'] for line in journal})} works, ")
    print(f"made by the engine: {len(renders)}, of them {len(renders) - len(set(renders))} again, in the air at a kill")
    print(f"made again although the journal had it: {len(batch.again)}; exit code of the last run: {code}")
    whole = len(files) == len(done) == len({line["key"] for line in done}) == len(set(renders)) == pairs
    if not whole or batch.again or code != 0:
        print(told, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
