"""Two real servers that keep their results in one bucket of a real S3 server, called with the official SDK.

About fifteen seconds: two servers and the store start once for all tests, and one more server for a bucket of others.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from picture_server import PictureServer
from pictures import encoded, figure, garment
from PIL import Image
from running_server import COMMAND, RunningServer, environment
from s3_server import OWNER, STRANGER, S3Server, get, s3_server
from tencentcloud.aiart.v20221229 import aiart_client, models
from tencentcloud.common.credential import Credential as SdkCredential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from two_gateways import gateways

from fittingroom.accounts import Store
from fittingroom.accounts.ledger import desk
from fittingroom.accounts.records import Plan
from fittingroom.accounts.store import accounts, keys
from fittingroom.cli import checks
from fittingroom.settings import BillingSettings, ResultSettings, Settings

PRICE = 30_000
MONEY = BillingSettings()


@dataclass(frozen=True)
class Shop:
    """Two gateways on one bucket, and an account that pays for each picture."""

    servers: list[RunningServer]
    store: Store
    s3: S3Server
    credential: SdkCredential
    parameters: dict[str, str]

    def call(self, server: RunningServer, way: str = "url") -> str:
        """`ResultImage`, by the official SDK. Raises its exception."""
        profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=server.endpoint))
        client = aiart_client.AiartClient(self.credential, "ap-singapore", profile)
        request = models.ChangeClothesRequest()
        request.from_json_string(json.dumps({**self.parameters, "RspImgType": way}))
        return str(client.ChangeClothes(request).ResultImage)

    def balance(self) -> int:
        return desk.bill(self.store, "shop", MONEY).money.available


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("bucket")
    with s3_server(folder / "s3") as s3, PictureServer() as origin:
        variables = {**s3.variables, "FITTINGROOM_OBJECTS__TIMEOUT": "2"}
        url = f"sqlite:///{folder / 'shared.db'}"
        with gateways(folder, url, settings=variables) as (servers, store):
            accounts.create(store, "shop")
            desk.set_plan(store, "shop", desk.Terms(Plan.PREPAID, PRICE, None), MONEY)
            desk.top_up(store, "shop", 1_000_000, "test", MONEY)
            made = keys.create(store, "shop")
            parameters = {
                "ModelUrl": origin.publish("/person.png", encoded(figure())),
                "ClothesUrl": origin.publish("/garment.png", encoded(garment())),
                "ClothesType": "Upper-body",
            }
            made_shop = Shop(servers, store, s3, SdkCredential(made.secret_id, made.secret_key), parameters)
            for server in servers:
                await_key(made_shop, server)
            yield made_shop
            for server in servers:
                told = server.output.read_text(encoding="utf-8", errors="replace")
                for word in ("internal_error", "Traceback", "X-Amz", "gateway-secret", "StringToSign"):
                    assert word not in told


def await_key(shop: Shop, server: RunningServer) -> None:
    """Until the server knows the account's key."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with pytest.raises(TencentCloudSDKException) as caught:
            shop.call(server, "neither")
        if caught.value.get_code() != "AuthFailure.SecretIdNotFound":
            return
        time.sleep(0.05)
    raise AssertionError("the key was not known in time")


def picture_size(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.size


def readyz(server: RunningServer) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/readyz")
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return dict(answer)


def test_the_sdk_gets_a_url_of_the_store_from_either_gateway(shop: Shop) -> None:
    before = shop.balance()
    urls = [shop.call(server) for server in shop.servers]
    plain = base64.b64decode(shop.call(shop.servers[0], "base64"))
    for url in urls:
        assert url.startswith(f"{shop.s3.endpoint}/results/kept/")
        status, data, headers = get(url)
        assert (status, headers["Content-Type"]) == (200, "image/jpeg")
        assert picture_size(data) == picture_size(plain)
    owners = {url.split("/")[6] for url in urls}
    assert len(owners) == 1, "both gateways file an account's results under the same name"
    assert before - shop.balance() == 3 * PRICE
    assert [readyz(server)["results"] for server in shop.servers] == ["ok", "ok"]


def test_a_store_that_is_down_costs_nothing_and_is_told(shop: Shop) -> None:
    server, before = shop.servers[0], shop.balance()
    shop.s3.stop()
    try:
        begun = time.monotonic()
        with pytest.raises(TencentCloudSDKException) as caught:
            shop.call(server)
        assert time.monotonic() - begun < 10
        assert caught.value.get_code() == "ServiceUnavailable"
        assert "`base64`" in str(caught.value.get_message())
        assert shop.balance() == before
        assert readyz(server)["results"].startswith("storing a result failed")
        assert shop.call(server, "base64")
    finally:
        shop.s3.start()
    assert get(shop.call(server))[0] == 200
    assert readyz(server)["results"] == "ok"
    refused = [line for line in server.output.read_text().splitlines() if '"results_unreachable"' in line]
    assert "Connect" in json.loads(refused[-1])["cause"]


def test_purge_from_any_machine_deletes_what_gateways_stored(shop: Shop, tmp_path: Path) -> None:
    urls = [shop.call(server) for server in shop.servers]
    held = len(shop.s3.names())
    done = shop_command(shop, "purge", "--account", "shop", "--yes", "--data-dir", tmp_path)
    assert f"{held} stored results" in done.stdout, done.stderr
    assert [get(url)[0] for url in urls] == [404, 404]
    assert shop.s3.names() == []


def shop_command(shop: Shop, *words: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """The command line with the settings of the servers, changed."""
    first = shop.servers[0].process
    told = Path(f"/proc/{first.pid}/environ").read_text().split("\0")
    servers = dict(line.split("=", 1) for line in told if line.startswith("FITTINGROOM_"))
    return subprocess.run(
        [str(COMMAND), *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment({**servers, **changes}),
    )


def test_a_bucket_that_cannot_be_used_is_one_line_at_the_start(shop: Shop, tmp_path: Path) -> None:
    stranger = {
        "FITTINGROOM_OBJECTS__ACCESS_KEY_ID": STRANGER[0],
        "FITTINGROOM_OBJECTS__SECRET_ACCESS_KEY": STRANGER[1],
    }
    words = ("serve", "--port", "0", "--data-dir", tmp_path, "--engine", "flat_engine:FlatEngine")
    done = shop_command(shop, *words, **stranger)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "s3://results/kept failed: PermissionDeniedError, HTTP 403, AccessDenied" in line


def test_the_doctor_tries_the_bucket(shop: Shop) -> None:
    def found(key: tuple[str, str]) -> checks.Finding:
        results = ResultSettings.model_validate({"url": "s3://results/kept"})
        return checks.results(Settings(results=results, objects=shop.s3.settings(key)))

    good, bad = found(OWNER), found(STRANGER)
    assert (good.level, good.detail) == ("ok", "by URL: s3://results/kept can be written to, for 3600 s")
    assert bad.level == "problem"
    assert bad.detail.endswith("HTTP 403, AccessDenied; look at results.url and objects.*")
    assert checks.results(Settings()).level == "ok"
