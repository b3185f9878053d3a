"""The page's routes: what is served, under which headers, with which address in the document."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fittingroom.pages.developer import routes
from fittingroom.pages.developer.page import STATIC
from fittingroom.settings import Settings


def client(**settings: Any) -> TestClient:
    return TestClient(Starlette(routes=routes(Settings(**settings))))


def test_the_page_and_all_files_it_asks_for_are_there() -> None:
    http = client()
    page = http.get("/docs")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    asked = re.findall(r'"(/docs/[^"]+)"', page.text)
    for script in STATIC.glob("*.js"):
        asked += re.findall(r'from "(/docs/[^"]+)"', script.read_text(encoding="utf-8"))
    assert len(set(asked)) >= 7
    for address in set(asked):
        assert http.get(address).status_code == 200, address


def test_nothing_of_the_page_is_inline_or_from_elsewhere() -> None:
    page = (STATIC / "docs.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|https?://", page)


def test_the_document_names_the_address_by_which_it_was_asked_for() -> None:
    told = client().get("/docs/openapi.json", headers={"Host": "try.example:8443"}).json()
    assert told["servers"] == [{"url": "http://try.example:8443"}]


def test_the_operators_word_wins() -> None:
    http = client(results={"public_url": "https://tryon.example.com"})
    told = http.get("/docs/openapi.json", headers={"Host": "inner:8000"}).json()
    assert told["servers"] == [{"url": "https://tryon.example.com"}]


def test_a_proxy_is_believed_only_where_the_operator_says_so() -> None:
    headers = {"Host": "inner:8000", "X-Forwarded-Host": "tryon.example.com", "X-Forwarded-Proto": "https"}
    told = client().get("/docs/openapi.json", headers=headers).json()
    assert told["servers"] == [{"url": "http://inner:8000"}]
    told = client(wire={"trust_forwarded_host": True}).get("/docs/openapi.json", headers=headers).json()
    assert told["servers"] == [{"url": "https://tryon.example.com"}]


@pytest.mark.parametrize("host", ["a'b", 'a";evil("', "a b", "", "$(touch x)", "[:::::]", "[1.2.3.4]"])
def test_a_host_that_is_none_reaches_no_program(host: str) -> None:
    answer = client().get("/docs/openapi.json", headers={"Host": host})
    assert answer.status_code == 200
    assert answer.json()["servers"] == [{"url": "http://testserver:80"}]
    assert "evil" not in answer.text


def test_the_document_is_compressed_and_known_again() -> None:
    http = client()
    first = http.get("/docs/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < 40_000
    again = http.get("/docs/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = http.get("/docs/openapi.json", headers={"If-None-Match": first.headers["etag"], "Host": "other"})
    assert other.status_code == 200


def test_the_page_is_light() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < 60_000
