"""`ChangeOutfit` through a running server, called with the official SDK's common client."""

from __future__ import annotations

import base64
import datetime
import io
import itertools
import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from picture_server import PictureServer
from pictures import encoded, figure
from PIL import Image
from reading_engine import COLOURS, NOTHING, WORN
from running_server import LOOPBACK, RATES, RunningServer, running
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential as SdkCredential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from fittingroom.accounts import Database, Store, Vault
from fittingroom.accounts.ledger import desk
from fittingroom.accounts.ledger.book import Balance
from fittingroom.accounts.ledger.usage import of_month
from fittingroom.accounts.records import Plan
from fittingroom.accounts.store import accounts, keys, policies, users
from fittingroom.engines.protocol import ClothesType
from fittingroom.settings import BillingSettings

SIZE = (600, 800)
PERSON = np.asarray(figure(SIZE))
COUNTER = itertools.count()
BILLING = BillingSettings()
TOP, LOWER, DRESS = (COLOURS[kind] for kind in ClothesType)


class Place:
    """A server, its origin of pictures, and keys."""

    def __init__(self, server: RunningServer, origin: PictureServer, store: Store, keys: dict[str, Any]) -> None:
        self.server, self.origin, self.store, self.keys = server, origin, store, keys
        self.person = origin.publish("/person.png", encoded(figure(SIZE)))

    def garment(self, colour: tuple[int, int, int], **values: Any) -> dict[str, Any]:
        url = self.origin.publish(f"/plain{next(COUNTER)}.png", encoded(Image.new("RGB", (600, 600), colour)))
        return {"Url": url, **values}

    def call(
        self,
        garments: list[dict[str, Any]],
        *,
        user: str = "shop",
        method: str = "POST",
        action: str = "ChangeOutfit",
        **more: Any,
    ) -> Any:
        parameters = {"ModelUrl": self.person, "Garments": garments, "LogoAdd": 0, **more}
        return self.ask(action, parameters, user=user, method=method)

    def ask(self, action: str, parameters: dict[str, Any], *, user: str = "shop", method: str = "POST") -> Any:
        key = self.keys[user]
        http = HttpProfile(protocol="http", endpoint=self.server.endpoint, reqMethod=method)
        profile = ClientProfile(httpProfile=http)
        profile.language = "en-US"
        credential = SdkCredential(key.secret_id, key.secret_key)
        client = CommonClient("aiart", "2022-12-29", credential, "ap-singapore", profile)
        return client.call_json(action, parameters)["Response"]

    def refused(self, garments: list[dict[str, Any]], **more: Any) -> tuple[str, str]:
        with pytest.raises(TencentCloudSDKException) as caught:
            self.call(garments, **more)
        return str(caught.value.get_code()), str(caught.value.get_message())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("outfits") / "data"
    database = Database.open(folder)
    store = Store(database, Vault.open(folder), "cli:alice")
    accounts.create(store, "shop")
    accounts.create(store, "small")
    desk.set_plan(store, "small", desk.Terms(Plan.PREPAID, 10, None), BILLING)
    desk.top_up(store, "small", 25, "", BILLING)
    users.create(store, "shop", "bob")
    document = {"version": "2.0", "statement": [{"effect": "allow", "action": "aiart:ChangeClothes", "resource": "*"}]}
    policies.create(store, "shop", "clothes", json.dumps(document))
    policies.attach(store, "shop", "clothes", "bob")
    issued = {"shop": keys.create(store, "shop"), "small": keys.create(store, "small")}
    issued["bob"] = keys.create(store, "shop", "bob")
    variables = {**RATES, "FITTINGROOM_IMAGES__FORMAT": "png"}
    flags = ("--engine", "reading_engine:ReadingEngine", *LOOPBACK)
    with PictureServer() as origin, running(folder, *flags, variables=variables) as server:
        yield Place(server, origin, store, issued)
    database.close()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_top_and_lower_garment_in_one_call_of_unknown_type(place: Place) -> None:
    answer = place.call([place.garment(TOP), place.garment(LOWER)], WithMask=1, Seed=3)
    (encoded_picture,) = answer["ResultImages"]
    picture, mask = pixels(base64.b64decode(encoded_picture)), pixels(base64.b64decode(answer["MaskImage"]))
    assert tuple(picture[200, 300]) == TOP
    assert tuple(picture[460, 300]) == TOP  # it hangs over the lower garment, which went on first
    assert tuple(picture[700, 300]) == LOWER
    assert mask.shape == PERSON.shape[:2]
    assert np.array_equal(picture[mask == 0], PERSON[mask == 0])
    assert (mask > 0).sum() == 300 * 600
    assert [one["ClothesType"] for one in answer["Garments"]] == ["Upper-body", "Lower-body"]
    assert [one["Worn"] for one in answer["Garments"]] == ["No", "No"]
    assert answer["Warnings"] == ["The flat engine is for tests."]
    assert answer["Confidence"] == 0


