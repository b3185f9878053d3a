"""Jobs on a real server: by the operator's command line, this project's client and the guarded fetcher.

About ten seconds: one server starts, and starts again.
"""

from __future__ import annotations

import json
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from callback_receiver import CallbackReceiver
from job_calls import ended, query, submit
from picture_server import PictureServer
from pictures import encoded, figure, garment
from running_server import FLAT, LOOPBACK, RunningServer, assert_quiet, fittingroom, make_key, running
from standardwebhooks import Webhook, WebhookVerificationError

from fittingroom.accounts import Database, Store, Vault
from fittingroom.accounts.store import keys, policies, users
from fittingroom.client import ApiClient, CallRefused, Credential

SETTINGS = {
    "FITTINGROOM_JOBS__CALLBACK_PAUSE": "0.2",
    "FITTINGROOM_JOBS__CALLBACK_TRIES": "3",
    "FITTINGROOM_JOBS__POLL": "0.1",
    "FITTINGROOM_JOBS__QUEUE": "3",
    "FITTINGROOM_JOBS__ATTEMPTS": "2",
}


@dataclass
class Place:
    """One server with two accounts, and pictures for it."""

    server: RunningServer
    origin: PictureServer
    keys: dict[str, Credential]
    secret: str

    def client(self, account: str = "shop") -> ApiClient:
        return ApiClient(self.server.url, self.keys[account], timeout=30)

    def parameters(self, trick: str | None = None, **more: Any) -> dict[str, Any]:
        urls = {"ModelUrl": self.origin.url("/person.png"), "ClothesUrl": self.origin.url(f"/{trick}.png")}
        return {**urls, "ClothesType": "Upper-body", **more}

    def refused(self, action: str, parameters: dict[str, Any], account: str = "shop") -> str:
        with pytest.raises(CallRefused) as caught:
            self.client(account).call(action, parameters)
        return caught.value.code


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data_dir = tmp_path_factory.mktemp("jobs") / "data"
    made = {}
    for account in ("shop", "other"):
        fittingroom("accounts", "create", account, "--data-dir", data_dir)
        made[account] = make_key(data_dir, account)
    secret = fittingroom("accounts", "webhook", "shop", "--rotate", "--data-dir", data_dir).strip()
    assert fittingroom("accounts", "webhook", "shop", "--data-dir", data_dir).strip() == secret
    with PictureServer() as origin, running(data_dir, *FLAT, *LOOPBACK, variables=SETTINGS) as server:
        origin.publish("/person.png", encoded(figure()))
        for trick in (None, "slow", "no-garment", "crash"):
            origin.publish(f"/{trick}.png", encoded(garment(trick=trick)))
        yield Place(server, origin, made, secret)
        assert_quiet(server, *made.values())
        assert secret not in server.output.read_text()


def fetched(url: str) -> bytes:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as response:
        return bytes(response.read())


def test_a_job_is_done_and_its_picture_is_behind_a_url(place: Place) -> None:
    client = place.client()
    told = ended(client, submit(client, place.parameters(RspImgType="base64")))
    assert set(told) == {
        *("JobStatusCode", "JobStatusMsg", "JobErrorCode", "JobErrorMsg", "ResultImage", "ResultDetails", "RequestId")
    }
    assert (told["JobStatusCode"], told["JobErrorCode"], told["JobErrorMsg"]) == ("5", "", "")
    assert told["ResultDetails"] == ["Success"]
    (url,) = told["ResultImage"]
    assert url.startswith(place.server.url + "/results/")
    assert fetched(url).startswith(b"\xff\xd8")


def test_a_job_that_cannot_be_done_says_why(place: Place) -> None:
    client = place.client()
    told = ended(client, submit(client, place.parameters("no-garment")))
    direct = place.refused("ChangeClothes", place.parameters("no-garment"))
    assert (told["JobStatusCode"], told["JobErrorCode"], told["ResultImage"]) == ("4", direct, [])
    assert told["JobErrorMsg"]


def test_a_job_that_kills_workers_ends(place: Place) -> None:
    client = place.client()
    told = ended(client, submit(client, place.parameters("crash")))
    assert (told["JobStatusCode"], told["JobErrorCode"]) == ("4", "FailedOperation.RpcFail")


