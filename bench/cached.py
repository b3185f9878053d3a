"""What the tenth garment costs a shopper: the same person in ten garments, with and without what workers remember.

Each garment is new to both sides, so that what is saved is the understanding of the person's photo alone; last comes a
garment once more on the same person, as with another option. Cold and warm alternate garment by garment in one run, so
that a busy machine hurts both. First the engine in this process (wall and processor time, every warm picture compared
bit for bit with the cold one), then two servers over HTTP, one of them with `dispatch.cache_mb` 0. The photos are the
package's samples: one person, its tops in several colours.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / "support")]

from machine import describe  # noqa: E402
from picture_server import PictureServer  # noqa: E402
from pictures import encoded  # noqa: E402
from running_server import LOOPBACK, RunningServer, fittingroom, make_key, running  # noqa: E402
from served import VARIABLES, children, peak, stages  # noqa: E402

from fittingroom.client import ApiClient  # noqa: E402
from fittingroom.engines.analysis import AnalysisCache  # noqa: E402
from fittingroom.engines.drape.engine import DrapeEngine  # noqa: E402
from fittingroom.engines.protocol import ClothesType, RgbImage  # noqa: E402
from fittingroom.samples import all_samples, sample  # noqa: E402

MIB = 1024 * 1024
COLOURS = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1))


@dataclass(frozen=True)
class Spent:
    """Seconds of one picture on the clock and of processors, and those of the stages that the cache can save."""

    wall: float
    cpu: float
    person: float
    garment: float


def photos(count: int) -> tuple[RgbImage, list[RgbImage]]:
    """The person, and `count` garments that all differ."""
    person = np.asarray(Image.open(sample("anna").path).convert("RGB"))
    tops = [one.path for one in all_samples() if one.clothes_type == ClothesType.UPPER.value]
    cloths = [np.asarray(Image.open(path).convert("RGB")) for path in tops]
    garments = [np.ascontiguousarray(cloth[..., order]) for order in COLOURS for cloth in cloths]
    return person, garments[:count]


def dressed(engine: DrapeEngine, person: RgbImage, garment: RgbImage) -> tuple[RgbImage, Spent]:
    """One picture of the engine in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = engine.try_on(person, garment, ClothesType.UPPER)
    spent = result.report.stages
    return result.image, Spent(time.perf_counter() - wall, time.process_time() - cpu, spent["person"], spent["garment"])


def engine_rows(person: RgbImage, garments: list[RgbImage]) -> tuple[list[tuple[Spent, Spent]], Spent, str]:
    """Cold and warm of every garment, the last one once more, and what the cache holds."""
    cold = DrapeEngine()
    cold.load()
    cache = AnalysisCache(1024 * MIB, 600.0)
    rows = []
    dressed(cold, person, garments[0])  # the networks' first run sets up their memory
    for garment in garments:
        (one, before), (other, after) = (
            dressed(engine, person, garment) for engine in (cold, cold.using(cache.of("bench")))
        )
        assert (one == other).all(), "the cache changed a picture"
        rows.append((before, after))
    alone = cache.counts
    assert (alone.hits, alone.misses) == (len(garments) - 1, len(garments) + 1)
    size = AnalysisCache(1024 * MIB, 600.0)
    cold.using(size.of("bench")).read_person(person)
    of_person = size.counts.bytes / MIB
    each = (alone.bytes / MIB - of_person) / len(garments)
    held = f"{of_person:.0f} MiB for a person of {person.shape[1]}x{person.shape[0]}, {each:.0f} MiB for a garment"
    return rows, dressed(cold.using(cache.of("bench")), person, garments[-1])[1], held


def served(servers: dict[str, ApiClient], urls: tuple[str, list[str]]) -> Iterator[tuple[str, float, str]]:
    """Which server, the seconds its caller waited, and the RequestId; garment by garment."""
    person, garments = urls
    for garment in garments:
        for name, client in servers.items():
            started = time.perf_counter()
            answer = client.call(
                "ChangeClothes", {"ModelUrl": person, "ClothesUrl": garment, "ClothesType": ClothesType.UPPER.value}
            )
            yield name, time.perf_counter() - started, answer["RequestId"]


