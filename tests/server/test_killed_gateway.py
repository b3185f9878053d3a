"""Two real servers on one Redis, and one of them is killed with -9 in the middle of a job: the permit comes back.

About ten seconds: two servers start, and a lease must pass.
"""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

from picture_server import PictureServer
from pictures import encoded, figure, garment
from redis_server import RedisServer, redis_server
from running_server import RunningServer
from two_gateways import gateways

from fittingroom.accounts.store import accounts, keys
from fittingroom.client import ApiClient, CallFailed, CallRefused, Credential

LEASE = 4.0


def test_the_permit_of_a_killed_gateway_is_free_after_its_lease(tmp_path: Path) -> None:
    settings = {"FITTINGROOM_LIMITS__LEASE": str(LEASE), "FITTINGROOM_DISPATCH__GRACE": "0.5"}
    with redis_server(tmp_path / "redis") as redis, PictureServer() as origin:
        settings["FITTINGROOM_LIMITS__URL"] = redis.url
        url = f"sqlite:///{tmp_path / 'shared.db'}"
        with gateways(tmp_path, url, settings=settings) as (servers, store):
            accounts.create(store, "shop")
            made = keys.create(store, "shop")
            _kill_one(servers, redis, origin, Credential(made.secret_id, made.secret_key))


def _kill_one(servers: list[RunningServer], redis: RedisServer, origin: PictureServer, key: Credential) -> None:
    one, other = servers
    person = origin.publish("/person.png", encoded(figure()))
    plain, spin = (origin.publish(f"/{name}.png", encoded(garment(trick=name))) for name in (None, "spin"))

    def code(server: RunningServer, clothes: str) -> str:
        parameters = {"ModelUrl": person, "ClothesUrl": clothes, "ClothesType": "Upper-body"}
        try:
            ApiClient(server.url, key, timeout=30).call("ChangeClothes", parameters)
        except CallRefused as refused:
            return refused.code
        except CallFailed:
            return "gone"
        return "OK"

    _until(lambda: code(other, plain) == "OK")
    _until(lambda: code(one, plain) == "OK")
    told: list[str] = []
    working = threading.Thread(target=lambda: told.append(code(one, spin)))
    working.start()
    with redis.client() as client:
        _until(lambda: client.keys("fittingroom:permits:*"))
        assert code(other, plain) == "RequestLimitExceeded.JobNumExceed"
        children = _children(one.process.pid)
        one.process.kill()
        working.join()
        (permits,) = client.keys("fittingroom:permits:*")
        ((_, ends),) = client.zrange(permits, 0, -1, withscores=True)
        assert ends / 1000 - client.time()[0] <= LEASE + 1
    assert told == ["gone"]
    _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), LEASE)
    _until(lambda: code(other, plain) == "OK", 2 * LEASE)


def _until(condition, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]
