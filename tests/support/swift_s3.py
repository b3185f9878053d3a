"""OpenStack Swift with its S3 interface, whole in one process: `python swift_s3.py FOLDER BUCKET PORT`.

The very server that Debian and PyPI package: proxy, account, container and object server of one node with one device,
each on a free port of the loopback. It checks version 4 signatures and the expiry of presigned URLs as S3 does.
Objects stay in memory, listings in FOLDER. `s3_server.py` starts it. Invariant: the line `ready` is printed when the
bucket is there and the port (0 takes a free one, which is printed too) is listened on, and the process ends when its
standard input does.

Two users: `shop:gateway` with the key `gateway-secret` owns the bucket, `shop:stranger` with `stranger-secret` is known
and may do nothing.
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402 - whatever is imported must be patched
import uuid  # noqa: E402
from pathlib import Path  # noqa: E402

from eventlet import wsgi  # noqa: E402
from eventlet.hubs import trampoline  # noqa: E402
from paste.deploy import loadapp  # noqa: E402
from swift.account.server import AccountController  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.storage_policy import POLICIES  # noqa: E402
from swift.common.swob import Request  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.mem_server import ObjectController  # noqa: E402

HOST = "127.0.0.1"
PROXY = """
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
swift_dir = {folder}
[filter:cache]
paste.filter_factory = swift_s3:cache
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:slo]
use = egg:swift#slo
[filter:tempauth]
use = egg:swift#tempauth
allow_overrides = true
user_shop_gateway = gateway-secret .admin
user_shop_stranger = stranger-secret
"""


class Memory:
    """What Swift keeps in memcached, in a dictionary."""

    def __init__(self):
        self.kept = {}

    def get(self, key, **_):
        return self.kept.get(key)

    def set(self, key, value, **_):
        self.kept[key] = value

    def delete(self, key, **_):
        self.kept.pop(key, None)

    def incr(self, key, delta=1, **_):
        self.kept[key] = int(self.kept.get(key, 0)) + delta
        return self.kept[key]


def cache(_conf, **_):
    """The middleware that hands the memory to the others."""
    memory = Memory()

    def filtering(app):
        def answer(environ, start_response):
            environ["swift.cache"] = memory
            return app(environ, start_response)

        return answer

    return filtering


def ring(folder, name, port):
    """A ring of one device, written where the proxy looks for it."""
    builder = RingBuilder(1, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "weight": 1, "ip": HOST, "port": port, "device": "disk"})
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{name}.ring.gz"))


def serve(app, socket):
    eventlet.spawn_n(wsgi.server, socket, app, log_output=False)


def main(folder, bucket, port):
    utils.HASH_PATH_SUFFIX = uuid.uuid4().hex.encode()
    (folder / "disk").mkdir(exist_ok=True)
    storage = {"devices": str(folder), "mount_check": "false", "swift_dir": str(folder)}
    for name, controller in (("account", AccountController), ("container", ContainerController)):
        socket = eventlet.listen((HOST, 0))
        ring(folder, name, socket.getsockname()[1])
        serve(controller(storage), socket)
    socket = eventlet.listen((HOST, 0))
    ring(folder, "object", socket.getsockname()[1])
    POLICIES.default.load_ring(str(folder))
    serve(ObjectController(storage), socket)
    conf = folder / "proxy.conf"
    conf.write_text(PROXY.format(folder=folder))
    proxy = loadapp(f"config:{conf}")
    front = eventlet.listen((HOST, port))
    serve(proxy, front)
    made = Request.blank(
        f"/v1/AUTH_shop/{bucket}", {"REQUEST_METHOD": "PUT", "swift.authorize_override": True}
    ).get_response(proxy)
    if made.status_int not in {201, 202}:
        sys.exit(f"the bucket could not be made: {made.status}")
    print(f"ready {front.getsockname()[1]}", flush=True)
    trampoline(sys.stdin, read=True)  # readable when whoever started this is gone


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