def test_nobody_else_may_query_a_job(place: Place) -> None:
    job_id = submit(place.client(), place.parameters())
    for one in (job_id, str(uuid.uuid4()), ""):
        code = place.refused("QueryChangeClothesJob", {"JobId": one}, "other")
        assert code == "FailedOperation.JobNotExist"
    ended(place.client(), job_id)


def test_values_are_checked_when_a_job_is_submitted(place: Place) -> None:
    for wrong, code in (
        ({"ClothesType": "Hat"}, "InvalidParameterValue.ParameterValueError"),
        ({"CallbackUrl": "ftp://example.com/"}, "InvalidParameterValue.UrlIllegal"),
        ({"CallbackUrl": "http://10.1.2.3/"}, "FailedOperation.ImageDownloadError"),
        ({"Nonsense": "1"}, "UnknownParameter"),
        ({"LogoParam": {"LogoImage": "QUJD" * 70_000}}, "RequestSizeLimitExceeded"),
    ):
        assert place.refused("SubmitChangeClothesJob", place.parameters(**wrong)) == code


def test_an_account_without_a_secret_has_no_callbacks(place: Place) -> None:
    parameters = place.parameters(CallbackUrl="https://example.com/")
    code = place.refused("SubmitChangeClothesJob", parameters, "other")
    assert code == "InvalidParameterValue.ParameterValueError"


def test_a_sub_user_needs_a_permission_of_its_own_for_each(place: Place) -> None:
    database = Database.open(place.server.data_dir)
    store = Store(database, Vault.open(place.server.data_dir), "cli:tests")
    users.create(store, "shop", "alice")
    statement = {"effect": "allow", "action": "aiart:SubmitChangeClothesJob", "resource": "*"}
    policies.create(store, "shop", "submit", json.dumps({"version": "2.0", "statement": [statement]}))
    policies.attach(store, "shop", "submit", "alice")
    issued = keys.create(store, "shop", "alice")
    database.close()
    place.keys["alice"] = Credential(issued.secret_id, issued.secret_key)
    time.sleep(1.5)  # until the server has seen it
    job_id = submit(place.client("alice"), place.parameters())
    assert place.refused("QueryChangeClothesJob", {"JobId": job_id}, "alice") == "AuthFailure.UnauthorizedOperation"
    assert ended(place.client(), job_id)["JobStatusCode"] == "5"
    assert place.refused("ChangeClothes", place.parameters(), "alice") == "AuthFailure.UnauthorizedOperation"


def test_one_job_too_many(place: Place) -> None:
    client = place.client("other")
    jobs = [submit(client, place.parameters("slow")) for _ in range(3)]
    assert query(client, jobs[2])["JobStatusCode"] == "1"
    code = place.refused("SubmitChangeClothesJob", place.parameters(), "other")
    assert code == "RequestLimitExceeded.JobNumExceed"
    assert {ended(client, job)["JobStatusCode"] for job in jobs} == {"5"}


def test_a_callback_is_signed_and_tried_again(place: Place) -> None:
    client = place.client()
    with CallbackReceiver(500, 302) as receiver:
        job_id = submit(client, place.parameters(CallbackUrl=receiver.url))
        first, second, third = receiver.wait(3)
    assert 0.1 < second.at - first.at < third.at - second.at
    assert {one.path for one in (first, second, third)} == {"/told?q=secret"}
    webhook = Webhook(place.secret)
    for one in (first, second, third):
        told = webhook.verify(one.body, one.headers)["Response"]
        assert one.headers["webhook-id"] == told["JobId"] == job_id
    answer = query(client, job_id)
    assert {**told, "RequestId": ""} == {**answer, "RequestId": "", "JobId": job_id}
    with pytest.raises(WebhookVerificationError):
        webhook.verify(third.body.replace(b'"5"', b'"4"'), third.headers)


def test_a_callback_that_nobody_takes_is_given_up(place: Place) -> None:
    client = place.client()
    with CallbackReceiver(*[503] * 9) as receiver:
        ended(client, submit(client, place.parameters("no-garment", CallbackUrl=receiver.url)))
        receiver.wait(3)
        logged = place.server.output
        while "callback_given_up" not in logged.read_text():
            time.sleep(0.05)
        assert json.loads(receiver.arrived[0].body)["Response"]["JobStatusCode"] == "4"
        assert len(receiver.arrived) == 3
