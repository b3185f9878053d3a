"""Set-up, several gateways with one application, and where pictures do not go."""

import asyncio
import subprocess
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio

PATIENCE = 170
"""Seconds for three attempts of a set-up, each a new process, where the machine is very busy."""
MARKER = b"the-bytes-of-a-person-photo"


async def test_a_failed_set_up_is_told_and_refuses_jobs(dispatching) -> None:
    running = await dispatching("Unloadable")
    with pytest.raises(ApiError) as caught:
        await running.run(seconds=PATIENCE)
    assert caught.value.reason == "engine_unavailable"
    assert "fittingroom models pull" not in caught.value.message()
    await running.state("SETUP_FAILED")
    detail = running.dispatcher.status().detail
    assert detail == "FileNotFoundError: the weight x is missing; bring it with `fittingroom models pull`"
    with pytest.raises(ApiError, match="engine_unavailable"):
        await running.run()


async def test_a_gateway_with_other_settings_takes_no_work_and_harms_nobody(dispatching, shared) -> None:
    one = await dispatching(application=shared, threads=3)
    pid = await one.pid()
    with capture_logs() as logs:
        other = await dispatching("Unloadable", application=shared, threads=3)
        await other.state("SETUP_FAILED")
    assert "give all gateways the same" in other.dispatcher.status().detail
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["ray_unavailable"]
    assert await one.pid() == pid


async def test_an_application_that_was_deleted_comes_back(dispatching) -> None:
    from ray import serve

    running = await dispatching()
    await running.run()
    # Without waiting for its end, which never comes: the dispatcher makes it anew at once.
    await asyncio.to_thread(serve.delete, running.application, _blocking=False)
    async with asyncio.timeout(PATIENCE):
        while running.dispatcher.status().state == "READY":
            await asyncio.sleep(0.01)
        await running.state("READY")
        # Gone for a moment when the old one's end comes late.
        while (found := serve.status().applications.get(running.application)) is None or found.status != "RUNNING":
            await asyncio.sleep(0.05)
    await running.run()


async def test_no_picture_is_an_object_of_the_store_or_in_a_log(dispatching, shared, cluster: Path) -> None:
    """Some megabytes of a picture, looked for in Ray's shared memory while a job runs, and in its folder afterwards."""
    running = await dispatching(application=shared, threads=3)
    picture = MARKER + bytes(4_000_000)
    working = asyncio.create_task(running.run("steps:1", person=picture))
    await running.state("BUSY")
    assert await asyncio.to_thread(found_in, Path("/dev/shm")) == []
    assert (await working).stages["bytes"] == len(picture)
    assert await asyncio.to_thread(found_in, cluster) == []
    assert b"worker_ready" in b"".join(path.read_bytes() for path in cluster.rglob("*.err")), "these are its logs"


def found_in(folder: Path) -> list[str]:
    """Files of this user with the marker in them."""
    done = subprocess.run(
        ["grep", "-rlaF", "--devices=skip", MARKER.decode(), str(folder)], capture_output=True, text=True, check=False
    )
    return done.stdout.split()
