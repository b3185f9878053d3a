"""Each neural engine behind a running server, asked by the official SDK, with tiny weights."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import neural_tiny_fashn
import neural_tiny_served
import numpy as np
import pytest
from picture_server import PictureServer
from PIL import Image
from running_server import LOOPBACK, assert_quiet, fittingroom, make_key, running
from tencentcloud.aiart.v20221229 import aiart_client, models
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

pytest.importorskip("torch")
pytestmark = pytest.mark.neural

PERSON = (600, 800)


@dataclass(frozen=True)
class Tiny:
    """engine: `module:Class` of the tests' support folder. enter: puts its set into a store, from an empty folder."""

    name: str
    engine: str
    enter: Callable[[Path, Path], Path]


ENGINES = [
    Tiny("fashn", "neural_tiny_fashn:TinyFashn", neural_tiny_fashn.tiny_set),
    Tiny("flux2-klein", "neural_tiny_served:TinyKlein", neural_tiny_served.klein_set),
    Tiny("qwen-edit", "neural_tiny_served:TinyQwen", neural_tiny_served.qwen_set),
]

SETTINGS = {
    "FITTINGROOM_NEURAL__DEVICE": "cpu",
    "FITTINGROOM_NEURAL__STEPS": "2",
    "FITTINGROOM_NEURAL__ATTEMPTS": "1",
}


@dataclass(frozen=True)
class Served:
    """Ask by `change_clothes`. person: the photo as it is published at `urls["person"]`."""

    tiny: Tiny
    client: aiart_client.AiartClient
    urls: dict[str, str]
    person: np.ndarray

    def change_clothes(self, **changes: object) -> np.ndarray:
        """The picture of a job. Raises TencentCloudSDKException."""
        good = {"ModelUrl": self.urls["person"], "ClothesUrl": self.urls["garment"], "ClothesType": "Upper-body"}
        asked = models.ChangeClothesRequest()
        asked.from_json_string(json.dumps({**good, "LogoAdd": 0, "RspImgType": "base64", **changes}))
        answer = self.client.ChangeClothes(asked)
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(answer.ResultImage))).convert("RGB"))


@pytest.fixture(scope="module", params=ENGINES, ids=lambda tiny: tiny.name)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    tiny, place = request.param, tmp_path_factory.mktemp("served")
    for name in ("given", "store"):
        (place / name).mkdir()
    tiny.enter(place / "given", place / "store")
    person = neural_tiny_fashn.drawn_person(*PERSON).rgb
    pictures = {
        "person": person,
        "garment": neural_tiny_fashn.drawn_garment(600, 600),
        "nobody": np.full_like(person, 90),
    }
    fittingroom("accounts", "create", "tests", "--data-dir", place / "data")
    key = make_key(place / "data", "tests")
    variables = {**SETTINGS, "FITTINGROOM_MODELS_DIR": str(place / "store")}
    with (
        PictureServer() as origin,
        running(place / "data", "--engine", tiny.engine, *LOOPBACK, variables=variables) as server,
    ):
        urls = {name: origin.publish(f"/{name}.png", _png(picture)) for name, picture in pictures.items()}
        profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=server.endpoint, reqTimeout=120))
        signed = credential.Credential(key.secret_id, key.secret_key)
        yield Served(tiny, aiart_client.AiartClient(signed, "ap-singapore", profile), urls, person)
        assert_quiet(server, key)


def test_a_shop_gets_its_picture(served: Served) -> None:
    made = served.change_clothes()
    assert made.shape == served.person.shape
    away = np.abs(made.astype(int) - served.person).max(axis=-1)
    # JPEG; the head and the floor are the photo's, the chest is not.
    assert away[: PERSON[1] // 8].mean() < 4
    assert away[-PERSON[1] // 10 :].mean() < 4
    middle = away[300:400, 250:350]
    assert middle.mean() > 16


def test_nobody_in_the_photo_is_the_published_refusal(served: Served) -> None:
    with pytest.raises(TencentCloudSDKException) as refused:
        served.change_clothes(ModelUrl=served.urls["nobody"])
    assert refused.value.get_code() == "InvalidParameterValue.ParameterValueError"
    assert served.change_clothes(ClothesType="Lower-body").shape == served.person.shape


def _png(picture: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(picture).save(written, "PNG")
    return written.getvalue()
