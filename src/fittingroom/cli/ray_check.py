"""What `fittingroom doctor` looks at where jobs go to Ray: is it installed, is the cluster there, do versions agree.

The cluster is joined as a gateway joins it, in a process of its own that leaves at once, so what a gateway would run
into is found here. Invariant: nothing of Ray is looked at unless `dispatch.kind` is `ray`, and no cluster is started.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Final

from fittingroom.cli.checks import Finding
from fittingroom.dispatch.ray.library import MISSING, installed
from fittingroom.settings import Settings

CONNECT_SECONDS: Final = 5.0
JOIN_SECONDS: Final = 90.0

JOIN: Final = """
import sys
from fittingroom.dispatch.ray.library import join
join(sys.argv[1])
import ray
alive = [node for node in ray.nodes() if node["Alive"]]
print(len(alive), "nodes,", ray.cluster_resources().get("CPU", 0), "CPUs")
ray.shutdown()
"""

REMEDIES: Final = {
    "Version mismatch": "install the same versions of Ray and of Python on every machine and start Ray again",
    "InvalidAuthToken": "the cluster wants its token: set RAY_AUTH_MODE=token and copy ~/.ray/auth_token here",
    "AuthenticationError": "the cluster wants its token: set RAY_AUTH_MODE=token and copy ~/.ray/auth_token here",
}
OTHERWISE: Final = "does a Ray node run on this machine? `ray start --address HEAD:6379 --num-cpus 0`"


def ray(settings: Settings) -> Iterator[Finding]:
    """Findings where `dispatch.kind` is `ray`, none elsewhere."""
    if settings.dispatch.kind != "ray":
        return
    if not installed():
        yield Finding("problem", "ray", MISSING)
        return
    yield Finding("ok", "ray", version("ray"))
    address = settings.ray.address
    if address is None:
        yield Finding("ok", "ray cluster", "the server starts one of its own on this machine")
        return
    yield _listens(address) or _joined(address)


def _listens(address: str) -> Finding | None:
    """A finding where nobody answers at HOST:PORT."""
    if "://" in address:
        remedy = "give HOST:PORT of a cluster that a node of this machine belongs to, or `auto`"
        return Finding("problem", "ray cluster", f"{address} is no address that a gateway can use: {remedy}")
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        return None
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        remedy = "start its head (`ray start --head --port 6379`) or correct ray.address"
        return Finding("problem", "ray cluster", f"nobody answers at {address} ({error}): {remedy}")
    return None


def _joined(address: str) -> Finding:
    command = [sys.executable, "-c", JOIN, address]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=JOIN_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        why, told = f"it took more than {JOIN_SECONDS:g} seconds", ""
    else:
        if done.returncode == 0:
            return Finding("ok", "ray cluster", f"{address} can be joined: {done.stdout.strip().splitlines()[-1]}")
        told = done.stderr
        why = _error(told) or f"exit code {done.returncode}"
    remedy = next((remedy for mark, remedy in REMEDIES.items() if mark in told), OTHERWISE)
    return Finding("problem", "ray cluster", f"{address} cannot be joined ({why}); {remedy}")


def _error(told: str) -> str:
    """The first line of the exception that ended a process, of all that it wrote."""
    lines = told.strip().splitlines()
    begun = max((number for number, line in enumerate(lines) if line.startswith("Traceback")), default=0)
    return next((line for line in lines[begun + 1 :] if line and not line[0].isspace()), lines[-1] if lines else "")
