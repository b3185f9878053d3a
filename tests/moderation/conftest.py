"""An operator's reviewer, and a hook that asks it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from operators_reviewer import Operator

from fittingroom.errors import ApiError
from fittingroom.moderation.hook import ReviewHook, Submission
from fittingroom.settings import ModerationSettings


@pytest.fixture
async def operator(anyio_backend) -> AsyncIterator[Operator]:
    made = Operator()
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0, limit=2**24)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


class Asking:
    """A started hook."""

    def __init__(self, hook: ReviewHook) -> None:
        self.hook = hook

    async def review(self, *submissions: Submission, seconds: float = 30.0) -> None:
        await self.hook.review(submissions, request_id="the-request", deadline=time.monotonic() + seconds)

    async def refused(self, *submissions: Submission, seconds: float = 30.0) -> ApiError:
        with pytest.raises(ApiError) as caught:
            await self.review(*submissions, seconds=seconds)
        return caught.value


@pytest.fixture
async def asking(operator: Operator) -> AsyncIterator[Callable[..., Awaitable[Asking]]]:
    """`await asking(hook_timeout=1)`: a hook to the operator with these settings; closed after the test."""
    opened: list[ReviewHook] = []

    async def make(use_proxy_env: bool = False, **settings: object) -> Asking:
        chosen = ModerationSettings.model_validate({"hook_url": operator.url(), **settings})
        hook = ReviewHook(chosen, use_proxy_env=use_proxy_env)
        opened.append(hook)
        await hook.start()
        return Asking(hook)

    yield make
    for hook in opened:
        await hook.close()
