"""Connections that are slow, half-open, broken or many: cut off in time, and others are served meanwhile."""

from __future__ import annotations

import contextlib
import json
import socket
import time

import pytest
from attack import BODY_SECONDS, HEADER_SECONDS, published
from raw_http import CLOSED, closed_within, connected, exchange, post, read_answer, request, signed


def test_half_sent_headers_are_cut_off(target):
    with connected(target.port) as made:
        made.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-A: ")
        assert closed_within(made, HEADER_SECONDS + 3)


def test_dripped_headers_are_cut_off(target):
    with connected(target.port) as made:
        made.sendall(b"POST / HTTP/1.1\r\n")
        started = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while time.monotonic() - started < HEADER_SECONDS + 4:
                made.sendall(b"X-A: b\r\n")
                time.sleep(0.1)
        assert time.monotonic() - started < HEADER_SECONDS + 3


def test_a_connection_that_says_nothing_is_cut_off(target):
    with connected(target.port) as made:
        assert closed_within(made, HEADER_SECONDS + 3)


@pytest.mark.parametrize("sent", [0, 10])
def test_a_body_that_comes_too_slowly_is_answered_and_cut_off(target, sent):
    body = json.dumps({"ModelUrl": "x" * 100}).encode()
    with connected(target.port) as made:
        made.sendall(post(signed(target.key, target.port, body), body[:sent]))
        started = time.monotonic()
        assert published(read_answer(made)) == "InvalidRequest"
        assert BODY_SECONDS - 0.5 < time.monotonic() - started < BODY_SECONDS + 3
        assert closed_within(made, 3)


def test_a_dripped_body_is_cut_off_at_the_same_time(target):
    body = b" " * 100_000
    with connected(target.port) as made:
        made.sendall(request("POST", "/", signed(target.key, target.port, body)))
        started = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while time.monotonic() - started < BODY_SECONDS + 0.5:
                made.sendall(b" ")
                time.sleep(0.1)
        assert closed_within(made, 3)


def test_many_idle_connections_do_not_keep_others_out(target):
    with contextlib.ExitStack() as held:
        for _ in range(200):
            made = held.enter_context(connected(target.port))
            made.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
        assert target.call().code is None


def test_callers_who_hang_up_mid_request_leave_nothing(target):
    body = json.dumps({"ModelUrl": target.person, "ClothesUrl": target.garment, "ClothesType": "Dress"}).encode()
    whole = post(signed(target.key, target.port, body), body)
    for length in (1, 40, len(whole) - len(body), len(whole) - 1, len(whole)):
        for _ in range(5):
            with connected(target.port) as made:
                made.sendall(whole[:length])
                made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset, not a polite end


def test_a_body_over_the_limit(target):
    answer = target.send(b" " * (10 * 1024 * 1024 + 1))
    assert published(answer) == "RequestSizeLimitExceeded"


def test_a_promise_of_a_body_over_the_limit_needs_no_body(target):
    headers = {**signed(target.key, target.port, b""), "Content-Length": str(2**60)}
    with connected(target.port) as made:
        made.sendall(request("POST", "/", headers))
        answer = read_answer(made)
        assert published(answer) in {"RequestSizeLimitExceeded", "InvalidRequest"}


def test_a_query_over_the_limit(target):
    head = request("GET", "/?a=" + "b" * 40_000, {"Host": "127.0.0.1"})
    assert published(exchange(target.port, head)) == "RequestSizeLimitExceeded"


def test_headers_over_the_limit(target):
    answer = exchange(target.port, request("POST", "/", {"Host": "h", "X-A": "b" * 200_000}))
    assert answer == CLOSED or 400 <= answer.status < 500


BROKEN = {
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "no version": b"GET /\r\n\r\n",
    "a bad version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "a space in a name": b"GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a bad chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a null byte": b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "old HTTP": b"GET / HTTP/1.0\r\n\r\n",
    "a whole URL as target": b"GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n",
    "an upgrade": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_http_is_refused(target, name):
    answer = exchange(target.port, BROKEN[name], timeout=BODY_SECONDS + HEADER_SECONDS + 3)
    if answer.status == 200:
        published(answer)
    else:
        assert answer == CLOSED or 400 <= answer.status < 500


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods(target, method):
    answer = exchange(target.port, request(method, "/", {"Host": "127.0.0.1", "Content-Length": "0"}))
    assert published(answer) == "UnsupportedProtocol"


@pytest.mark.parametrize(
    "path", ["/results/", "/results/../accounts.db", "/results/%2e%2e%2faccounts.db", "//", "/admin"]
)
def test_other_paths_give_nothing(target, path):
    answer = exchange(target.port, request("GET", path, {"Host": "127.0.0.1"}))
    assert answer.status in {403, 404, 410}
    assert b"SQLite" not in answer.body


def test_pipelined_requests_are_each_answered(target):
    head = request("GET", "/livez", {"Host": "127.0.0.1"})
    with connected(target.port) as made:
        made.sendall(head + head)
        first = read_answer(made)
        assert first.status == 200
