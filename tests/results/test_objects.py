"""Results in a bucket of a real S3 server: who can read them, for how long, and what is left afterwards."""

import asyncio
import re
import socket
import time

import pytest
from s3_server import STRANGER, get, s3_server
from structlog.testing import capture_logs

from fittingroom.errors import ApiError, ResultForbidden
from fittingroom.objects import ObjectsError, open_bucket
from fittingroom.results import ObjectResults
from fittingroom.results.objects import minute, owner
from fittingroom.settings import ObjectSettings

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def kept(s3, place: str) -> list[str]:
    prefix = place.rpartition("/")[2] + "/"
    return [key.removeprefix(prefix) for key in s3.names() if key.startswith(prefix)]


@pytest.mark.parametrize(("media_type", "suffix"), [("image/jpeg", "jpg"), ("image/png", "png")])
async def test_the_url_is_the_stores_own_and_serves_the_picture(s3, place, settings, media_type, suffix):
    url = await ObjectResults(place, settings).put(b"picture", media_type, "account-1")
    assert url.startswith(f"{s3.endpoint}/results/")
    assert "X-Amz-Expires=3600&" in url
    status, data, headers = get(url)
    assert (status, data) == (200, b"picture")
    assert headers["Content-Type"] == media_type
    assert headers["Cache-Control"] == "private, no-store"
    (key,) = kept(s3, place)
    assert re.fullmatch(rf"\d{{8}}T\d{{4}}Z/{owner('account-1')}/[0-9a-f]{{32}}\.{suffix}", key)
    assert "account" not in key


async def test_nobody_reads_without_the_very_signature(s3, place, settings):
    results = ObjectResults(place, settings)
    one, two = [await results.put(data, "image/jpeg", "a") for data in (b"1", b"2")]
    bare, _, query = one.partition("?")
    wrong = one[:-1] + ("0" if one[-1] != "0" else "1")
    for url in (wrong, two.partition("?")[0] + "?" + query, one.replace("Expires=3600", "Expires=7200")):
        assert get(url)[0] == 403
        assert b"SignatureDoesNotMatch" in get(url)[1]
    assert get(bare)[0] in {400, 403}  # Swift takes an unsigned request for one of its own protocol


async def test_a_url_lives_for_its_lifetime_and_no_longer(place, settings):
    url = await ObjectResults(place, settings, lifetime=1).put(b"x", "image/jpeg", "a")
    assert get(url)[0] == 200
    time.sleep(2.1)  # the store counts whole seconds
    status, data, _ = get(url)
    assert status == 403
    assert b"Request has expired" in data


async def test_a_gateway_with_the_same_bucket_sweeps_and_purges_what_another_stored(s3, place, settings):
    clock = Clock()
    one, two = ObjectResults(place, settings), ObjectResults(place, settings, clock=clock)
    mine, other = [await one.put(b"x", "image/jpeg", account) for account in ("mine", "other")]
    assert await two.sweep() == 0
    assert get(mine)[0] == 200
    clock.ahead = 3600 - 1
    assert await two.sweep() == 0, "a URL that is still valid"
    clock.ahead = 3600 + settings.timeout + 120
    with capture_logs() as logs:
        assert await two.sweep() == 2
    assert [(entry["event"], entry["files"]) for entry in logs] == [("results_swept", 2)]
    assert get(mine)[0] == get(other)[0] == 404
    assert kept(s3, place) == []


def test_a_purge_takes_one_accounts_results_and_no_others(s3, place, settings):
    results = ObjectResults(place, settings)
    mine = [asyncio.run(results.put(b"x", "image/jpeg", "mine")) for _ in range(3)]
    other = asyncio.run(results.put(b"y", "image/jpeg", "other"))
    stranger = f"{minute(time.time())}/{owner('mine')}/README"
    open_bucket(place, settings).put(stranger, b"not ours")
    assert ObjectResults(place, settings).purge("nobody") == 0
    assert ObjectResults(place, settings).purge("mine") == 3
    assert [get(url)[0] for url in mine] == [404, 404, 404]
    assert get(other)[:2] == (200, b"y")
    assert stranger in kept(s3, place), "what is no result is not ours to delete"


