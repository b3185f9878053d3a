"""The guarded fetcher against origins that mean well and origins that do not."""

import asyncio
import gzip
import socket
import ssl
import time

import pytest
import trustme

from fittingroom.errors import ApiError
from fittingroom.images.fetch import Fetcher
from fittingroom.settings import FetchSettings

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1/32"


async def test_a_picture_is_fetched_byte_for_byte(origin, client):
    url = origin.serve("/a.jpg", b"\x00\xffpicture" * 1000, "Content-Type: image/jpeg")
    assert await (await client(HERE)).get(url) == b"\x00\xffpicture" * 1000


async def test_the_request_asks_for_plain_bytes_and_carries_nothing_of_the_server(origin, client):
    url = origin.serve("/a.jpg", b"x", "Set-Cookie: a=b")
    made = await client(HERE)
    await made.get(url + "?sign=a%2Fb+c&d=%20")
    await made.get(url)
    assert origin.seen[0].startswith("GET /a.jpg?sign=a%2Fb+c&d=%20 HTTP/1.1\r\n")
    assert "Accept-Encoding: identity\r\n" in origin.seen[0]
    for head in origin.seen:
        names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:] if line}
        assert names <= {"host", "accept", "accept-encoding", "user-agent", "connection"}


async def test_a_body_that_ends_with_the_connection_is_complete(origin, client):
    url = origin.raw("/a", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody")
    assert await (await client(HERE)).get(url) == b"body"


async def test_a_chunked_body_is_read(origin, client):
    url = origin.raw("/a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert await (await client(HERE)).get(url) == b"abcde"


# --- where it may go ---------------------------------------------------------------------------------------------


async def test_without_permission_this_machine_is_not_reached(origin, client):
    error = await (await client()).refusal(origin.serve("/a", b"x"))
    assert (error.reason, error.code) == ("download_forbidden", "FailedOperation.ImageDownloadError")
    assert origin.connections == 0


async def test_no_message_names_the_address_but_the_log_does(origin, client, names):
    error = await (await client(resolver=names(db_internal=[["10.1.2.3"]]))).refusal("http://db.internal/")
    assert "10.1.2.3" not in error.message() + error.message("zh-CN") + str(error)
    assert "10.1.2.3" in str(error.cause)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "localhost", "0.0.0.0"]
)
async def test_literals_and_localhost_are_judged_like_names(origin, client, host):
    origin.serve("/a", b"x")
    error = await (await client()).refusal(origin.url("/a", host))
    assert error.reason == "download_forbidden"
    assert origin.connections == 0


async def test_a_redirect_into_a_private_range_is_not_followed(origin, client, another_origin):
    async with another_origin("127.0.0.2").running() as inside:
        inside.serve("/secret", b"secret")
        url = origin.redirect("/a", inside.url("/secret"))
        error = await (await client(HERE)).refusal(url)
    assert error.reason == "download_forbidden"
    assert inside.connections == 0
    assert origin.connections == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_redirects_within_the_permitted_are_followed(origin, client, status):
    origin.serve("/b", b"found")
    url = origin.redirect("/dir/a", "../b?x=1", status=status)
    assert await (await client(HERE)).get(url) == b"found"
    assert origin.seen[1].startswith("GET /b?x=1 ")


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/_x", "http://user:pw@127.0.0.1/", "http://2130706433/",
     "//[::1", "http://127.0.0.1:25/", "http://127.0.0.1/a b", "javascript:alert(1)"],
)  # fmt: skip
async def test_redirects_to_what_would_be_refused_as_a_url_are_refused(origin, client, location):
    error = await (await client(HERE)).refusal(origin.redirect("/a", location))
    assert (error.reason, error.code) == ("download_redirect_illegal", "FailedOperation.ImageDownloadError")


async def test_three_redirects_are_followed_and_a_fourth_is_not(origin, client):
    origin.serve("/0", b"end")
    urls = [origin.redirect(f"/{n}", f"/{n - 1}") for n in range(1, 5)]
    made = await client(HERE)
    assert await made.get(urls[2]) == b"end"
    error = await made.refusal(urls[3])
    assert error.reason == "download_redirects"
    assert "3" in error.message()


async def test_a_redirect_loop_ends(origin, client):
    error = await (await client(HERE)).refusal(origin.redirect("/a", "/a"))
    assert error.reason == "download_redirects"
    assert origin.connections == 4


async def test_a_name_that_changes_its_address_is_judged_each_time(origin, client, names, another_origin):
    """Rebinding: the first look-up is harmless, the second leads inside."""
    async with another_origin("127.0.0.2").running() as inside:
        inside.port = origin.port
        resolver = names(pictures_test=[["127.0.0.1"], ["127.0.0.2"]])
        url = origin.redirect("/a", origin.url("/b", "pictures.test"))
        error = await (await client(HERE, resolver=resolver)).refusal(url.replace("127.0.0.1", "pictures.test"))
    assert error.reason == "download_forbidden"
    assert inside.connections == 0
    assert resolver.asked == ["pictures.test", "pictures.test"]


