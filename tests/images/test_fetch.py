"""The guarded fetcher against origins that mean well and origins that do not."""

import asyncio
import socket
import time

import pytest

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
