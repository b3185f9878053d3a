import gzip
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from fittingroom.pages.static import StaticFolder

TEXT = "body { color: red; }\n" * 50


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "page.css").write_text(TEXT)
    (tmp_path / "secret.py").write_text("no")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "page.css").write_text("no")
    return TestClient(Starlette(routes=[Route("/files/{name}", StaticFolder(tmp_path).named)]))


def test_a_file_is_sent_with_headers_that_keep_the_page_to_itself(client: TestClient) -> None:
    answer = client.get("/files/page.css", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.text) == (200, TEXT)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "content-encoding" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    for part in ("script-src 'self'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_file_is_compressed_for_those_who_take_it(client: TestClient) -> None:
    with client.stream("GET", "/files/page.css", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < 200
    assert gzip.decompress(raw).decode() == TEXT


def test_a_browser_that_has_the_file_is_told_so(client: TestClient) -> None:
    etag = client.get("/files/page.css").headers["etag"]
    again = client.get("/files/page.css", headers={"If-None-Match": f"W/{etag}"})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/files/page.css", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("name", ["secret.py", "inner", "none.css", "..%2Fpage.css", "inner%2Fpage.css"])
def test_nothing_else_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/files/{name}").status_code == 404
