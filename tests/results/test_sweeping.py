"""The task that sweeps: it goes on, whatever fails."""

import asyncio

import pytest
from structlog.testing import capture_logs

from fittingroom.objects import ObjectsError
from fittingroom.results import sweep_forever

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "failure",
    [OSError("disk"), ObjectsError("store"), RuntimeError("nobody thought of it")],
    ids=lambda e: type(e).__name__,
)
async def test_the_loop_sweeps_and_outlives_what_fails(failure):
    outcomes = [failure, None, None]
    done = asyncio.Event()

    async def flaky() -> int:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome
        if not outcomes:
            done.set()
        return 0

    with capture_logs() as logs:
        task = asyncio.create_task(sweep_forever(flaky, 0.001))
        await asyncio.wait_for(done.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    (failed,) = [entry for entry in logs if entry["event"] == "results_sweep_failed" and str(failure) in entry["error"]]
    assert failed["log_level"] == "error"
    assert ("exc_info" in failed) is isinstance(failure, RuntimeError)
