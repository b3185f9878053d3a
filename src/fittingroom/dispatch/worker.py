"""What runs inside a worker process: load the engine and the reviewer once, then one job after the other.

Where the engine makes several pictures in one pass and `neural.batch` allows it, several jobs may run at once, each in
a lane of its own (`begin`, `next_ended`); see `lanes`. `load` and `perform` serve whatever carries jobs; the rest is
for a process of the local pool.

Only plain values cross the border: a failure comes back as a value, because exceptions do not survive pickling
unharmed. Invariant: setting up never raises, since the pool would start the process again and again; what went wrong
is kept and told to whoever asks whether the worker is ready.
"""

from __future__ import annotations

import pickle
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from fittingroom.dispatch.control import Control
from fittingroom.dispatch.lanes import Lanes
from fittingroom.dispatch.memory import MIB, bound_memory
from fittingroom.engines.analysis import AnalysisCache, reusing
from fittingroom.engines.gathering import Gatherer
from fittingroom.engines.protocol import BatchEngine, Cancelled, Checkpoint, DoesNotFit, Engine, OutOfMemory
from fittingroom.engines.registry import Registry
from fittingroom.engines.threads import limit_threads
from fittingroom.errors import ApiError
from fittingroom.logs import configure_logs
from fittingroom.moderation.loading import load_reviewer
from fittingroom.moderation.protocol import Reviewer
from fittingroom.moderation.remembering import RememberingReviewer
from fittingroom.pipeline import RenderedImage, RenderJob
from fittingroom.setting_logs import LogSettings
from fittingroom.setting_neural import NeuralSettings
from fittingroom.settings import ImageSettings, ModerationSettings, Settings

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
    neural: NeuralSettings = field(default_factory=NeuralSettings)

    @classmethod
    def of(cls, settings: Settings, render: Render, threads: int) -> WorkerPlan:
        """The plan that the settings ask for. threads: of one worker's networks."""
        # The hook is asked by the gateway, and its secret stays there.
        moderation = settings.moderation.model_copy(update={"hook_url": None, "hook_secret": None})
        dispatch = settings.dispatch
        return cls(
            render,
            settings.engine.name,
            threads,
            dispatch.memory_mb,
            settings.images,
            moderation,
            settings.log,
            dispatch.cache_mb,
            dispatch.cache_seconds,
            settings.neural,
        )


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker is set up. seconds: to load the engine; memory_bound: bytes, or None. batch: jobs that it can run at
    once."""

    pid: int
    seconds: float
    memory_bound: int | None
    batch: int = 1


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed job or set-up. reason: a key of the error catalogue; cause: for the log only."""

    reason: str
    cause: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class NoRoom(Failure):
    """A set-up that failed because the engine does not fit the memory that is free now; it may be freed later."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The job stopped at a checkpoint, as it was told."""


Outcome = RenderedImage | Failure | Stopped


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a worker holds between jobs. memory_bound: bytes, or None. batch: jobs in one pass of the engine at most."""

    plan: WorkerPlan
    engine: Engine
    reviewer: Reviewer | None
    cache: AnalysisCache
    memory_bound: int | None
    batch: int = 1


class _Worker:
    """This process as a worker."""

    def __init__(self) -> None:
        self.control: Control | None = None
        self.loaded: Loaded | None = None
        self.lanes: Lanes | None = None
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
        loaded = load(plan)
    except DoesNotFit as error:
        _WORKER.state = NoRoom("engine_unavailable", str(error), {})
        return
    except (Exception, SystemExit) as error:
        _WORKER.state = Failure("engine_unavailable", f"{type(error).__name__}: {error}", {})
        return
    _WORKER.control, _WORKER.loaded = control, loaded
    _WORKER.lanes = Lanes(Gatherer(loaded.engine, loaded.batch, 0.0), loaded.batch) if loaded.batch > 1 else None
    _WORKER.state = Ready(control.pid, time.monotonic() - started, loaded.memory_bound, loaded.batch)


def load(plan: WorkerPlan) -> Loaded:
    """Load the engine and the reviewer into this process, then bound its memory. Raises whatever they raise."""
    limit_threads(plan.threads)
    engine = Registry.installed().create(plan.engine, plan.neural)
    engine.load()
    reviewer = load_reviewer(plan.moderation)
    batch = plan.neural.batch if isinstance(engine, BatchEngine) else 1
    bound = bound_memory(plan.memory_mb and plan.memory_mb * batch + plan.cache_mb)
    return Loaded(plan, engine, reviewer, AnalysisCache(plan.cache_mb * MIB, plan.cache_seconds), bound, batch)


def ready() -> Ready | Failure:
    """How setting up went. As a task it answers only when setting up has ended."""
    return _WORKER.state


def run(job: RenderJob) -> Outcome:
    """One job on this worker's engine."""
    control, loaded = _WORKER.control, _WORKER.loaded
    if control is None or loaded is None:
        raise RuntimeError("a job was sent to a worker that is not set up")
    return perform(job, loaded, control.checkpoint)


