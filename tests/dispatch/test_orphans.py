"""A gateway that is killed with -9 leaves no worker that goes on working: its permit is given to another job soon."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from fake_engines import gone

GATEWAY = """
import asyncio, sys, time
from fake_engines import job, render
from fittingroom.dispatch.local import LocalDispatcher
from fittingroom.settings import DispatchSettings, EngineSettings, ModerationSettings, Settings

async def main():
    settings = Settings(
        dispatch=DispatchSettings(memory_mb=0),
        engine=EngineSettings(name="fake_engines:Fake"),
        moderation=ModerationSettings(enabled=False),
    )
    dispatcher = LocalDispatcher(settings, render)
    await dispatcher.start()
    picture = await dispatcher.render(job("ok"), deadline=time.monotonic() + 30)
    working = asyncio.create_task(dispatcher.render(job("steps:60"), deadline=time.monotonic() + 60))
    while dispatcher.status().running == 0:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    print(picture.data.decode(), flush=True)
    await working

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_workers_end_with_a_killed_gateway(tmp_path: Path) -> None:
    """Starts two processes, one after the other, which takes a second or two."""
    (tmp_path / "gateway.py").write_text(GATEWAY)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(tmp_path / "gateway.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as gateway:
        worker = next(int(line) for line in gateway.stdout if line.strip().isdecimal())
        assert not gone(worker)
        gateway.kill()
    killed = time.monotonic()
    while not gone(worker):
        assert time.monotonic() - killed < 3, "the worker goes on without its gateway"
        time.sleep(0.02)