def test_a_garment_that_is_worn_in_its_photo(place: Place) -> None:
    answer = place.call([place.garment(WORN)])
    assert answer["Garments"] == [{"ClothesType": "Upper-body", "Worn": "Yes", "Confidence": 0.0}]
    assert "The test's wearer has gone." in answer["Warnings"]
    assert answer["MaskImage"] is None
    assert tuple(pixels(base64.b64decode(answer["ResultImages"][0]))[200, 300]) == TOP


def test_the_flattened_form_of_get(place: Place) -> None:
    outer = place.garment(TOP, ClothesType="Outer", Length="1.2", RolledSleeves="1", Fit="Oversized")
    answer = place.call([place.garment(DRESS), outer], method="GET")
    assert [one["ClothesType"] for one in answer["Garments"]] == ["Dress", "Outer"]


def test_samples_by_url_are_one_picture_each_on_the_bill(place: Place) -> None:
    before = sum(used.pictures for used in of_month(place.store, _month()))
    answer = place.call([place.garment(DRESS)], SampleCount=3, RspImgType="url", WithMask=1)
    urls = [*answer["ResultImages"], answer["MaskImage"]]
    shown = []
    for url in urls:
        with urllib.request.urlopen(url) as response:
            shown.append(pixels(response.read()))
    assert len(set(urls)) == 4
    assert all(np.array_equal(shown[0], sample) for sample in shown[1:3])  # the flat engine knows no chance
    assert shown[3].ndim == 2
    assert sum(used.pictures for used in of_month(place.store, _month())) - before == 3


def test_an_outfit_is_a_job_alike(place: Place) -> None:
    before = sum(used.pictures for used in of_month(place.store, _month()))
    garments = [place.garment(TOP), place.garment(LOWER)]
    submitted = place.call(garments, action="SubmitChangeOutfitJob", SampleCount=2, WithMask=1)
    told = {"JobStatusCode": "1"}
    deadline = time.monotonic() + 30
    while told["JobStatusCode"] in "12" and time.monotonic() < deadline:
        told = place.ask("QueryChangeOutfitJob", {"JobId": submitted["JobId"]})
        time.sleep(0.1)
    assert told["JobStatusCode"] == "5"
    with urllib.request.urlopen(told["ResultImage"][0]) as response:
        assert tuple(pixels(response.read())[700, 300]) == LOWER
    assert [sorted(json.loads(detail)) for detail in told["ResultDetails"]] == [
        ["Confidence", "Garments", "Warnings"],
        ["Confidence", "Garments", "Warnings"],
        ["Mask"],
    ]
    assert sum(used.pictures for used in of_month(place.store, _month())) - before == 2


@pytest.mark.parametrize(
    ("colours", "values", "code", "named"),
    [
        ([TOP, TOP], {}, "InvalidParameterValue.StyleConflict", "`Garments.0.ClothesType` (Upper-body)"),
        ([LOWER, DRESS], {}, "InvalidParameterValue.StyleConflict", "`Garments.1.ClothesType` (Dress)"),
        ([TOP, LOWER, DRESS, TOP], {}, "InvalidParameterValue.ParameterValueError", "`Garments` holds 4 garments"),
        ([TOP], {"ClothesType": "Hat"}, "InvalidParameterValue.ParameterValueError", "`Garments.0.ClothesType`"),
        ([TOP], {"Length": 3}, "InvalidParameterValue.ParameterValueError", "from 0.7 to 1.4"),
        ([NOTHING], {}, "InvalidParameterValue.ParameterValueError", "No garment of type any"),
        ([TOP], {"Worn": "Yes"}, "InvalidParameterValue.ParameterValueError", "`Garments.0.Url`"),
        ([TOP], {"Color": "red"}, "UnknownParameter", "Garments.0.Color"),
    ],
)  # fmt: skip
def test_refusals(place: Place, colours, values, code, named) -> None:
    before = sum(used.pictures for used in of_month(place.store, _month()))
    refusal = place.refused([place.garment(colour, **values) for colour in colours])
    assert refusal[0] == code
    assert named in refusal[1]
    assert sum(used.pictures for used in of_month(place.store, _month())) == before


def test_which_picture_is_at_fault(place: Place) -> None:
    broken = {"Url": place.origin.publish("/broken.png", b"no picture")}
    code, message = place.refused([place.garment(TOP), broken])
    assert (code, "`Garments.1.Url`" in message) == ("FailedOperation.ImageDecodeFailed", True)


def test_an_account_that_cannot_pay_all_samples_pays_none(place: Place) -> None:
    code, _ = place.refused([place.garment(TOP)], user="small", SampleCount=3)
    assert code == "ResourceUnavailable.LowBalance"
    assert desk.bill(place.store, "small", BILLING).money == Balance(-25, 25, 0, 0)
    place.call([place.garment(TOP)], user="small", SampleCount=2)
    assert desk.bill(place.store, "small", BILLING).money == Balance(-25, 5, 0, 20)


def test_the_permission_is_the_actions_own(place: Place) -> None:
    code, message = place.refused([place.garment(TOP)], user="bob")
    assert code == "AuthFailure.UnauthorizedOperation"
    assert "aiart:ChangeOutfit" in message


def _month() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m")
