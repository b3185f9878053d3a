"""What runs inside a worker process: load the engine and the reviewer once, then one job after the other.

Only plain values cross the border: a failure comes back as a value, because exceptions do not survive pickling
unharmed. Invariant: setting up never raises, since the pool would start the process again and again; what went wrong
is kept and told to whoever asks whether the worker is ready.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from fittingroom.dispatch.control import Control
from fittingroom.dispatch.memory import MIB, bound_memory
from fittingroom.engines.analysis import AnalysisCache, reusing
from fittingroom.engines.protocol import Cancelled, Checkpoint, Engine
from fittingroom.engines.registry import Registry
from fittingroom.engines.threads import limit_threads
from fittingroom.errors import ApiError
from fittingroom.logs import configure_logs
from fittingroom.moderation.loading import load_reviewer
from fittingroom.moderation.protocol import Reviewer
from fittingroom.moderation.remembering import RememberingReviewer
from fittingroom.pipeline import RenderedImage, RenderJob
from fittingroom.setting_logs import LogSettings
from fittingroom.settings import ImageSettings, ModerationSettings

log = structlog.get_logger(__name__)

Render = Callable[[RenderJob, Engine, Checkpoint, ImageSettings, Reviewer | None], RenderedImage]


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """What a worker must know to set itself up.

    render: does one job; a module's function, since it travels by name. memory_mb: beyond the loaded engine, 0: any.
    cache_mb, cache_seconds: what it keeps of earlier photos, besides `memory_mb`, and for how long after the last use.
    """

    render: Render
    engine: str
    threads: int
    memory_mb: int
    images: ImageSettings
    moderation: ModerationSettings
    log: LogSettings
    cache_mb: int = 0
    cache_seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker is set up. seconds: to load the engine; memory_bound: bytes, or None."""

    pid: int
    seconds: float
    memory_bound: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed job or set-up. reason: a key of the error catalogue; cause: for the log only."""

    reason: str
    cause: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Stopped:
    """The job stopped at a checkpoint, as it was told."""


class _Worker:
    """This process as a worker."""

    def __init__(self) -> None:
        self.plan: WorkerPlan | None = None
        self.control: Control | None = None
        self.engine: Engine | None = None
        self.reviewer: Reviewer | None = None
        self.cache = AnalysisCache(0, 0.0)
        self.state: Ready | Failure = Failure("engine_unavailable", "the worker was never set up", {})


_WORKER: Final = _Worker()


def set_up(plan: WorkerPlan, control: Control) -> None:
    """Pool initializer. Never raises; ask `ready` how it went."""
    # A service manager may signal the whole group; when a worker ends is for the gateway alone to say.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    control.announce()
    configure_logs(plan.log)
    started = time.monotonic()
    try:
        limit_threads(plan.threads)
        engine = Registry.installed().create(plan.engine)
        engine.load()
        reviewer = load_reviewer(plan.moderation)
        bound = bound_memory(plan.memory_mb and plan.memory_mb + plan.cache_mb)
    except (Exception, SystemExit) as error:
        _WORKER.state = Failure("engine_unavailable", f"{type(error).__name__}: {error}", {})
        return
    _WORKER.plan, _WORKER.control, _WORKER.engine, _WORKER.reviewer = plan, control, engine, reviewer
    _WORKER.cache = AnalysisCache(plan.cache_mb * MIB, plan.cache_seconds)
    _WORKER.state = Ready(control.pid, time.monotonic() - started, bound)


def ready() -> Ready | Failure:
    """How setting up went. As a task it answers only when setting up has ended."""
    return _WORKER.state


def run(job: RenderJob) -> RenderedImage | Failure | Stopped:
    """One job on this worker's engine. Whatever is logged meanwhile, by whatever library, carries the RequestId."""
    with bound_contextvars(request_id=job.job_id):
        return _run(job)


def _run(job: RenderJob) -> RenderedImage | Failure | Stopped:
    plan, control, engine = _WORKER.plan, _WORKER.control, _WORKER.engine
    if plan is None or control is None or engine is None:
        raise RuntimeError("a job was sent to a worker that is not set up")
    try:
        control.checkpoint()
        analyses = _WORKER.cache.of(job.account_id)
        reviewer = _WORKER.reviewer and RememberingReviewer(_WORKER.reviewer, analyses)
        done = plan.render(job, reusing(engine, analyses), control.checkpoint, plan.images, reviewer)
        return replace(done, cache=tuple(analyses.used), cache_bytes=_WORKER.cache.counts.bytes)
    except Cancelled:
        return Stopped()
    except ApiError as error:
        return Failure(error.reason, "" if error.cause is None else str(error.cause), dict(error.values))
    except MemoryError as error:
        return Failure("out_of_memory", f"MemoryError: {error}", {})
    except (Exception, SystemExit) as error:
        # Logged here, at a level that no setting hides: the request's line has room for the last word only. A
        # SystemExit would travel to the gateway and end that instead.
        log.exception("internal_error")
        return Failure("engine_failed", f"{type(error).__name__}: {error}", {})
