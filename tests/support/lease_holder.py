"""A process of its own that takes permits from a Redis: `lease_holder.py hold|race URL LEASE FOLDER STARTS`.

hold: takes the only permit of account "a", says so, and keeps it until it is killed. race: starts STARTS jobs, many at
once; each that gets in must be the only one, which a file made exclusively in FOLDER shows without help from Redis.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path

from fittingroom.accounts.limits import RedisLink, RedisPermits
from fittingroom.errors import ApiError

AT_ONCE = 24


async def hold(permits: RedisPermits) -> None:
    async with permits.hold("a", 1):
        print("held", flush=True)
        await asyncio.Event().wait()


async def race(permits: RedisPermits, folder: Path, starts: int) -> None:
    found: Counter[str] = Counter()
    left = iter(range(starts))

    async def starter() -> None:
        for number in left:
            try:
                async with permits.hold("a", 1):
                    found["ran"] += 1
                    await alone(number)
            except ApiError as error:
                found[error.reason] += 1

    async def alone(number: int) -> None:
        try:
            witness = os.open(folder / "running", os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            found["clashes"] += 1
            return
        os.close(witness)
        await asyncio.sleep(number % 3 / 1000)
        (folder / "running").unlink()

    await asyncio.gather(*(starter() for _ in range(AT_ONCE)))
    print(json.dumps(found), flush=True)


async def main(mode: str, url: str, lease: str, folder: str = ".", starts: str = "0") -> None:
    link = RedisLink(url, 5.0)
    permits = RedisPermits(link, lease=float(lease), stop=float(lease) / 4)
    if mode == "hold":
        await hold(permits)
    else:
        await race(permits, Path(folder), int(starts))
    await permits.close()
    await link.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
