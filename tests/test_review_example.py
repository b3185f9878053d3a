"""The example server of docs/review.md, run as it stands there, asked by the real hook."""

import asyncio
import base64
import os
import re
import sys
import time
from pathlib import Path

import pytest

from fittingroom.errors import ApiError
from fittingroom.moderation.hook import ReviewHook, Submission
from fittingroom.moderation.protocol import Role
from fittingroom.settings import ModerationSettings

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[1]
SECRET, OTHER = ("whsec_" + base64.b64encode(bytes([fill]) * 32).decode() for fill in (1, 2))


async def ask(port: int, secret: str, size: int) -> None:
    hook = ReviewHook(
        ModerationSettings.model_validate({"hook_url": f"http://127.0.0.1:{port}/", "hook_secret": secret})
    )
    await hook.start()
    try:
        submission = Submission(Role.PERSON, bytes(size), "ModelUrl")
        await hook.review([submission], request_id="r", deadline=time.monotonic() + 10)
    finally:
        await hook.close()


async def test_the_example_checks_signatures_and_judges() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "review.md").read_text(encoding="utf-8"), re.DOTALL)
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code),
        env={**os.environ, "SECRET": SECRET},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        port = int(await server.stdout.readline())
        await ask(port, SECRET, 5_000_000)
        with pytest.raises(ApiError) as caught:
            await ask(port, SECRET, 5_000_001)
        assert (caught.value.reason, caught.value.cause) == ("image_refused", "hook: larger than 5 MB")
        with pytest.raises(ApiError) as caught:
            await ask(port, OTHER, 1)
        assert (caught.value.reason, caught.value.cause) == ("review_unavailable", "BadAnswer: HTTP status 401")
    finally:
        server.kill()
        await server.communicate()
