"""Ray as this server uses it: imported late, telemetry off, and with pictures that stay out of its object store.

Ray puts values of more than 100 kB into its object store, which may spill to the disk of any machine of the cluster,
and a gateway cannot know how others started theirs. Here the bound is so high that pictures travel inside the call
itself, from the gateway's memory to the replica's. Invariant: no bytes of a picture are ever an object of the store.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import signal
import threading
from typing import Any, Final

INLINE_BYTES: Final = 256 * 1024 * 1024
"""More than a job or its answer can have: three pictures below 8 MB, or a result of 3000 px a side."""

VARIABLES: Final = {
    "RAY_max_direct_call_object_size": str(INLINE_BYTES),
    "RAY_task_rpc_inlined_bytes_limit": str(INLINE_BYTES),
}
"""Read by Ray when a process joins a cluster; the caller's decide on arguments, the replica's on answers."""

STORE_BYTES: Final = 100 * 1024 * 1024
"""Of the object store of a Ray that a server starts for itself: next to nothing goes there."""

MISSING: Final = 'Ray is not installed: pip install "fittingroom[ray]", or leave out `--dispatch ray`'


class RayMissing(Exception):
    """The extra `ray` is not installed; the message is for the operator."""


def installed() -> bool:
    """Whether Ray and its Serve can be imported; imports neither."""
    return importlib.util.find_spec("ray") is not None and importlib.util.find_spec("ray.serve") is not None


def require_ray() -> None:
    """Raise `RayMissing` unless the extra is installed."""
    if not installed():
        raise RayMissing(MISSING)


def prepare() -> None:
    """Set what Ray reads when it is first imported, or when this process joins a cluster."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.update(VARIABLES)


def join(address: str | None) -> bool:
    """Join the cluster at `address`, or start one in this process's care. False where this process is in one already.

    Raises `ConnectionError` and what else Ray raises.
    """
    prepare()
    import ray  # noqa: PLC0415

    if ray.is_initialized():
        return False
    common: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
    if address is not None:
        ray.init(address=address, **common)
        return True
    ray.init(
        address="local",
        include_dashboard=False,
        object_store_memory=STORE_BYTES,
        _system_config={"automatic_object_spilling_enabled": False},
        **common,
    )
    return True


def restore_signals() -> None:
    """Take SIGTERM back after joining: Ray's own handler would abort the process three seconds later, in mid-drain.

    In the main thread alone; elsewhere there are no handlers of Python's to bring back.
    """
    if threading.current_thread() is threading.main_thread():
        handler = signal.getsignal(signal.SIGTERM)
        if handler is not None:
            signal.signal(signal.SIGTERM, handler)


def adopt_logs() -> None:
    """Let Serve's own lines come out as the others do, from warnings on."""
    serve = logging.getLogger("ray.serve")
    serve.handlers.clear()
    serve.setLevel(logging.WARNING)
    serve.propagate = True
