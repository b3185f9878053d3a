"""The room on a real server, by HTTP as its page calls it; the engine is the flat one."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx2 as httpx
import pytest
from pictures import encoded, figure, garment
from running_server import COMMAND, FLAT, RunningServer, assert_quiet, fittingroom, running

PERSON = encoded(figure(), "JPEG")
GARMENT = encoded(garment(), "JPEG")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    place = tmp_path_factory.mktemp("room") / "data"
    with running(place, *FLAT, variables={"FITTINGROOM_PAGES__ROOM_SESSION_BYTES": "400000"}) as server:
        yield server


class Visitor:
    """A browser at the page."""

    def __init__(self, server: RunningServer) -> None:
        self.http = httpx.Client(base_url=server.url, timeout=30)
        answer = self.http.post("/room/session")
        assert answer.status_code == 200
        self.session = answer.json()
        self.headers = {"X-Room-Token": self.session["token"]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, address: str) -> httpx.Response:
        return self.http.get(address, headers=self.headers)

    def put(self, kind: str, data: bytes, **query: str) -> httpx.Response:
        return self.http.put("/room/photos", params={"kind": kind, **query}, content=data, headers=self.headers)

    def parameters(self, trick: str | None = None, clothes_type: str = "Upper-body") -> dict[str, str]:
        data = GARMENT if trick is None else encoded(garment(trick=trick))
        person, cloth = self.put("person", PERSON).json(), self.put("garment", data).json()
        return {"ModelUrl": person["url"], "ClothesUrl": cloth["url"], "ClothesType": clothes_type}

    def look(self, parameters: dict[str, str], **query: str) -> list[tuple[str, dict[str, Any]]]:
        answer = self.http.post("/room/looks", json=parameters, headers=self.headers, params=query)
        assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
        told = [event.split("\n", 1) for event in answer.text.strip().split("\n\n")]
        return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in told]


@pytest.fixture
def visitor(server: RunningServer) -> Iterator[Visitor]:
    with Visitor(server) as visitor:
        yield visitor


def test_the_page_and_its_files_are_there(visitor: Visitor) -> None:
    page = visitor.http.get("/room")
    assert page.status_code == 200
    assert "Content-Security-Policy" in page.headers
    for address in ("/room/static/room.js", "/room/static/room.css", "/shell/shell.js", "/shell/tokens.css"):
        assert address.rsplit("/", 1)[1].split(".")[0] in page.text or "shell" in address
        assert visitor.http.get(address).status_code == 200


def test_a_session_tells_what_the_page_needs_and_no_secret(visitor: Visitor, server: RunningServer) -> None:
    assert visitor.session["engine"] == "flat_engine:FlatEngine"
    assert visitor.session["types"] == ["Auto", "Upper-body", "Lower-body", "Dress"]
    assert visitor.session["limits"]["max_px"] == 2999
    assert visitor.session["endpoint"] == server.url
    assert "AKID" not in json.dumps(visitor.session)
    cookie = visitor.http.post("/room/session").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/room" in cookie


def test_from_photos_to_a_picture(visitor: Visitor, server: RunningServer) -> None:
    parameters = visitor.parameters()
    events = visitor.look(parameters)
    stages = [told["stage"] for name, told in events if name == "stage"]
    assert list(dict.fromkeys(stages)) == ["check", "photos", "dress", "finish"]
    name, told = events[-1]
    assert name == "done"
    assert told["clothes_type"] == "Upper-body"
    assert 0 <= told["confidence"] <= 1
    picture = visitor.get(told["picture"])
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["cache-control"] == "no-store"
    assert picture.content.startswith(b"\xff\xd8")
    # It was an ordinary request of an ordinary account, which the log and the ledger know.
    log = server.output.read_text()
    assert f'"request_id": "{told["request_id"]}"' in log
    assert '"account": "fitting-room"' in log
    assert "fitting-room.invalid" not in log
    assert_quiet(server)
    usage = json.loads(fittingroom("accounts", "list", "--json", "--data-dir", server.data_dir))
    assert [one["name"] for one in usage] == ["fitting-room"]


def test_a_failure_of_the_api_comes_in_its_own_words(visitor: Visitor) -> None:
    name, told = visitor.look(visitor.parameters("no-person"))[-1]
    assert name == "failed"
    assert told["message"]
    assert told["request_id"]
    chinese = visitor.look(visitor.parameters("no-person"), lang="zh")[-1][1]
    assert chinese["code"] == told["code"]
    assert not chinese["message"].isascii()


def test_an_address_that_is_none_is_no_fault_of_ours(visitor: Visitor) -> None:
    wish = rb'{"ModelUrl": "https://a.example/\ud800", "ClothesUrl": "https://b.example/", "ClothesType": "Dress"}'
    answer = visitor.http.post("/room/looks", content=wish, headers=visitor.headers)
    assert "event: failed" in answer.text
    assert "InternalError" not in answer.text
    assert visitor.http.post("/room/code", content=wish, headers=visitor.headers).status_code == 200


def test_a_photo_that_the_api_would_refuse_is_refused_at_once(visitor: Visitor) -> None:
    small = visitor.put("person", encoded(figure((200, 300))))
    assert (small.status_code, small.json()["error"]["code"]) == (400, "InvalidParameterValue.ParameterValueError")
    assert "ModelUrl" in small.json()["error"]["message"]
    text = visitor.put("garment", b"no picture", lang="zh")
    assert (text.status_code, text.json()["error"]["message"].isascii()) == (400, False)
    huge = visitor.put("person", b"\xff\xd8\xff" + b"0" * 7_000_000)
    assert huge.json()["error"]["code"] == "FailedOperation.ImageSizeExceed"


def test_another_visitor_sees_nothing_of_mine(visitor: Visitor, server: RunningServer) -> None:
    parameters = visitor.parameters()
    with Visitor(server) as other:
        assert visitor.get(parameters["ModelUrl"]).content == PERSON
        assert other.get(parameters["ModelUrl"]).status_code == 404
        # Neither is of any use without the other: the token of one with the cookie of the other finds nobody.
        assert other.http.get(parameters["ModelUrl"], headers=visitor.headers).status_code == 403
        assert other.look(parameters)[-1][1]["code"] == "NoSuchPicture"


@pytest.mark.parametrize("headers", [{}, {"X-Room-Token": "guessed"}])
def test_without_the_token_nothing_happens(visitor: Visitor, headers: dict[str, str]) -> None:
    for method, path in (("PUT", "/room/photos?kind=person"), ("POST", "/room/looks"), ("POST", "/room/code")):
        answer = visitor.http.request(method, path, content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "SessionExpired")
    mine = visitor.put("person", PERSON).json()["url"]
    for method in ("GET", "DELETE"):
        assert visitor.http.request(method, mine, headers=headers).status_code == 403
    assert visitor.get(mine).content == PERSON
    assert visitor.http.post("/room/leave", content=b"guessed").status_code == 403


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_another_site_gets_nothing(visitor: Visitor, headers: dict[str, str]) -> None:
    answer = visitor.http.post("/room/session", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NotFromThisPage")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"{}",
        b'{"ModelUrl": 1, "ClothesUrl": "x", "ClothesType": "Dress"}',
        b'{"ModelUrl": "x", "ClothesUrl": "x", "ClothesType": "Hat"}',
        b"[" * 16_000,
        b"x" * 20_000,
    ],
)
def test_what_the_page_never_sends_is_refused(visitor: Visitor, body: bytes) -> None:
    answer = visitor.http.post("/room/looks", content=body, headers=visitor.headers)
    assert answer.status_code == 400
    assert visitor.put("hat", PERSON).json()["error"]["code"] == "BadRequest"


def test_leaving_forgets_everything(visitor: Visitor) -> None:
    parameters = visitor.parameters()
    assert visitor.http.post("/room/leave", content=visitor.session["token"].encode()).status_code == 204
    assert visitor.get(parameters["ModelUrl"]).status_code == 403


def test_a_removed_photo_is_gone(visitor: Visitor) -> None:
    address = visitor.parameters()["ModelUrl"]
    assert visitor.http.delete(address, headers=visitor.headers).status_code == 204
    assert visitor.get(address).status_code == 404


def test_a_visitor_has_one_look_at_a_time_and_closing_the_stream_ends_it(
    visitor: Visitor, server: RunningServer
) -> None:
    parameters = visitor.parameters("slow")
    with visitor.http.stream("POST", "/room/looks", json=parameters, headers=visitor.headers) as answer:
        lines = answer.iter_lines()
        assert any('"dress"' in line for line in lines)
        second = httpx.post(
            f"{server.url}/room/looks", json=parameters, headers=visitor.headers, cookies=dict(visitor.http.cookies)
        )
        assert (second.status_code, second.json()["error"]["code"]) == (409, "LookRunning")
    until = time.monotonic() + 10
    while '"ClientGone"' not in server.output.read_text():
        assert time.monotonic() < until, server.output.read_text()[-2000:]
        time.sleep(0.05)
    assert visitor.look(visitor.parameters())[-1][0] == "done"


def test_the_code_asks_for_the_same_picture(visitor: Visitor, server: RunningServer) -> None:
    wish = visitor.parameters() | {"ClothesUrl": "https://shop.example/shirt's.jpg"}
    codes = visitor.http.post("/room/code", json=wish, headers=visitor.headers).json()
    assert set(codes) == {"python", "node", "go", "java", "curl"}
    for code in codes.values():
        assert "https://example.com/person.jpg" in code
        assert server.endpoint in code
        assert "/room/" not in code


def test_behind_a_proxy_of_the_operators_the_code_names_its_address(tmp_path: Path) -> None:
    variables = {"FITTINGROOM_WIRE__TRUST_FORWARDED_HOST": "true", "FITTINGROOM_PAGES__HOSTS": '["my.example"]'}
    proxied = {"X-Forwarded-Host": "my.example", "X-Forwarded-Proto": "https", "Origin": "https://my.example"}
    with running(tmp_path / "data", *FLAT, variables=variables) as server:
        answer = httpx.post(f"{server.url}/room/session", headers=proxied)
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.json()["endpoint"] == "https://my.example"
        wish = {"ModelUrl": "/room/samples/anna", "ClothesUrl": "/room/samples/tee-red", "ClothesType": "Dress"}
        visit = {
            "X-Room-Token": answer.json()["token"],
            "Cookie": answer.headers["set-cookie"].partition(";")[0],
        }
        codes = httpx.post(f"{server.url}/room/code", json=wish, headers=proxied | visit).json()
        assert 'protocol: "https' in codes["node"]
        assert "my.example" in codes["node"]


def test_an_account_that_the_operator_named_pays(tmp_path: Path) -> None:
    place = tmp_path / "data"
    fittingroom("accounts", "create", "shop", "--data-dir", place)
    with (
        running(place, *FLAT, variables={"FITTINGROOM_PAGES__ROOM_ACCOUNT": "shop"}) as server,
        Visitor(server) as visitor,
    ):
        assert visitor.look(visitor.parameters(clothes_type="Dress"))[-1][0] == "done"
        assert '"account": "shop"' in server.output.read_text()


def test_the_room_can_be_off_and_a_missing_account_is_an_error(tmp_path: Path) -> None:
    with running(tmp_path / "data", *FLAT, "--no-room") as server:
        assert httpx.get(f"{server.url}/room").json()["Response"]["Error"]["Code"] == "ResourceNotFound"
    ended = subprocess.run(
        [str(COMMAND), "serve", "--port", "0", "--data-dir", str(tmp_path / "other"), "--engine", "drape"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"FITTINGROOM_PAGES__ROOM_ACCOUNT": "nobody"},
    )
    assert ended.returncode == 1
    assert "nobody" in ended.stderr
