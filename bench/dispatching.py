"""What Ray costs beside worker processes: pictures per second with 1 and 2 workers, local and Ray, as ratios.

Each row is a real server that is started, warmed, loaded and ended; the rows take turns for several rounds, so that a
machine that gets busier hurts all. All get the same two photos, one thread a worker and no cache of what was computed.
Loaded means one caller more than workers, so that a job always waits. Alone means one caller: what the picture took
beyond the engine's own stages is the gateway's, the transport's and the fetch's share; the gateway's CPU is what the
kernel counted for its process, per picture, under load.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

from load import Figures, run  # noqa: E402
from machine import describe  # noqa: E402
from picture_server import PictureServer  # noqa: E402
from pictures import encoded, shirt  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402
from running_server import LOOPBACK, RunningServer, fittingroom, make_key, running  # noqa: E402
from skimage import data as samples  # noqa: E402

from fittingroom.client.signing import Credential, signed_headers  # noqa: E402

SIZE = (768, 1024)
PATIENCE = 300.0
"""Seconds for one answer; on a busy machine the first takes long."""
SETTINGS = {"local": "DISPATCH__WORKERS", "ray": "RAY__MAX_REPLICAS"}
VARIABLES = {
    "LIMITS__DEADLINE": "300",
    "LIMITS__CONCURRENCY": "16",
    "LOG__FORMAT": "json",
    "DISPATCH__THREADS": "1",
    "DISPATCH__CACHE_MB": "0",
    "DISPATCH__SETUP_TIMEOUT": "300",
}


@dataclass
class Row:
    """One setting's rounds. beyond, whole: seconds of a picture alone, without and with its stages. cpu: of the
    gateway, seconds per picture."""

    loaded: list[Figures] = field(default_factory=list)
    beyond: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return sum(len(one.seconds) for one in self.loaded) / sum(one.elapsed for one in self.loaded)


def variables(kind: str, workers: int) -> dict[str, str]:
    """The environment of one server."""
    chosen = {**VARIABLES, "DISPATCH__KIND": kind, SETTINGS[kind]: str(workers)}
    if kind == "ray":
        chosen["RAY__MIN_REPLICAS"] = str(workers)
    return {f"FITTINGROOM_{name}": value for name, value in chosen.items()}


def request(credential: Credential, port: int, parameters: dict[str, str]) -> bytes:
    """The bytes of the signed POST, good for five minutes."""
    body = json.dumps(parameters).encode()
    headers = signed_headers(credential, host=f"127.0.0.1:{port}", body=body, timestamp=int(time.time()))
    headers |= {"X-TC-Action": "ChangeClothes", "X-TC-Version": "2022-12-29", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode() + body


def published(origin: PictureServer) -> dict[str, str]:
    """NASA's portrait that scikit-image brings and a drawn shirt, both 768x1024."""
    portrait = Image.fromarray(samples.astronaut()).crop((64, 0, 448, 512))
    person = ImageOps.fit(portrait.convert("RGB"), SIZE, Image.Resampling.LANCZOS)
    return {
        "ModelUrl": origin.publish("/person.jpg", encoded(person, "JPEG", quality=95)),
        "ClothesUrl": origin.publish("/garment.jpg", encoded(shirt(SIZE), "JPEG", quality=95)),
        "ClothesType": "Upper-body",
        "RspImgType": "base64",
    }


def measure(row: Row, server: RunningServer, sent: bytes, workers: int, seconds: float) -> None:
    """One round of one setting: warm all workers, then alone, then loaded."""
    marker = b'"ResultImage"'
    run(server.port, sent, marker=marker, connections=workers, seconds=1.0, patience=PATIENCE)
    before = len(list(stages(server)))
    alone = run(server.port, sent, marker=marker, connections=1, seconds=seconds / 2, patience=PATIENCE)
    engine = statistics.median(list(stages(server))[before:])
    row.whole.append(alone.quantile(0.5))
    row.beyond.append(alone.quantile(0.5) - engine)
    cpu = cpu_seconds(server.process.pid)
    loaded = run(server.port, sent, marker=marker, connections=workers + 1, seconds=seconds, patience=PATIENCE)
    row.cpu.append((cpu_seconds(server.process.pid) - cpu) / len(loaded.seconds))
    row.loaded.append(loaded)


def stages(server: RunningServer) -> Iterator[float]:
    """Seconds of all stages of each picture that the server has logged so far."""
    for line in server.output.read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            entry = json.loads(line)
            if entry.get("event") == "rendered":
                yield sum(entry["stages"].values())


def cpu_seconds(pid: int) -> float:
    """Of one process, its children not counted."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def table(rows: dict[tuple[str, int], Row]) -> None:
    """A row per setting, then the ratios."""
    print("| workers | pictures/s loaded | s alone, p50 | ms beyond the engine | share | gateway's CPU ms a picture |")
    print("|---|---|---|---|---|---|")
    for (kind, workers), row in rows.items():
        whole, beyond, cpu = (statistics.median(each) for each in (row.whole, row.beyond, row.cpu))
        share = f"{100 * beyond / whole:.1f} %"
        print(f"| {kind} {workers} | {row.rate:.2f} | {whole:.3f} | {1000 * beyond:.0f} | {share} | {1000 * cpu:.1f} |")
    print()
    for kind in dict.fromkeys(kind for kind, _ in rows):
        for less, more in pairwise(sorted(workers for one, workers in rows if one == kind)):
            print(f"{kind}: {more} workers / {less}: {rows[kind, more].rate / rows[kind, less].rate:.2f}")
    for workers in sorted({workers for kind, workers in rows if (("local", workers) in rows) and kind == "ray"}):
        print(f"ray / local with {workers}: {rows['ray', workers].rate / rows['local', workers].rate:.2f}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="of load in one round; half of it alone before")
    parser.add_argument("--rounds", type=int, default=2, help="starts of each server")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kinds", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--engine", default="drape", help="such as flat_engine:FlatEngine, which does next to nothing")
    options = parser.parse_args()
    print(f"Machine: {describe()}\nEngine: {options.engine}, a portrait and a drawn shirt, 768x1024\n", flush=True)
    rows: dict[tuple[str, int], Row] = {}
    with tempfile.TemporaryDirectory() as name, PictureServer() as origin:
        data = Path(name) / "data"
        fittingroom("accounts", "create", "bench", "--data-dir", data)
        key, parameters = make_key(data, "bench"), published(origin)
        turns = [(kind, workers) for workers in options.workers for kind in options.kinds]
        for kind, workers in turns * options.rounds:
            flags = ("--engine", options.engine, *LOOPBACK)
            with running(data, *flags, variables=variables(kind, workers)) as server:
                row = rows.setdefault((kind, workers), Row())
                measure(row, server, request(key, server.port, parameters), workers, options.seconds)
    table(rows)


if __name__ == "__main__":
    main()
