"""What a picture costs with `drape`: seconds per stage and per picture at 768x1024, cold and warm, and peak memory.

A real server on all cores of this machine is called over HTTP, one picture after the other; the stage times are those
of its own log. Cold is the first picture after the start, warm are the others. Memory is the kernel's peak resident
set (VmHWM) of the gateway and of its worker. Photos of the development set are used when they lie beside the
repository, else NASA's portrait that scikit-image brings and a drawn shirt, and the table says which.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

from machine import describe  # noqa: E402
from photos import PHOTOS, SETS, photos  # noqa: E402
from picture_server import PictureServer  # noqa: E402
from pictures import encoded  # noqa: E402
from running_server import LOOPBACK, RunningServer, fittingroom, make_key, running  # noqa: E402
from served import VARIABLES, children, peak, stages  # noqa: E402

from fittingroom.client import ApiClient, CallRefused  # noqa: E402


@dataclass
class Timed:
    """One picture: seconds as its caller saw them, and the stages of the engine."""

    seconds: float
    stages: dict[str, float] = field(default_factory=dict)


def time_pictures(
    server: RunningServer, client: ApiClient, origin: PictureServer, clothes_type: str, count: int
) -> tuple[list[Timed], list[str]]:
    """The pictures that were made, in order, and the refusals."""
    made: list[Timed] = []
    refused: list[str] = []
    for number, (person, garment) in zip(range(count), photos(clothes_type), strict=False):
        parameters = {
            "ModelUrl": origin.publish(f"/{clothes_type}-{number}-person.jpg", encoded(person, "JPEG", quality=95)),
            "ClothesUrl": origin.publish(f"/{clothes_type}-{number}-garment.jpg", encoded(garment, "JPEG", quality=95)),
            "ClothesType": clothes_type,
        }
        started = time.perf_counter()
        try:
            answer = client.call("ChangeClothes", parameters)
        except CallRefused as error:
            refused.append(f"{error.code}: {error.message}")
            continue
        made.append(Timed(time.perf_counter() - started, stages(server, answer["RequestId"])))
    return made, refused


def table(rows: dict[str, tuple[list[Timed], list[str]]]) -> None:
    """Stages down, types across: cold, and the median of the warm pictures."""
    of: dict[str, Callable[[Timed], float]] = {"**picture, as the caller sees it**": lambda timed: timed.seconds}
    names = dict.fromkeys(name for made, _ in rows.values() for timed in made for name in timed.stages)
    of |= {name: (lambda timed, name=name: timed.stages.get(name, 0.0)) for name in names}
    of["gateway, fetch and transport"] = lambda timed: timed.seconds - sum(timed.stages.values())
    print("| seconds | " + " | ".join(f"{name} cold | {name} warm" for name in rows) + " |")
    print("|---" * (1 + 2 * len(rows)) + "|")
    for name, value in of.items():
        cells = []
        for made, _ in rows.values():
            warm = [value(timed) for timed in made[1:]]
            cells += [f"{value(made[0]):.2f}" if made else "-", f"{statistics.median(warm):.2f}" if warm else "-"]
        print(f"| {name} | " + " | ".join(cells) + " |")
    made, refused = (sum(len(pair[index]) for pair in rows.values()) for index in (0, 1))
    print(f"\n{made} pictures made, {refused} refused")
    for _, told in rows.values():
        for text in told:
            print(f"* {text}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5, help="pictures of each type, the first of them cold")
    parser.add_argument("--types", nargs="+", default=list(SETS), choices=list(SETS))
    options = parser.parse_args()
    print(f"Machine: {describe()}")
    used = "photos of the development set" if PHOTOS.is_dir() else "a portrait and a drawn shirt"
    print(f"Pictures: {used}, 768x1024\n")
    rows, memory = {}, []
    with tempfile.TemporaryDirectory() as name, PictureServer() as origin:
        data = Path(name) / "data"
        fittingroom("accounts", "create", "bench", "--data-dir", data)
        key = make_key(data, "bench")
        for clothes_type in options.types:
            started = time.perf_counter()
            with running(data, *LOOPBACK, variables=VARIABLES) as server:
                ready = time.perf_counter() - started
                client = ApiClient(server.url, key, timeout=310)
                rows[clothes_type] = time_pictures(server, client, origin, clothes_type, options.count)
                workers = [peak(pid) for pid in children(server.process.pid)]
                memory.append((clothes_type, ready, peak(server.process.pid), max(workers)))
    table(rows)
    print("\n| server for | start to ready, s | gateway peak, MiB | worker peak, MiB |\n|---|---|---|---|")
    for clothes_type, ready, gateway, worker in memory:
        print(f"| {clothes_type} | {ready:.1f} | {gateway:.0f} | {worker:.0f} |")
    print("\nOne worker; weights already pulled; cold is the first picture of a fresh server.")


if __name__ == "__main__":
    main()