async def test_of_several_addresses_only_the_permitted_are_tried(origin, client, names, another_origin):
    async with another_origin("127.0.0.2").running() as inside:
        origin.serve("/a", b"public")
        resolver = names(mixed_test=[["127.0.0.2", "::1", "127.0.0.1"]])
        assert await (await client(HERE, resolver=resolver)).get(origin.url("/a", "mixed.test")) == b"public"
    assert inside.connections == 0


async def test_an_unknown_name_says_so(client, names):
    error = await (await client(resolver=names())).refusal("http://nowhere.test/a")
    assert error.reason == "download_unresolved"


async def test_a_port_where_nobody_listens(client):
    with socket.socket() as taken:  # bound, never listening: refuses
        taken.bind(("127.0.0.1", 0))
        error = await (await client(HERE)).refusal(f"http://127.0.0.1:{taken.getsockname()[1]}/a")
    assert error.reason == "download_failed"


async def test_proxy_settings_of_the_environment_are_ignored(origin, client, monkeypatch, another_origin):
    async with another_origin().running() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        monkeypatch.setenv("http_proxy", proxy.url(""))
        assert await (await client(HERE)).get(origin.serve("/a", b"direct")) == b"direct"
    assert proxy.connections == 0


async def test_a_proxy_is_used_when_the_operator_says_so(origin, client, monkeypatch, another_origin):
    async with another_origin().running() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url(""))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        proxy.serve("http://pictures.test/a", b"by proxy")
        made = await client(HERE, use_proxy_env=True)
        assert await made.get("http://pictures.test/a") == b"by proxy"
        assert await made.get(origin.serve("/a", b"direct")) == b"direct"
    assert proxy.connections == 1


async def test_a_proxy_on_a_private_address_needs_permission_too(client, monkeypatch, another_origin):
    async with another_origin().running() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url(""))
        error = await (await client(use_proxy_env=True)).refusal("http://pictures.test/a")
    assert error.reason == "download_forbidden"
    assert proxy.connections == 0


@pytest.mark.parametrize("use_proxy_env", [True, False])
async def test_passwords_of_the_operators_netrc_stay_here(origin, client, monkeypatch, tmp_path, use_proxy_env):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login operator password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    await (await client(HERE, use_proxy_env=use_proxy_env)).get(origin.serve("/a", b"x"))
    assert "authorization" not in origin.seen[0].lower()


# --- how much and how long ---------------------------------------------------------------------------------------


async def test_the_byte_limit_is_exact(origin, client):
    made = await client(HERE)
    url = origin.raw("/a", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100)
    assert len(await made.get(url, max_bytes=100)) == 100
    error = await made.refusal(url, max_bytes=99)
    assert (error.reason, error.code) == ("image_size_exceed", "FailedOperation.ImageSizeExceed")


