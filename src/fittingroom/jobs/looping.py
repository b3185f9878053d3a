"""Work that goes on for as long as the server runs, whatever fails in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from fittingroom.accounts.database import AccountError
from fittingroom.errors import ApiError

log = structlog.get_logger(__name__)


async def for_ever(work: Callable[[], Awaitable[None]], pause: Callable[[], Awaitable[None]]) -> None:
    """Do `work`, then `pause`, until cancelled. What fails is logged and tried again at the next turn."""
    while True:
        try:
            await work()
        except (AccountError, ApiError) as error:
            log.error("jobs_unreachable", detail=str(error))
        except Exception as error:
            # Nobody waits for this task: it would end unseen, and with it all jobs of this server.
            log.exception("jobs_unreachable", detail=f"{type(error).__name__}: {error}")
        await pause()