def server_rows(person: RgbImage, garments: list[RgbImage]) -> tuple[dict[str, list[Spent]], dict[str, float]]:
    """Both servers' pictures, and the peak memory of their workers, MiB."""
    rows: dict[str, list[Spent]] = {"cold": [], "warm": []}
    with tempfile.TemporaryDirectory() as folder, PictureServer() as origin, contextlib.ExitStack() as stack:
        started: dict[str, RunningServer] = {}
        clients: dict[str, ApiClient] = {}
        for name, room in (("cold", "0"), ("warm", "256")):
            data = Path(folder) / name
            fittingroom("accounts", "create", "bench", "--data-dir", data)
            variables = {**VARIABLES, "FITTINGROOM_DISPATCH__CACHE_MB": room}
            started[name] = stack.enter_context(running(data, *LOOPBACK, variables=variables))
            clients[name] = ApiClient(started[name].url, make_key(data, "bench"), timeout=310)
        published = [
            origin.publish(f"/{number}.jpg", encoded(Image.fromarray(photo), "JPEG", quality=95))
            for number, photo in enumerate([person, garments[-1], *garments, garments[-1]])
        ]
        # The first picture, on either side, sets up the networks' memory; its person is a stranger to the account.
        warming = origin.publish("/mirrored.jpg", encoded(Image.fromarray(person[:, ::-1]), "JPEG", quality=95))
        list(served(clients, (warming, published[1:2])))
        for name, seconds, request_id in served(clients, (published[0], published[2:])):
            spent = stages(started[name], request_id)
            rows[name].append(Spent(seconds, 0.0, spent["person"], spent["garment"]))
        memory = {name: max(map(peak, children(server.process.pid))) for name, server in started.items()}
    return rows, memory


def line(name: str, cold: float, warm: float) -> None:
    print(f"| {name} | {cold:.2f} | {warm:.2f} | {warm / cold:.2f} |")


def table(title: str, cold: list[Spent], warm: list[Spent], again: tuple[Spent, Spent], *, cpu: bool) -> None:
    """The first garment apart: there the person is new to both."""
    print(f"\n| {title}, seconds | cold | warm | ratio |\n|---|---|---|---|")
    kinds: list[tuple[str, Callable[[Spent], float]]] = [("as waited", lambda spent: spent.wall)]
    kinds += [("of processors", lambda spent: spent.cpu)] if cpu else []
    for kind, value in kinds:
        line(f"first garment, {kind}", value(cold[0]), value(warm[0]))
        later = [statistics.median(map(value, side[1:])) for side in (cold, warm)]
        line(f"**garments 2 to {len(cold)}, {kind}, median**", later[0], later[1])
        line(f"garment {len(cold)}, {kind}", value(cold[-1]), value(warm[-1]))
        line(f"garment {len(cold)} once more, {kind}", value(again[0]), value(again[1]))
    for stage in ("person", "garment"):
        stage_of = [statistics.median(getattr(spent, stage) for spent in side[1:]) for side in (cold, warm)]
        line(f"stage `{stage}`, garments 2 to {len(cold)}, median", stage_of[0], stage_of[1])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10, choices=range(2, 13), help="garments, 2 to 12")
    parser.add_argument("--only", choices=("engine", "server"), help="one of the two tables")
    options = parser.parse_args()
    print(f"Machine: {describe()}")
    person, garments = photos(options.count)
    if options.only != "server":
        rows, again, held = engine_rows(person, garments)
        cold, warm = ([row[side] for row in rows] for side in (0, 1))
        table("engine", cold, warm, (cold[-1], again), cpu=True)
        print(f"\nKept: {held}. {len(rows)} of {len(rows)} warm pictures are bit for bit the cold ones.")
    if options.only != "engine":
        sides, memory = server_rows(person, garments)
        repeated = (sides["cold"].pop(), sides["warm"].pop())
        table("server over HTTP", sides["cold"], sides["warm"], repeated, cpu=False)
        print(
            f"\nPeak memory of the worker: {memory['cold']:.0f} MiB without, {memory['warm']:.0f} MiB with the cache."
        )


if __name__ == "__main__":
    main()
