"""A catalogue, the real command `fittingroom batch` on it, kills of its whole process group, and what came of it all.

Used by tests/catalogue and by bench/batch_killed.py. Invariant: kills come at random moments after the first picture,
and what had a line in the journal at a kill is remembered, to be compared with what the engine made afterwards.
"""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pictures
from counting_engine import RENDERS, digest
from PIL import Image

from fittingroom.images.decode import decode
from fittingroom.images.limits import PictureLimits

Pair = tuple[str, str]


def draw_catalogue(folder: Path, persons: int, garments: int, *, real: bool = False) -> Path:
    """Drawn photos, each with its own mark, and a manifest of every garment on every person. real: of a kind that
    `drape` dresses, persons being the portrait that scikit-image brings."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, count in (("p", persons), ("g", garments)):
        for number in range(count):
            picture = _real(name) if real else pictures.figure() if name == "p" else pictures.garment()
            colour = (number * 9 % 256, 60, 200)
            picture.paste(Image.new("RGB", (24, 24), colour), (picture.width - 24, picture.height - 24))
            picture.save(folder / f"{name}{number:03}.png")
    return write_manifest(folder, [f"p{n:03}.png" for n in range(persons)], [f"g{n:03}.png" for n in range(garments)])


def _real(name: str) -> Image.Image:
    if name == "g":
        return pictures.shirt()
    from skimage import data

    return Image.fromarray(data.astronaut()).crop((64, 0, 448, 512)).resize((768, 1024), Image.Resampling.LANCZOS)


def write_manifest(folder: Path, persons: list[str], garments: list[str]) -> Path:
    manifest = folder / "manifest.csv"
    with manifest.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["person", "garment", "type"])
        writer.writerows([person, garment, "Upper-body"] for person in persons for garment in garments)
    return manifest


@dataclass
class KilledBatch:
    """words: further arguments of the command."""

    manifest: Path
    out: Path
    engine: str
    words: list[str] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)
    again: list[Pair] = field(default_factory=list)

    @property
    def rows(self) -> list[dict[str, str]]:
        with self.manifest.open(newline="") as file:
            return list(csv.DictReader(file))

    @property
    def renders(self) -> list[Pair]:
        path = self.out.with_name("renders.txt")
        return [tuple(line.split()) for line in path.read_text().splitlines()] if path.exists() else []

    def journal(self) -> list[dict[str, object]]:
        """Whole lines."""
        path = self.out / "journal.jsonl"
        content = path.read_bytes() if path.exists() else b""
        return [json.loads(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "fittingroom.cli.main", "batch", str(self.manifest), "--out", str(self.out)]
        command += ["--engine", self.engine, *self.words]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FITTINGROOM_")}
        if "FITTINGROOM_MODELS_DIR" in os.environ:
            environment["FITTINGROOM_MODELS_DIR"] = os.environ["FITTINGROOM_MODELS_DIR"]
        environment[RENDERS] = str(self.out.with_name("renders.txt"))
        environment["FITTINGROOM_MODERATION__ENABLED"] = "false"
        environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), environment.get("PYTHONPATH", "")])
        return subprocess.Popen(
            command, env=environment, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def kill_once(self, at: int, chance: random.Random) -> None:
        """Start, and kill the whole group once the journal has `at` lines and a little later."""
        process = self.start()
        while len(self.journal()) < at and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.1))
        if process.poll() is not None:
            raise RuntimeError(f"the batch ended before it was killed: {process.communicate()}")
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        time.sleep(0.5)  # orphaned workers look for their parent between stages
        noted = {str(line["file"]) for line in self.journal()}
        pairs = self._pairs()
        before = Counter(self.renders)
        self._noted = {pair: before[pair] for file, pair in pairs.items() if file in noted}
        self.kills.append(f"{len(noted)} of {len(self.rows)} in the journal, {len(self.renders)} made by the engine")

    def finish(self) -> tuple[int, str, str]:
        """Start and let it end; its exit code, stdout and stderr."""
        process = self.start()
        out, err = process.communicate(timeout=3600)
        return process.returncode, out, err

    def check_noted(self) -> None:
        """Remember what was made again although the journal had it at the last kill."""
        now = Counter(self.renders)
        self.again += [pair for pair, count in self._noted.items() if now[pair] != count]

    def _pairs(self) -> dict[str, Pair]:
        """Result file -> pair, by the names of the photos."""
        folder = self.manifest.parent
        seen: dict[str, str] = {}

        def of(name: str) -> str:
            if name not in seen:
                limits = PictureLimits(over=0, under=10_000)
                seen[name] = digest(decode((folder / name).read_bytes(), parameter="x", limits=limits))
            return seen[name]

        by_stems = {(Path(row["person"]).stem, Path(row["garment"]).stem): row for row in self.rows}
        found = {}
        for line in self.journal():
            person, _, rest = str(line["file"]).partition("--")
            row = by_stems[person, rest.rpartition("-")[0]]
            found[str(line["file"])] = (of(row["person"]), of(row["garment"]))
        return found


def run_killed(batch: KilledBatch, kills: int, seed: int) -> tuple[int, str, str]:
    """Kill `kills` times at random moments, then let it end. Returns as `KilledBatch.finish`."""
    chance = random.Random(seed)
    total = len(batch.rows)
    for number in range(kills):
        least = len(batch.journal())
        # Somewhere in this run's share, so that there is something left for the kills to come.
        batch.kill_once(chance.randint(least + 1, least + max(2, (total - least) // (kills - number + 1))), chance)
        if number:
            batch.check_noted()
    ended = batch.finish()
    batch.check_noted()
    return ended
