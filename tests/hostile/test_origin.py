"""A hostile origin behind ModelUrl, ClothesUrl and LogoUrl: a published code in time, and no forbidden connection."""

from __future__ import annotations

import itertools
import socket
import threading
import time

import pytest
from attack import FETCH_SECONDS, published

DOWNLOAD = "FailedOperation.ImageDownloadError"
NUMBER = itertools.count()


def hostile(target, behaviour):
    return target.origin.publish(f"/hostile-{next(NUMBER)}", behaviour)


def says(*parts: bytes, pause: float = 0.0, then_wait: float = 0.0):
    """A behaviour: send these parts, then hang up."""

    def behave(made: socket.socket) -> None:
        for part in parts:
            made.sendall(part)
            time.sleep(pause)
        time.sleep(then_wait)

    return behave


def endless(part: bytes, pause: float, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n"):
    def behave(made: socket.socket) -> None:
        made.sendall(head)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            made.sendall(part)
            time.sleep(pause)

    return behave


LYING = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort"
BEHAVIOURS = {
    "hangs up at once": (says(), DOWNLOAD),
    "says nothing": (says(then_wait=FETCH_SECONDS + 3), DOWNLOAD),
    "drips its headers": (endless(b"X-A: b\r\n", 0.2, b"HTTP/1.1 200 OK\r\n"), DOWNLOAD),
    "floods with headers": (endless(b"X-A: " + b"b" * 4000 + b"\r\n", 0, b"HTTP/1.1 200 OK\r\n"), DOWNLOAD),
    "drips its body": (endless(b"x", 0.2), DOWNLOAD),
    "never ends": (endless(b"x" * 65536, 0), "FailedOperation.ImageSizeExceed"),
    "promises too much": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), None),
    "lies about its length": (says(LYING), DOWNLOAD),
    "sends a negative length": (says(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx"), DOWNLOAD),
    "sends broken chunks": (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nxx"), DOWNLOAD),
    "is not HTTP": (says(b"SSH-2.0-OpenSSH_9.9\r\n"), DOWNLOAD),
    "sends binary rubbish": (says(bytes(range(256)) * 20), DOWNLOAD),
    "sends compressed": (says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"), DOWNLOAD),
    "sends nothing": (
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        "InvalidParameterValue.ImageEmpty",
    ),
    "answers 500": (says(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), DOWNLOAD),
    "answers 304": (says(b"HTTP/1.1 304 Not Modified\r\n\r\n"), DOWNLOAD),
    "sends a page": (
        says(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 6\r\n\r\n<html>"),
        "FailedOperation.ImageDecodeFailed",
    ),
    "redirects to nowhere": (says(b"HTTP/1.1 302 Found\r\nLocation:\r\nContent-Length: 0\r\n\r\n"), DOWNLOAD),
}


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_badly_behaved_origin(target, name):
    behaviour, expected = BEHAVIOURS[name]
    started = time.monotonic()
    code = published(target.call(ClothesUrl=hostile(target, behaviour)))
    assert time.monotonic() - started < FETCH_SECONDS + 2
    assert code == expected or (expected is None and code in {DOWNLOAD, "FailedOperation.ImageSizeExceed"})


def test_a_bad_logo_origin_ends_the_request_too(target):
    logo = {"LogoUrl": hostile(target, endless(b"x", 0.2))}
    assert published(target.call(LogoAdd=1, LogoParam=logo)) == DOWNLOAD


@pytest.fixture
def forbidden():
    """A listener on an address that the server must not touch; `hits` counts connections."""
    listener = socket.create_server(("127.0.0.2", 0))
    listener.settimeout(0.1)
    hits: list[object] = []
    done = threading.Event()

    def accept() -> None:
        while not done.is_set():
            try:
                made, who = listener.accept()
            except TimeoutError:
                continue
            hits.append(who)
            made.close()

    thread = threading.Thread(target=accept)
    thread.start()
    port = listener.getsockname()[1]
    with socket.create_connection(("127.0.0.2", port)):
        deadline = time.monotonic() + 5
        while not hits:  # the listener does see a connection
            assert time.monotonic() < deadline
    hits.clear()
    yield port, hits
    done.set()
    thread.join()
    listener.close()


HOSTS = ["127.0.0.2", "2130706434", "0x7f000002", "0177.0.0.2", "127.2", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]"]
HOSTS += ["127.0.0.2.", "①②⑦.0.0.2", "%31%32%37.0.0.2", "a@127.0.0.2", "127.0.0.1@127.0.0.2"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("parameter", ["ModelUrl", "LogoUrl"])
def test_no_spelling_of_a_forbidden_address_is_connected_to(target, forbidden, host, parameter):
    port, hits = forbidden
    url = f"http://{host}:{port}/picture.png"
    changes = {"ModelUrl": url} if parameter == "ModelUrl" else {"LogoAdd": 1, "LogoParam": {"LogoUrl": url}}
    answer = target.call(**changes)
    assert published(answer) in {DOWNLOAD, "InvalidParameterValue.UrlIllegal"}
    assert "127.0.0.2" not in answer.response["Error"]["Message"]
    assert not hits


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.2:{port}/", "//127.0.0.2:{port}/x", "http://2130706434:{port}/", "http://[::1]:{port}/"],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_leads_to_a_forbidden_address(target, forbidden, location, status):
    port, hits = forbidden
    line = f"HTTP/1.1 {status} Go\r\nLocation: {location.format(port=port)}\r\nContent-Length: 0\r\n\r\n"
    answer = target.call(ModelUrl=hostile(target, says(line.encode())))
    assert published(answer) == DOWNLOAD
    assert not hits


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/a.png",
        "http://192.168.0.1/a.png",
        "http://[fe80::1]/a.png",
        "http://[fc00::1]/a.png",
        "http://[64:ff9b::7f00:2]/a.png",
        "http://0.0.0.0/a.png",
        "http://255.255.255.255/a.png",
        "http://224.0.0.1/a.png",
    ],
)
def test_private_and_special_addresses_are_refused_at_once(target, url):
    started = time.monotonic()
    assert published(target.call(ModelUrl=url)) in {DOWNLOAD, "InvalidParameterValue.UrlIllegal"}
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://127.0.0.1/", "data:image/png;base64,AAAA", "//h/a", "/a"]
)
def test_other_schemes_are_illegal(target, url):
    assert published(target.call(ClothesUrl=url)) == "InvalidParameterValue.UrlIllegal"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1:1/", "http://a b/", "http://[/"])
def test_a_redirect_to_another_scheme_is_refused(target, location):
    line = f"HTTP/1.1 302 Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    assert published(target.call(ModelUrl=hostile(target, says(line.encode())))) == DOWNLOAD


def test_a_circle_of_redirects_ends(target):
    path = f"/circle-{next(NUMBER)}"
    line = f"HTTP/1.1 302 Go\r\nLocation: {path}\r\nContent-Length: 0\r\n\r\n"
    url = target.origin.publish(path, says(line.encode()))
    assert published(target.call(ModelUrl=url)) == DOWNLOAD
    assert target.origin.asked.count(path) == 4
