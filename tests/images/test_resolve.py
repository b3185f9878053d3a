"""The resolver: numeric answers, its own threads."""

import socket
import threading

import pytest

from fittingroom.images import resolve
from fittingroom.images.resolve import ThreadResolver

pytestmark = pytest.mark.anyio


async def test_names_become_numeric_addresses():
    resolver = ThreadResolver()
    found = await resolver.resolve("localhost", 8080, socket.AF_UNSPEC)
    await resolver.close()
    assert {one["host"] for one in found} <= {"127.0.0.1", "::1"}
    assert found
    for one in found:
        assert one["port"] == 8080
        assert one["hostname"] == "localhost"
        assert one["flags"] & socket.AI_NUMERICHOST


async def test_unknown_names_are_os_errors():
    resolver = ThreadResolver()
    with pytest.raises(OSError, match=r".+"):
        await resolver.resolve("does-not-exist.invalid", 80, socket.AF_UNSPEC)
    await resolver.close()


async def test_it_waits_on_threads_of_its_own(monkeypatch):
    seen = []

    def look_up(host, port, family):
        seen.append(threading.current_thread().name)
        return []

    monkeypatch.setattr(resolve, "_look_up", look_up)
    resolver = ThreadResolver(threads=1)
    assert await resolver.resolve("example.com") == []
    await resolver.close()
    assert seen[0].startswith("resolve")
