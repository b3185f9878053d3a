"""A Ray cluster of two nodes on this machine, and how its parts are killed.

The head holds Ray's own services and one replica, the other node one more. Only processes below this cluster's own
raylets are ever killed, since others may run Ray here, too. Invariant: leaving the context ends the cluster.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fault_gateways import until
from running_server import environment
from soak_watch import descendants, kill

from fittingroom.dispatch.ray.library import STORE_BYTES, prepare

REPLICA = b"ray::ServeReplica"
FLAGS = ("--dispatch", "ray")
SETTINGS = {"FITTINGROOM_RAY__MIN_REPLICAS": "2", "FITTINGROOM_RAY__MAX_REPLICAS": "2"}


@dataclass
class RayRoom:
    """made: Ray's own cluster for tests. nodes: the head first."""

    made: Any
    nodes: list[Any]

    @property
    def address(self) -> str:
        return str(self.made.address)

    def replicas(self, node: Any) -> list[int]:
        """Processes of Serve's replicas on one node."""
        (raylet,) = node.all_processes["raylet"]
        return sorted(one.pid for one in descendants(raylet.process.pid) if _title(one.pid).startswith(REPLICA))

    def add_node(self) -> None:
        """One more, with room for one replica."""
        self.nodes.append(self.made.add_node(num_cpus=1, object_store_memory=STORE_BYTES))

    def faults(self) -> dict[str, Callable[[], None]]:
        """What is killed where Ray does the work."""

        def replica() -> None:
            kill(next(pid for node in self.nodes for pid in self.replicas(node)))

        def node() -> None:
            lost = self.nodes.pop()
            assert self.replicas(lost)
            below = descendants(lost.all_processes["raylet"][0].process.pid)
            self.made.remove_node(lost, allow_graceful=False)
            for one in below:
                kill(one.pid)
            self.add_node()

        return {"Ray replica, kill -9": replica, "Ray worker node, kill -9, another one joins": node}


@contextmanager
def cluster() -> Iterator[RayRoom]:
    """Running, with two nodes."""
    os.environ.update(environment())  # replicas import the test engine as the gateways do
    prepare()
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=head)
    try:
        room = RayRoom(made, [made.head_node])
        room.add_node()
        yield room
    finally:
        made.shutdown()


def await_replicas(room: RayRoom) -> None:
    """Until each node has its replica."""
    until(lambda: all(room.replicas(node) for node in room.nodes))


def _title(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
