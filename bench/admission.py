"""What it costs to know, permit, limit and bill a caller: the whole server against the bare signed endpoint.

Both are `gateways.py` under uvicorn with uvloop and httptools, each in a process of its own, and get the same signed
`ChangeClothes` request; neither works on pictures. `full` has a prepaid account in SQLite, so each request is looked
up, authorized, counted, permitted, reserved for and charged: two transactions. Rounds alternate within one run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

from load import Figures, run  # noqa: E402
from machine import describe  # noqa: E402
from running_server import address, environment, fittingroom, make_key, stop  # noqa: E402

from fittingroom.client.signing import Credential, signed_headers  # noqa: E402

BODY = json.dumps(
    {
        "ModelUrl": "https://example.com/model.jpg",
        "ClothesUrl": "https://example.com/clothes.jpg",
        "ClothesType": "Upper-body",
    }
).encode()
SETTINGS = {
    "FITTINGROOM_LIMITS__RATE": "1000000",
    "FITTINGROOM_LIMITS__ACCOUNT_RATE": "1000000",
    "FITTINGROOM_LIMITS__ADDRESS_RATE": "1000000",
    "FITTINGROOM_LIMITS__CONCURRENCY": "64",
}
"""The limits count as they do by default, but refuse nobody here."""


def request(credential: Credential, port: int) -> bytes:
    """The bytes of the signed POST, good for five minutes."""
    headers = signed_headers(credential, host=f"127.0.0.1:{port}", body=BODY, timestamp=int(time.time()))
    headers |= {"X-TC-Action": "ChangeClothes", "X-TC-Version": "2022-12-29", "Content-Length": str(len(BODY))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode() + BODY


@contextlib.contextmanager
def gateway(name: str, data: Path, key: Credential) -> Iterator[int]:
    """The port of one of the two servers."""
    log = data.parent / f"{name}.log"
    command = [sys.executable, "-m", "uvicorn", f"gateways:{name}", "--factory", "--app-dir", str(HERE)]
    flags = ["--port", "0", "--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    own = {"FITTINGROOM_DATA_DIR": str(data), "SECRET_ID": key.secret_id, "SECRET_KEY": key.secret_key}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*command, *flags], stdout=file, stderr=file, env=environment({**os.environ, **SETTINGS, **own})
        )
    try:
        yield address(process, log)
    finally:
        stop(process, log)


def measure(ports: dict[str, int], key: Credential, connections: int, options: argparse.Namespace) -> None:
    """Alternate rounds on both servers, then one line each and the difference."""
    rounds: dict[str, list[Figures]] = {name: [] for name in ports}
    sent = {name: request(key, port) for name, port in ports.items()}
    for number in range(options.rounds + 1):
        for name, port in ports.items():
            seconds = options.seconds if number else 1.0
            figures = run(port, sent[name], marker=b"ResultImage", connections=connections, seconds=seconds)
            if number:  # the first round only warms up
                rounds[name].append(figures)
    merged = {
        name: Figures(sorted(t for one in each for t in one.seconds), sum(one.elapsed for one in each))
        for name, each in rounds.items()
    }
    for name, figures in merged.items():
        p50, p99 = (1000 * figures.quantile(q) for q in (0.5, 0.99))
        print(f"| {name} | {connections} | {p50:.2f} | {p99:.2f} | {figures.rate:,.0f} |")
    full, signed = merged["full"], merged["signed"]
    p50, p99 = (1000 * (full.quantile(q) - signed.quantile(q)) for q in (0.5, 0.99))
    print(f"| difference | {connections} | {p50:.2f} | {p99:.2f} | {full.rate / signed.rate:.2f} of the rate |")


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds per server")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16])
    options = parser.parse_args()
    print(f"Machine: {describe()}\n")
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        fittingroom("accounts", "create", "bench", "--data-dir", data)
        fittingroom("billing", "plan", "bench", "prepaid", "--price", "0.01", "--data-dir", data)
        fittingroom("billing", "topup", "bench", "1000000", "--data-dir", data)
        key = make_key(data, "bench")
        with gateway("signed", data, key) as signed, gateway("full", data, key) as full:
            print("| server | connections | p50 ms | p99 ms | req/s |\n|---|---|---|---|---|")
            for connections in options.connections:
                measure({"signed": signed, "full": full}, key, connections, options)


if __name__ == "__main__":
    main()