async def test_the_message_states_the_base64_limit(origin, client):
    url = origin.raw("/a", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    error = await (await client(HERE)).refusal(url, max_bytes=(8 * 1024 * 1024 - 1) // 4 * 3)
    assert "8 MB" in error.message()
    assert "8 MB" in error.message("zh-CN")


async def test_an_endless_body_is_cut_off_at_the_limit(origin, client):
    sent = 0

    async def endless(reader, writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    origin.talk["/a"] = endless
    error = await (await client(HERE)).refusal(origin.url("/a"), max_bytes=1_000_000)
    assert error.reason == "image_size_exceed"
    assert sent < 20_000_000


async def test_a_drip_feed_ends_with_the_set_time(origin, client):
    async def drip(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    origin.talk["/a"] = drip
    start = time.monotonic()
    error = await (await client(HERE, timeout=0.3)).refusal(origin.url("/a"))
    assert error.reason == "download_timeout"
    assert "0.3 seconds" in error.message()
    assert time.monotonic() - start < 3


async def test_the_requests_deadline_ends_it_earlier(origin, client):
    async def silent(reader, writer):
        await asyncio.sleep(60)

    origin.talk["/a"] = silent
    made = await client(HERE)
    assert (await made.refusal(origin.url("/a"), seconds=0.2)).reason == "download_timeout"
    assert (await made.refusal(origin.url("/a"), seconds=-5)).reason == "download_timeout"


async def test_endless_headers_and_endless_interim_answers_end(origin, client):
    async def headers(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-A: " + b"a" * 1000 + b"\r\n")
            await writer.drain()

    async def interim(reader, writer):
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()

    origin.talk |= {"/headers": headers, "/interim": interim}
    made = await client(HERE, timeout=1.0)
    assert (await made.refusal(origin.url("/headers"))).reason == "download_failed"
    assert (await made.refusal(origin.url("/interim"))).code == "FailedOperation.ImageDownloadError"


async def test_an_origin_that_takes_no_connection_is_left_after_the_connect_timeout(client, names):
    """A backlog that is full drops the handshake, which is what a filtered port looks like."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        holders = []
        for _ in range(4):
            holder = socket.socket()
            holder.setblocking(False)
            holder.connect_ex(("127.0.0.1", port))
            holders.append(holder)
        start = time.monotonic()
        error = await (await client(HERE, connect_timeout=0.3)).refusal(f"http://127.0.0.1:{port}/a")
        for holder in holders:
            holder.close()
    assert error.reason == "download_timeout"
    assert "0.3 seconds" in error.message()
    assert time.monotonic() - start < 5


# --- what it says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [6, 1000])
async def test_a_content_length_that_promises_more_than_comes_is_an_error(origin, client, length):
    url = origin.raw("/a", f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nshort".encode())
    assert (await (await client(HERE)).refusal(url)).reason == "download_failed"


async def test_a_content_length_that_promises_less_than_comes_is_an_error(origin, client):
    url = origin.raw("/a", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef")
    assert (await (await client(HERE)).refusal(url)).reason == "download_failed"


async def test_an_encoded_answer_is_refused_unread(origin, client):
    bomb = gzip.compress(b"\0" * 10_000_000)
    for encoding in ("gzip", "br", "deflate", "GZIP", "identity, gzip"):
        url = origin.serve("/a", bomb, f"Content-Encoding: {encoding}")
        error = await (await client(HERE)).refusal(url)
        assert (error.reason, error.code) == ("download_encoded", "FailedOperation.ImageDownloadError")


@pytest.mark.parametrize(
    "status", ["204 No Content", "206 Partial", "304 Not Modified", "403 No", "404 Not Found", "500 Oh"]
)
async def test_other_statuses_are_download_errors_that_name_the_status(origin, client, status):
    url = origin.serve("/a", b"", "Content-Length: 0", status=status)
    error = await (await client(HERE)).refusal(url)
    assert (error.reason, error.code) == ("download_status", "FailedOperation.ImageDownloadError")
    assert status[:3] in error.message()


async def test_a_redirect_without_a_target_is_a_status_too(origin, client):
    url = origin.serve("/a", b"", "Content-Length: 0", status="302 Found")
    assert (await (await client(HERE)).refusal(url)).reason == "download_status"


async def test_an_empty_body_is_no_image(origin, client):
    url = origin.serve("/a", b"", "Content-Length: 0")
    error = await (await client(HERE)).refusal(url)
    assert (error.reason, error.code) == ("image_empty", "InvalidParameterValue.ImageEmpty")


@pytest.mark.parametrize(
    "answer",
    [b"", b"\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\0" * 1000,
     b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc", b"HTTP/1.1 200 OK\r\nContent-Length: 9e9\r\n\r\nabc",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc", b"HTTP/1.1 200 OK\r\nA" + b"a" * 100_000,
     b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
     b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc"],
)  # fmt: skip
async def test_answers_that_are_not_http_are_download_errors(origin, client, answer):
    error = await (await client(HERE, timeout=2.0)).refusal(origin.raw("/a", answer))
    assert error.code == "FailedOperation.ImageDownloadError"


async def test_https_with_an_unknown_authority_is_refused(client, anyio_backend):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await (await client(HERE)).refusal(f"https://127.0.0.1:{port}/a")
    assert (error.reason, error.code) == ("download_certificate", "FailedOperation.ImageDownloadError")


async def test_a_bad_url_never_reaches_the_network(client, names):
    resolver = names()
    error = await (await client(resolver=resolver)).refusal("ftp://example.com/")
    assert error.reason == "url_scheme"
    assert resolver.asked == []


# --- its own life ------------------------------------------------------------------------------------------------


async def test_cancelling_closes_the_connection(origin, client):
    closed = asyncio.Event()

    async def wait(reader, writer):
        await reader.read()
        closed.set()

    origin.talk["/a"] = wait
    task = asyncio.create_task((await client(HERE)).get(origin.url("/a")))
    while not origin.seen:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(closed.wait(), 5)


async def test_pictures_are_fetched_side_by_side(origin, client):
    both = asyncio.Barrier(2)

    async def meet(reader, writer):
        await both.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

    origin.talk["/a"] = meet
    made = await client(HERE)
    assert await asyncio.gather(made.get(origin.url("/a")), made.get(origin.url("/a"))) == [b"x", b"x"]


async def test_refusals_of_one_fetch_do_not_colour_another(origin, client, names):
    made = await client(HERE, resolver=names(inside_test=[["10.0.0.1"]]))
    url = origin.serve("/a", b"x", status="404 Not Found")
    first, second = await asyncio.gather(made.refusal("http://inside.test/"), made.refusal(url))
    assert (first.reason, second.reason) == ("download_forbidden", "download_status")


async def test_it_must_be_started_and_may_be_closed_twice():
    fetcher = Fetcher(FetchSettings())
    with pytest.raises(RuntimeError, match="start"):
        await fetcher.fetch("http://8.8.8.8/", parameter="ModelUrl", max_bytes=9, deadline=time.monotonic() + 1)
    await fetcher.start()
    await fetcher.close()
    await fetcher.close()


async def test_the_systems_resolver_serves_where_none_is_injected(origin, client):
    url = origin.serve("/a", b"x")
    made = await client(HERE, "::1/128")
    assert await made.get(url.replace("127.0.0.1", "localhost")) == b"x"
    with pytest.raises(ApiError):
        await made.get("http://does-not-exist.invalid/")