async def test_a_sweep_deletes_nothing_but_results(s3, place, settings):
    bucket = open_bucket(place, settings)
    old = minute(time.time() - 86400)
    strangers = ["README", f"{old}/README", f"backup/{owner('a')}/{'0' * 32}.jpg", f"{old}/{owner('a')}/x.jpg"]
    for name in strangers:
        bucket.put(name, b"not ours")
    bucket.put(f"{old}/{owner('a')}/{'0' * 32}.jpg", b"ours")
    assert await ObjectResults(place, settings).sweep() == 1
    assert kept(s3, place) == sorted(strangers)


async def test_more_than_is_deleted_at_once_is_swept_in_batches(s3, place, settings, monkeypatch):
    monkeypatch.setattr("fittingroom.results.objects._BATCH", 5)
    bucket, old = open_bucket(place, settings), minute(time.time() - 86400)
    names = [f"{old}/{owner('a')}/{number:032x}.jpg" for number in range(12)]
    await asyncio.gather(*(bucket.put_async(name, b"") for name in names))
    results = ObjectResults(place, settings)
    assert await results.sweep() == 12
    assert kept(s3, place) == []


async def test_a_gateway_serves_nothing_itself(place, settings):
    with pytest.raises(ResultForbidden):
        await ObjectResults(place, settings).open("x.jpg", {})


def test_a_bucket_that_can_be_used_is_left_as_it_was(s3, place, settings):
    ObjectResults(place, settings).check()
    assert kept(s3, place) == []


@pytest.mark.parametrize(
    ("url", "key", "words"),
    [
        ("s3://results/x", STRANGER, "HTTP 403, AccessDenied"),
        ("s3://results/x", ("shop:gateway", "wrong-secret"), "HTTP 403, SignatureDoesNotMatch"),
        ("s3://no-such-bucket/x", ("shop:gateway", "gateway-secret"), "HTTP 404, NoSuchBucket"),
    ],
)
async def test_a_store_that_refuses_is_told_in_one_line_without_secrets(s3, url, key, words):
    results = ObjectResults(url, s3.settings(key))
    with pytest.raises(ObjectsError) as caught:
        results.check()
    assert words in str(caught.value)
    assert url in str(caught.value)
    with pytest.raises(ApiError) as refused:
        await results.put(b"x", "image/jpeg", "a")
    assert (refused.value.code, refused.value.reason) == ("ServiceUnavailable", "results_unreachable")
    for text in (str(caught.value), str(refused.value.cause)):
        assert "\n" not in text
        assert key[1] not in text
        assert "Signature=" not in text
        assert owner("a") not in text


async def test_a_store_that_takes_no_connection_is_known_in_time():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as first, socket.socket() as second:
        for client in (first, second):  # fill what the kernel holds, so that the next connection waits
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        endpoint = f"http://127.0.0.1:{full.getsockname()[1]}"
        key = {"access_key_id": "id", "secret_access_key": "secret"}
        settings = ObjectSettings.model_validate({"endpoint": endpoint, "timeout": 0.3, **key})
        before = time.monotonic()
        with pytest.raises(ApiError) as caught:
            await ObjectResults("s3://results/x", settings).put(b"x", "image/jpeg", "a")
        assert caught.value.reason == "results_unreachable"
        assert time.monotonic() - before < 0.9


async def test_a_store_that_is_down_or_silent_is_known_in_time_and_forgotten_when_it_is_back(tmp_path):
    with s3_server(tmp_path) as own:
        results = ObjectResults("s3://results/x", own.settings(timeout=1.0))
        assert results.trouble is None
        own.freeze()
        before = time.monotonic()
        with pytest.raises(ApiError, match="results_unreachable"):
            await results.put(b"x", "image/jpeg", "a")
        assert time.monotonic() - before < 3
        assert "storing a result failed" in str(results.trouble)
        own.thaw()
        assert (await results.put(b"x", "image/jpeg", "a")).startswith("http")
        assert results.trouble is None
        own.stop()
        with pytest.raises(ApiError) as caught:
            await results.put(b"x", "image/jpeg", "a")
        assert caught.value.reason == "results_unreachable"
        assert "Connect" in str(caught.value.cause)
        with capture_logs() as logs:
            await results.start()
        assert [entry["event"] for entry in logs] == ["results_sweep_failed"]
        with pytest.raises(ObjectsError, match="sweeping expired results failed"):
            await results.sweep()
        with pytest.raises(ObjectsError, match="purging results failed"):
            await results._purge("a")
