"""The Serve application that holds the replicas: made by the first gateway, joined by the others.

Its deployment is named after a digest of all that its replicas were set up with, so that a gateway with other settings
sees the difference before it sends a job. Invariant: a running application is never replaced here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

from fittingroom.dispatch.ray.library import VARIABLES
from fittingroom.dispatch.ray.replica import Replica
from fittingroom.dispatch.worker import WorkerPlan
from fittingroom.setting_dispatch import DispatchSettings, RaySettings

HEALTH_SECONDS = 2.0
"""Between two looks of Serve at each replica, by which it notices one that died idle."""

LONGEST_BACKOFF = 0.05
"""Seconds until a waiting job asks again for a free replica; Serve's own half a second is a third of a picture."""

SETUP_ATTEMPTS = 3
"""For replicas that do not come up, until the application counts as failed."""


class OtherApplication(Exception):
    """An application of this name runs with other settings; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The application at one moment. replicas: that can take jobs. absent: there is none, or it is being deleted."""

    state: Literal["STARTING", "READY", "SETUP_FAILED"]
    replicas: int
    detail: str = ""
    absent: bool = False


class Application:
    """Blocking calls, for a thread."""

    def __init__(self, plan: WorkerPlan, ray: RaySettings, dispatch: DispatchSettings) -> None:
        self._plan = plan
        self._ray = ray
        self._dispatch = dispatch
        self._deployment = f"dress-{_digest(plan)}"

    def open(self) -> Any:
        """Serve's handle of the running application; makes it where there is none. Raises `OtherApplication`."""
        from ray import serve  # noqa: PLC0415
        from ray.serve.config import ProxyLocation  # noqa: PLC0415

        serve.start(proxy_location=ProxyLocation.Disabled)
        running = serve.status().applications.get(self._ray.application)
        if running is None or running.status in {"DEPLOY_FAILED", "DELETING", "NOT_STARTED"}:
            target = serve.RunTarget(self._built(), name=self._ray.application, route_prefix=None)
            serve.run_many([target], wait_for_applications_running=False)
        elif self._deployment not in running.deployments:
            raise OtherApplication(
                f"the Serve application {self._ray.application!r} runs with other settings or another version: "
                "give all gateways the same, or this one another ray.application"
            )
        return serve.get_deployment_handle(self._deployment, self._ray.application)

    def look(self) -> Seen:
        """How it stands now."""
        from ray import serve  # noqa: PLC0415

        found = serve.status().applications.get(self._ray.application)
        deployment = found.deployments.get(self._deployment) if found is not None else None
        if found is None or deployment is None:
            return Seen("STARTING", 0, "the application is not there", absent=True)
        replicas = sum(count for state, count in deployment.replica_states.items() if state == "RUNNING")
        if replicas or found.status == "RUNNING":
            return Seen("READY", replicas)
        failed = found.status == "DEPLOY_FAILED" or deployment.status_trigger == "REPLICA_STARTUP_FAILED"
        # Otherwise one that died is being replaced.
        return Seen("SETUP_FAILED" if failed else "STARTING", 0, _cause(deployment.message or found.message))

    def _built(self) -> Any:
        from ray import serve  # noqa: PLC0415
        from ray.serve.config import RequestRouterConfig  # noqa: PLC0415

        low, high = self._ray.min_replicas, self._ray.max_replicas
        scale: dict[str, Any] = {"num_replicas": low}
        if high > low:
            bounds = {"min_replicas": low, "max_replicas": high, "target_ongoing_requests": 1}
            scale = {"autoscaling_config": bounds}
        options: dict[str, Any] = {
            "num_cpus": self._ray.cpus,
            "num_gpus": self._ray.gpus,
            "runtime_env": {"env_vars": VARIABLES},
        }
        asking: dict[str, Any] = {"max_backoff_s": LONGEST_BACKOFF}
        make: Any = serve.deployment  # its annotations promise a decorator only
        deployment = make(Replica).options(
            name=self._deployment,
            max_ongoing_requests=1,
            max_queued_requests=-1,
            health_check_period_s=HEALTH_SECONDS,
            graceful_shutdown_timeout_s=self._dispatch.grace,
            graceful_shutdown_wait_loop_s=0.5,
            max_constructor_retry_count=SETUP_ATTEMPTS,
            request_router_config=RequestRouterConfig(**asking),
            ray_actor_options=options,
            logging_config={"log_level": "WARNING", "enable_access_log": False},
            **scale,
        )
        return deployment.bind(self._plan, self._dispatch.setup_timeout, self._dispatch.grace)


def _digest(plan: WorkerPlan) -> str:
    told = [
        version("fittingroom"),
        plan.render.__module__,
        plan.engine,
        plan.threads,
        plan.memory_mb,
        plan.cache_mb,
        plan.cache_seconds,
    ]
    told += [section.model_dump_json() for section in (plan.images, plan.moderation, plan.log, plan.neural)]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


def _cause(message: str) -> str:
    """The last line of what Serve tells, which ends with a traceback; the class of ours says nothing more."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1].removeprefix("fittingroom.dispatch.ray.replica.SetUpFailed: ") if lines else ""
