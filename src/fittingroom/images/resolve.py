"""Name resolution on threads of its own.

`getaddrinfo` blocks and cannot be cancelled; on the event loop's shared pool, a handful of names whose servers do not
answer would hold up everything else that runs there. Invariant: only this room's threads wait for name servers.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult


class ThreadResolver(AbstractResolver):
    """The system's resolver on `threads` threads. Raises OSError for a name that is not known."""

    def __init__(self, threads: int = 16) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Every address of `host`, numeric, in the system's order of preference."""
        loop = asyncio.get_running_loop()
        infos = await loop.run_in_executor(self._pool, _look_up, host, port, family)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=found,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found, _, proto, _, address in infos
        ]

    async def close(self) -> None:
        """Stop taking names; threads that still wait for a name server end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int, family: int) -> list[tuple[Any, ...]]:
    return [*socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)]
