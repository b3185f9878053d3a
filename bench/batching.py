"""What several requests in one pass gain: pictures per second of a real server, `neural.batch` 1 against 2 and 4.

The engine is the tests' `pass_engine`, whose pass takes the same time for one picture as for four, as where one picture
does not fill a card. So the ratio says how much of such a gain the server passes on; how much a network gains by
itself, `bench/gpu.py` measures. Rounds of the settings take turns.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from dispatching import PATIENCE, VARIABLES, published, request
from load import Figures, run
from machine import describe
from picture_server import PictureServer
from running_server import LOOPBACK, fittingroom, make_key, running


def variables(batch: int, seconds: float) -> dict[str, str]:
    """The environment of one server. seconds: of a pass."""
    chosen = {**VARIABLES, "NEURAL__BATCH": str(batch), "MODERATION__ENABLED": "false"}
    return {f"FITTINGROOM_{name}": value for name, value in chosen.items()} | {"FITTINGROOM_TEST_PASS": str(seconds)}


def table(rounds: dict[int, list[Figures]], pass_seconds: float) -> None:
    """A row per setting."""
    print("| jobs in a pass | pictures/s | p50 s | p95 s | against 1 |\n|---|---|---|---|---|")
    rates = {
        batch: sum(len(one.seconds) for one in each) / sum(one.elapsed for one in each)
        for batch, each in rounds.items()
    }
    first = rates[min(rates)]
    for batch, each in rounds.items():
        seconds = sorted(value for one in each for value in one.seconds)
        whole = Figures(seconds, 1.0)
        ratio = f"{rates[batch] / first:.2f}"
        print(f"| {batch} | {rates[batch]:.2f} | {whole.quantile(0.5):.2f} | {whole.quantile(0.95):.2f} | {ratio} |")
    print(f"\nA pass takes {pass_seconds:g} s for any number; one worker, 1 caller more than the largest pass holds.")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=15.0, help="of load in one round")
    parser.add_argument("--rounds", type=int, default=2, help="starts of each server")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--pass-seconds", type=float, default=1.0, help="of a pass of the engine")
    options = parser.parse_args()
    print(f"Machine: {describe()}\n", flush=True)
    rounds: dict[int, list[Figures]] = {batch: [] for batch in options.batches}
    callers = max(options.batches) + 1
    with tempfile.TemporaryDirectory() as name, PictureServer() as origin:
        data = Path(name) / "data"
        fittingroom("accounts", "create", "bench", "--data-dir", data)
        key, parameters = make_key(data, "bench"), published(origin)
        for batch in options.batches * options.rounds:
            flags = ("--engine", "pass_engine:PassEngine", *LOOPBACK)
            with running(data, *flags, variables=variables(batch, options.pass_seconds)) as server:
                asked = request(key, server.port, parameters)
                said = {"marker": b'"ResultImage"', "patience": PATIENCE}
                run(server.port, asked, connections=1, seconds=0.1, **said)
                rounds[batch].append(run(server.port, asked, connections=callers, seconds=options.seconds, **said))
    table(rounds, options.pass_seconds)


if __name__ == "__main__":
    main()
