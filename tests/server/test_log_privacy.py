"""A day of good and bad requests against servers that log all they can: nothing private is in what they wrote.

Every code of the catalogue that needs no waiting is brought about, and beside it what goes well: all signatures,
tokens, results by URL, logos in Base64. What the official SDK really sent and got is recorded on its way, so that the
search is for the very signatures, tokens and pictures of these requests. About half a minute, since servers start.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import billing_triggers  # noqa: F401  # registers its triggers
import pytest
import request_triggers  # noqa: F401  # registers its triggers
import requests
import sts_triggers  # noqa: F401  # registers its triggers
from code_triggers import TRIGGERS
from code_world import Place, World, common, typed
from picture_server import PictureServer
from pictures import encoded, logo
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential as SdkCredential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from fittingroom.client import Credential

SLOW = {"ServiceUnavailable", "InternalError", "FailedOperation.RequestTimeout", "RequestLimitExceeded.JobNumExceed"}
"""Codes that only cost time here; their lines are those of other codes."""

ENCODED = re.compile(r"[A-Za-z0-9+/_-]{200,}")
HUSH = "hushhushhush"


@dataclass
class Overheard:
    """What the SDK sent and got. words: what must never be written down."""

    words: set[str] = field(default_factory=set)

    def request(self, sent: requests.PreparedRequest) -> None:
        body = sent.body.decode(errors="replace") if isinstance(sent.body, bytes) else sent.body or ""
        headers = {name.lower(): str(value) for name, value in sent.headers.items()}
        if found := re.search(r"Signature=([0-9a-f]{64})", headers.get("authorization", "")):
            self.words.add(found[1])
        self.words.add(headers.get("x-tc-token", ""))
        for form in (urlsplit(str(sent.url)).query, "" if body.startswith("{") else body):
            for name in ("Signature", "Token"):
                self.words.update(parse_qs(form).get(name, []))
        with contextlib.suppress(ValueError):
            self.words.add(_start(json.loads(body).get("LogoParam", {}).get("LogoImage", "")))

    def answer(self, got: requests.Response) -> None:
        with contextlib.suppress(ValueError, KeyError):
            response = got.json()["Response"]
            result = response.get("ResultImage", "")
            self.words.add(urlsplit(result).query if result.startswith("http") else _start(result))
            given = response.get("Credentials", {})
            self.words.update({given.get("Token", ""), given.get("TmpSecretKey", "")})


def _start(image: str) -> str:
    """The beginning of a picture in Base64, behind what all such files have in common."""
    return image[100:140]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, set[str], World]]:
    """What all servers wrote, and what must not be in it."""
    overheard = Overheard()
    send = requests.Session.send

    def listening(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        overheard.request(request)
        answer = send(session, request, **options)
        overheard.answer(answer)
        return answer

    folder = tmp_path_factory.mktemp("private")
    with (
        PictureServer() as origin,
        contextlib.ExitStack() as stack,
        mock.patch.object(requests.Session, "send", listening),
    ):
        world = World(folder, origin, stack, ("--log-level", "debug", "--log-format", "json"))
        # In one order: a job that is late still has its permit when the next trigger asks the same server.
        for code in sorted(TRIGGERS.keys() - SLOW):
            TRIGGERS[code](world)
        plain = world.place("plain")
        what_goes_well(world, plain)
        what_goes_badly(world, plain)
        for key in plain.keys.values():
            overheard.words |= {key.secret_key, key.token or ""}
        for data in (*origin.published.values(), *(path.read_bytes() for path in folder.rglob("results/*.jpg"))):
            assert isinstance(data, bytes)
            overheard.words.add(_start(base64.b64encode(data).decode()))
        told = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.log"))
        yield told, overheard.words - {""}, world


def call(place: Place, asked: dict[str, Any], key: str = "shop", **profile: Any) -> dict[str, Any]:
    """What the SDK returns for a good request."""
    given = place.keys[key]
    http = HttpProfile(protocol="http", endpoint=place.server.endpoint, reqMethod=profile.pop("method", "POST"))
    client = CommonClient(
        profile.pop("service", "aiart"),
        profile.pop("version", "2022-12-29"),
        SdkCredential(given.secret_id, given.secret_key, given.token),
        "ap-singapore",
        ClientProfile(httpProfile=http, signMethod=profile.pop("sign", "TC3-HMAC-SHA256")),
    )
    answer: dict[str, Any] = client.call_json(profile.pop("action", "ChangeClothes"), asked)["Response"]
    return answer


def what_goes_well(world: World, plain: Place) -> None:
    """All signatures, a token, a URL with a signature of its own, logos, results by URL, temporary credentials."""
    signed = world.origin.publish(f"/signed.png?q-signature={HUSH}", _bytes(world, "/person.png"))
    mark = base64.b64encode(encoded(logo())).decode()
    for sign in ("TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256"):
        for method in ("POST", "GET"):
            assert call(plain, world.parameters(ModelUrl=signed, LogoAdd=0), sign=sign, method=method)["ResultImage"]
    assert call(plain, world.parameters(LogoParam={"LogoImage": mark}), "temporary")["ResultImage"]
    url = call(plain, world.parameters(RspImgType="url"))["ResultImage"]
    with urllib.request.urlopen(url, timeout=10) as picture:
        assert picture.read(2) == b"\xff\xd8"
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(url + "0", timeout=10)
    policy = json.dumps({"version": "2.0", "statement": [{"effect": "allow", "action": "*", "resource": "*"}]})
    sts = {"service": "sts", "version": "2018-08-13", "action": "GetFederationToken"}
    assert call(plain, {"Name": "guest", "Policy": policy}, **sts)["Credentials"]["Token"]


def what_goes_badly(world: World, plain: Place) -> None:
    """What nobody's recipe does: secrets in odd places, and errors whose words come from libraries."""
    signed = world.origin.url(f"/absent.png?q-signature={HUSH}")
    typed(plain, "en-US", world.parameters(ModelUrl=signed))
    typed(plain, "en-US", world.parameters(ModelUrl=f"https://user:{HUSH}@example.com/a.png"))
    typed(plain, "en-US", world.parameters(ModelUrl=f"http://127.0.0.1:1/a.png?sign={HUSH}"))
    key = plain.keys["temporary"]
    typed(plain, "en-US", world.parameters(), Credential(key.secret_id, key.secret_key, f"{HUSH}-token"))
    mark = base64.b64encode(encoded(logo())).decode()
    typed(plain, "en-US", world.parameters(LogoParam={"LogoImage": mark[:-7] + "!"}))
    typed(plain, "en-US", world.parameters(LogoParam={"LogoImage": mark[: len(mark) // 8 * 4]}))
    common(plain, "en-US", world.parameters(SecretKey=plain.keys["shop"].secret_key))
    common(plain, "en-US", world.parameters(LogoParam={"LogoImage": 7, "Token": HUSH}))
    for authorization in (f"TC3-HMAC-SHA256 {HUSH}", f"Bearer {HUSH}"):
        request = urllib.request.Request(
            plain.server.url + f"/?Token={HUSH}",
            headers={"Authorization": authorization, "X-TC-Action": "ChangeClothes", "X-TC-Token": HUSH},
        )
        urllib.request.urlopen(request, timeout=10).close()


def _bytes(world: World, path: str) -> bytes:
    content = world.origin.published[path]
    assert isinstance(content, bytes)
    return content


def test_no_secret_token_signature_or_picture_was_written(day: tuple[str, set[str], World]) -> None:
    told, words, _ = day
    assert len(words) > 80
    assert [word for word in words if word in told] == []


@pytest.mark.parametrize("word", [HUSH, "q=secret", "q-signature", "expires=", "signature=", 'LogoImage":'])
def test_no_query_was_written(day: tuple[str, set[str], World], word: str) -> None:
    told = day[0]
    assert word not in told, told[max(0, told.index(word) - 500) :][:1000]


def test_nothing_encoded_was_written(day: tuple[str, set[str], World]) -> None:
    assert ENCODED.findall(day[0]) == []


def test_a_traceback_was_written_and_each_line_of_a_request_names_it(day: tuple[str, set[str], World]) -> None:
    lines = [json.loads(line) for line in day[0].splitlines() if line.startswith("{")]
    assert any("Traceback" in line.get("exception", "") and line["event"] == "internal_error" for line in lines)
    of_no_request = {line["event"] for line in lines if "request_id" not in line}
    assert of_no_request <= {"worker_ready", "worker_setup_failed", "results_swept", "stopping"}
    of_requests = {line["event"] for line in lines} - of_no_request
    assert {"request", "rendered", "reviewed", "internal_error", "worker_crashed"} <= of_requests
    codes = {line["code"] for line in lines if line["event"] == "request"}
    assert codes >= TRIGGERS.keys() - SLOW - {"ResourceNotFound"}


def test_nothing_private_lies_beside_the_database_either(day: tuple[str, set[str], World], tmp_path: Path) -> None:
    """Of SecretKeys and tokens none is in any file of the data directory in the clear."""
    _, _, world = day
    place = world.place("plain")
    secrets = [key.secret_key for key in place.keys.values()] + [place.keys["temporary"].token or ""]
    files = [path for path in place.server.data_dir.rglob("*") if path.is_file()]
    assert any(path.name == "accounts.db" for path in files)
    for path in files:
        data = path.read_bytes()
        assert [secret for secret in secrets if secret.encode() in data] == []