def begin(jobs: Sequence[RenderJob]) -> None:
    """Start these jobs, each in its lane; `next_ended` tells of them."""
    control, loaded, lanes = _WORKER.control, _WORKER.loaded, _WORKER.lanes
    if control is None or loaded is None or lanes is None:
        raise RuntimeError("jobs were sent together to a worker that does one at a time")
    tasks = [
        partial(perform, job, loaded, partial(control.checkpoint, lane), lanes.gatherer)
        for lane, job in enumerate(jobs)
    ]
    lanes.begin(tasks)


def next_ended() -> tuple[int, object]:
    """Waits for the next of the begun jobs to end: its lane and its outcome."""
    if _WORKER.lanes is None:
        raise RuntimeError("no jobs were begun together")
    lane, outcome = _WORKER.lanes.next_ended()
    return lane, _portable(outcome)


def _portable(outcome: object) -> object:
    """An answer that cannot travel would be lost together with its lane's number."""
    try:
        pickle.dumps(outcome)
    except Exception as error:
        log.exception("internal_error")
        return Failure("unreadable_answer", f"{type(error).__name__}: {error}", {})
    return outcome


def perform(job: RenderJob, loaded: Loaded, checkpoint: Checkpoint, gatherer: Gatherer | None = None) -> Outcome:
    """One job, its failure as a value. Whatever is logged meanwhile, by whatever library, carries the RequestId.

    gatherer: where its pictures are to be made in company.
    """
    with bound_contextvars(request_id=job.job_id):
        return _perform(job, loaded, checkpoint, gatherer)


def _perform(job: RenderJob, loaded: Loaded, checkpoint: Checkpoint, gatherer: Gatherer | None) -> Outcome:
    try:
        checkpoint()
        analyses = loaded.cache.of(job.account_id)
        reviewer = loaded.reviewer and RememberingReviewer(loaded.reviewer, analyses)
        engine = reusing(loaded.engine, analyses)
        if gatherer is not None:
            engine = gatherer.joined(engine)
        done = loaded.plan.render(job, engine, checkpoint, loaded.plan.images, reviewer)
        if not isinstance(done, RenderedImage):
            return done  # for the gateway to judge, as any odd answer
        return replace(done, cache=tuple(analyses.used), cache_bytes=loaded.cache.counts.bytes)
    except Cancelled:
        return Stopped()
    except (Exception, SystemExit) as error:
        return _failure(error)


def _failure(error: BaseException) -> Failure:
    if isinstance(error, ApiError):
        return Failure(error.reason, "" if error.cause is None else str(error.cause), dict(error.values))
    if isinstance(error, OutOfMemory):
        log.warning("device_out_of_memory", detail=str(error))
        return Failure("device_out_of_memory", str(error), {})
    if isinstance(error, MemoryError):
        return Failure("out_of_memory", f"MemoryError: {error}", {})
    # Logged here, at a level that no setting hides: the request's line has room for the last word only. A
    # SystemExit would travel to the gateway and end that instead.
    log.error("internal_error", exc_info=error)
    return Failure("engine_failed", f"{type(error).__name__}: {error}", {})
