"""The task that deletes expired results for as long as a server runs.

Invariant: it ends only by being cancelled; whatever fails is logged and tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from fittingroom.objects import ObjectsError

log = structlog.get_logger(__name__)


async def sweep_forever(sweep: Callable[[], Awaitable[int]], interval: float) -> None:
    """Sweep every `interval` seconds until cancelled."""
    while True:
        await asyncio.sleep(interval)
        try:
            await sweep()
        except (OSError, ObjectsError) as error:
            log.error("results_sweep_failed", error=str(error))
        except Exception as error:
            # Nobody waits for this task: it would end unseen, and results would outlive their expiry.
            log.exception("results_sweep_failed", error=f"{type(error).__name__}: {error}")
