"""Settings of who dresses people: worker processes of this machine, or replicas of Ray Serve.

Invariant: as of all settings, see `settings`; Ray itself is known only to `dispatch.ray`.
"""

from __future__ import annotations

import os
from typing import Literal

from pydantic import Field, model_validator

from fittingroom.setting_types import Count, Seconds, Section


class DispatchSettings(Section):
    """How jobs reach the engine, and the worker processes."""

    kind: Literal["local", "ray"] = Field(
        default="local", description="Who does the work: processes of this machine, or Ray Serve (`ray.*`)."
    )
    workers: Count = Field(default=1, description="Worker processes, each with its own copy of the models.")
    queue: int = Field(default=8, ge=0, description="Jobs that may wait for a worker; one more is refused.")
    grace: Seconds = Field(default=5.0, description="Seconds between asking a job to stop and killing its worker.")
    memory_mb: int = Field(default=4096, ge=0, description="MiB of private memory per worker; 0 sets no limit.")
    cache_mb: int = Field(
        default=256,
        ge=0,
        description="MiB per worker, besides `dispatch.memory_mb`, for what was computed from earlier photos of the "
        "same account; 0 keeps nothing.",
    )
    cache_seconds: Seconds = Field(
        default=600.0, description="Seconds after its last use that anything computed from a photo leaves the memory."
    )
    threads: int = Field(default=0, ge=0, description="Threads per worker for the networks; 0 divides the cores.")
    job_timeout: Seconds | None = Field(
        default=None, description="Seconds that one job may keep its worker; default: until the request's deadline."
    )
    setup_timeout: Seconds = Field(default=120.0, description="Seconds in which a worker must have loaded its engine.")

    @property
    def worker_threads(self) -> int:
        """Threads for one worker's networks: as set, else cores // workers, at least 1."""
        return self.threads or max(1, usable_cores() // self.workers)


class RaySettings(Section):
    """Ray Serve as the dispatcher (`dispatch.kind` is `ray`); grace, queue and bounds of `dispatch.*` hold as well."""

    address: str | None = Field(
        default=None,
        min_length=1,
        description="Address of a Ray cluster, `auto` for the one of this machine; default: one of the server's own.",
    )
    application: str = Field(
        default="fittingroom",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Name of the Serve application; gateways that name the same one share its replicas.",
    )
    min_replicas: int = Field(default=1, ge=0, description="Replicas of the engine that are always there.")
    max_replicas: Count = Field(default=1, description="Replicas that Ray Serve may start when jobs wait.")
    cpus: float = Field(default=1.0, ge=0, description="CPUs that Ray sets aside for a replica.")
    gpus: float = Field(default=0.0, ge=0, description="GPUs that Ray sets aside for a replica, such as 0.5.")

    @model_validator(mode="after")
    def _bounds(self) -> RaySettings:
        if self.min_replicas > self.max_replicas:
            raise ValueError("max_replicas must not be less than min_replicas")
        return self


def usable_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
