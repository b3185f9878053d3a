"""`fittingroom serve --dispatch ray` as an operator runs it, on the cluster of these tests.

Half a minute on a busy machine, since a server and a replica must start, and the drain must outlast the three seconds
after which Ray's own handler of SIGTERM would abort the process.
"""

import json
import signal
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from picture_server import PictureServer
from pictures import encoded, figure
from PIL import Image
from running_server import FLAT, LOOPBACK, assert_quiet, fittingroom, make_key, running

from fittingroom.client import ApiClient

VARIABLES = {
    "FITTINGROOM_RAY__APPLICATION": "served",
    "FITTINGROOM_RAY__CPUS": "0.2",
    "FITTINGROOM_LIMITS__CONCURRENCY": "3",
    "FITTINGROOM_MODERATION__ENABLED": "false",
    "FITTINGROOM_DISPATCH__MEMORY_MB": "0",
    "FITTINGROOM_LOG__FORMAT": "json",
}
SLOW = Image.new("RGB", (600, 600), (0, 0, 255))


def readyz(url: str) -> dict:
    with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
        return json.load(answer)


def test_a_server_on_ray_answers_and_drains_at_sigterm(cluster, tmp_path) -> None:
    import ray

    data = tmp_path / "data"
    fittingroom("accounts", "create", "shop", "--data-dir", data)
    key = make_key(data, "shop")
    flags = (*FLAT, *LOOPBACK, "--dispatch", "ray", "--ray-address", ray.get_runtime_context().gcs_address)
    with PictureServer() as origin, running(data, *flags, variables=VARIABLES) as server, ThreadPoolExecutor(3) as pool:
        parameters = {
            "ModelUrl": origin.publish("/person.png", encoded(figure((600, 800)))),
            "ClothesUrl": origin.publish("/garment.png", encoded(SLOW)),
            "ClothesType": "Upper-body",
            "RspImgType": "base64",
        }
        client = ApiClient(server.url, key, timeout=60)
        answers = [pool.submit(client.call, "ChangeClothes", parameters) for _ in range(3)]
        deadline = time.monotonic() + 60
        while (status := readyz(server.url))["waiting"] < 2 or status["running"] < 1:
            assert time.monotonic() < deadline, status
            time.sleep(0.05)
        assert (status["state"], status["engine"], status["workers"]) == ("BUSY", "flat_engine:FlatEngine", 1)
        server.process.send_signal(signal.SIGTERM)
        assert all(len(answer.result()["ResultImage"]) > 1000 for answer in answers)
        assert server.process.wait(30) == 0
        assert_quiet(server, key)
