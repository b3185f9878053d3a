"""Everything but `/`: results by URL, probes, and paths at which nothing is."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def client(world):
    with TestClient(world.app) as client:
        yield client


def test_livez(client):
    answer = client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("state", "status"), [("READY", 200), ("BUSY", 200), ("STARTING", 503), ("SETUP_FAILED", 503), ("DRAINING", 503)]
)
def test_readyz(world, client, state, status):
    world.services.dispatcher.state = state
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert answer.json() == {
        "state": state,
        "engine": "fake",
        "workers": 1,
        "running": 0,
        "detail": "",
        "waiting": 0,
        "restarts": 0,
        "engine_reason": "",
        "results": "ok",
    }


def test_readyz_tells_why_results_cannot_be_kept(world, client):
    world.services.results.trouble = "storing a result failed: HTTP 503"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["results"]) == (200, "storing a result failed: HTTP 503")


def test_a_result_by_url(kit, world, client):
    url = world.send(kit.sign_json({**kit.GOOD, "RspImgType": "url"})).response["ResultImage"]
    assert url == "http://127.0.0.1:8000/results/abc.jpg?sign=good"
    answer = client.get(url)
    assert (answer.status_code, answer.content) == (200, kit.PICTURE)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    head = client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(kit.PICTURE))


def test_forbidden_and_gone_results(client):
    for path, status in (("/results/abc.jpg", 403), ("/results/abc.jpg?sign=bad", 403), ("/results/x?sign=good", 410)):
        answer = client.get(path)
        assert answer.status_code == status
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"].startswith("text/plain")
    assert client.post("/results/abc.jpg?sign=good").status_code == 405


@pytest.mark.parametrize("path", ["/prefix", "/prefix/", "/results", "/results/a/b", "/livez/", "/index.html"])
def test_nothing_elsewhere(client, path):
    for answer in (client.get(path), client.post(path, content=b"{}")):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["Response"]["Error"]["Code"] == "ResourceNotFound"
        assert answer.json()["Response"]["RequestId"]


def test_nothing_elsewhere_in_chinese(client):
    assert "该路径不存在" in client.get("/x", headers={"X-TC-Language": "zh-CN"}).json()["Response"]["Error"]["Message"]


def test_websockets_are_closed(client):
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws"):
        pass


def test_lifespan_is_run(kit):
    from contextlib import asynccontextmanager

    from fittingroom.wire import build_app

    ran = []

    @asynccontextmanager
    async def lifespan(_app):
        ran.append("up")
        yield
        ran.append("down")

    with TestClient(build_app(kit.Services(), kit.Settings(), lifespan=lifespan)) as client:
        client.get("/livez")
    assert ran == ["up", "down"]


@pytest.mark.parametrize(
    ("host", "settings", "extra", "base"),
    [
        ("127.0.0.1:8000", {}, {}, "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000", {}, {}, "http://127.0.0.1:8000"),
        ("HTTPS://shop.example", {}, {}, "http://shop.example"),
        ("[::1]:8000", {}, {}, "http://[::1]:8000"),
        ("shop.example", {}, {}, "http://shop.example"),
        ("evil.example/path?", {}, {}, "http://127.0.0.1:8000"),
        ("a@b.example", {}, {}, "http://127.0.0.1:8000"),
        ("[::::]", {}, {}, "http://127.0.0.1:8000"),
        ("", {}, {}, "http://127.0.0.1:8000"),
        ("inner", {"results": {"public_url": "https://img.example/"}}, {}, "https://img.example"),
        ("inner", {}, {"X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "https"}, "http://inner"),
        (
            "inner",
            {"wire": {"trust_forwarded_host": True}},
            {"X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "https"},
            "https://shop.example",
        ),
        ("inner", {"wire": {"trust_forwarded_host": True}}, {"X-Forwarded-Proto": "javascript"}, "http://inner"),
    ],
)
def test_base_of_result_urls(kit, host, settings, extra, base):
    world = kit.World(settings=kit.Settings(**settings))
    sent = kit.sign_json({**kit.GOOD, "RspImgType": "url"}, host=host, extra=extra)
    answer = world.send(sent)
    assert answer.response["ResultImage"] == f"{base}/results/abc.jpg?sign=good"


def test_base_without_a_server_address():
    from fittingroom.wire.hosts import base_url

    scope = {"scheme": "http", "server": None}
    assert base_url(scope, host="", proto=None, public_url=None) == "http://localhost"
    scope["server"] = ("::1", 80)
    assert base_url(scope, host="", proto=None, public_url=None) == "http://[::1]:80"
