"""What the gateway costs: a signed request refused at validation, against a bare Starlette endpoint, in one run.

The refused request has a right signature and a `ClothesType` that does not exist, so it goes through everything the
wire does: limits, parsing, signature, key, binding, value checks, envelope, log line. Both servers run uvicorn with
httptools and uvloop in one process and get the same bytes; their rounds alternate, so that a busy machine hurts both.
"""

from __future__ import annotations

import argparse
import contextlib
import json
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
from running_server import FLAT, address, fittingroom, make_key, running, stop  # noqa: E402

from fittingroom.client.signing import Credential, signed_headers  # noqa: E402

PARAMETERS = {
    "ModelUrl": "https://example.com/model.jpg",
    "ClothesUrl": "https://example.com/clothes.jpg",
    "ClothesType": "Hat",
    "RspImgType": "url",
}


def request(credential: Credential, port: int) -> bytes:
    """The bytes of the signed POST, good for five minutes."""
    body = json.dumps(PARAMETERS).encode()
    headers = signed_headers(credential, host=f"127.0.0.1:{port}", body=body, timestamp=int(time.time()))
    headers |= {"X-TC-Action": "ChangeClothes", "X-TC-Version": "2022-12-29", "X-TC-Language": "en-US"}
    headers["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode() + body


@contextlib.contextmanager
def bare(folder: Path) -> Iterator[int]:
    """The port of the yardstick, run by uvicorn's own command."""
    log = folder / "bare.log"
    command = [sys.executable, "-m", "uvicorn", "bare:app", "--app-dir", str(HERE), "--port", "0", "--no-access-log"]
    with log.open("wb") as file:
        process = subprocess.Popen([*command, "--loop", "uvloop", "--http", "httptools"], stdout=file, stderr=file)
    try:
        yield address(process, log)
    finally:
        stop(process, log)


def measure(ports: dict[str, int], sent: dict[str, bytes], connections: int, options: argparse.Namespace) -> None:
    """Alternate rounds on both servers, then one line each and the ratio."""
    rounds: dict[str, list[Figures]] = {name: [] for name in ports}
    for number in range(options.rounds + 1):
        for name, port in ports.items():
            seconds = options.seconds if number else 1.0
            figures = run(port, sent[name], marker=b"ParameterValueError", connections=connections, seconds=seconds)
            if number:  # the first round only warms up
                rounds[name].append(figures)
    merged = {
        name: Figures(sorted(t for one in each for t in one.seconds), sum(one.elapsed for one in each))
        for name, each in rounds.items()
    }
    for name, figures in merged.items():
        p50, p99 = (1000 * figures.quantile(q) for q in (0.5, 0.99))
        print(f"| {name} | {connections} | {p50:.2f} | {p99:.2f} | {figures.rate:,.0f} |")
    ours, yardstick = merged["signed, refused"], merged["bare Starlette"]
    p50, p99 = (ours.quantile(q) / yardstick.quantile(q) for q in (0.5, 0.99))
    print(f"| ratio | {connections} | {p50:.2f} | {p99:.2f} | {ours.rate / yardstick.rate:.2f} |")


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds per server")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16])
    options = parser.parse_args()
    print(f"Machine: {describe()}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data"
        fittingroom("accounts", "create", "bench", "--data-dir", data)
        key = make_key(data, "bench")
        with running(data, *FLAT) as server, bare(folder) as bare_port:
            ports = {"bare Starlette": bare_port, "signed, refused": server.port}
            print("| endpoint | connections | p50 ms | p99 ms | req/s |\n|---|---|---|---|---|")
            for connections in options.connections:
                sent = {each: request(key, port) for each, port in ports.items()}
                measure(ports, sent, connections, options)


if __name__ == "__main__":
    main()
