"""Between two steps of sampling the caller is asked whether the work shall go on.

diffusers calls `callback_on_step_end` after every step; an exception raised there leaves the pipeline's call, but
skips its clean-up, so that with offloading a network would stay on the card. `usable_after` makes up for that.
Invariant: no step begins after the checkpoint has raised, and the pipeline takes the next job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fittingroom.engines.protocol import Checkpoint

StepCallback = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]


def step_callback(checkpoint: Checkpoint) -> StepCallback:
    """For diffusers' `callback_on_step_end`: asks `checkpoint`, whose exception passes, and changes nothing."""

    def after_step(_pipeline: Any, _step: int, _timestep: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        checkpoint()
        return kwargs

    return after_step


@contextmanager
def usable_after(pipeline: Any) -> Iterator[None]:
    """Round a pipeline's call: an exception passes only after offloaded networks have left the card again."""
    try:
        yield
    except BaseException:
        pipeline.maybe_free_model_hooks()
        raise
