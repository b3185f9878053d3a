"""The connection: what an operator is told before anything runs, and what becomes of failures while it runs."""

from __future__ import annotations

import asyncio
import sys

import pytest

from fittingroom.accounts import AccountError
from fittingroom.accounts.limits import RedisLink
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(AccountError, match=r"install fittingroom\[redis\]"):
        RedisLink("redis://127.0.0.1", 1.0)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:6379", "redis://127.0.0.1:port", ""])
def test_a_url_that_cannot_be_read_is_an_operators_error(url: str) -> None:
    with pytest.raises(AccountError, match=r"limits\.url cannot be read"):
        RedisLink(url, 1.0)


def test_a_password_that_breaks_the_url_is_not_quoted() -> None:
    with pytest.raises(AccountError, match=r"limits\.url cannot be read") as caught:
        RedisLink("redis://gateway:hush/hush@127.0.0.1:6379/0", 1.0)
    assert "hush" not in str(caught.value)


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(AccountError, match="does not answer") as caught:
        RedisLink("redis://:hush-hush@127.0.0.1:1/0", 0.5).check()
    assert "hush-hush" not in str(caught.value)


def test_a_wrong_password_is_told_at_once(own_redis) -> None:
    with own_redis.client() as client:
        client.config_set("requirepass", "hush-hush")
    with pytest.raises(AccountError, match="does not answer"):
        RedisLink(own_redis.url, 1.0).check()
    RedisLink(own_redis.url.replace("//", "//:hush-hush@"), 1.0).check()


async def test_valkeys_name_for_the_protocol_is_understood(redis) -> None:
    link = RedisLink(redis.url.replace("redis://", "valkey://"), 1.0)
    link.check()
    assert await link.answer(link.script("return 7")()) == 7
    await link.close()


async def test_a_script_survives_a_server_that_has_forgotten_it(redis) -> None:
    link = RedisLink(redis.url, 1.0)
    script = link.script("return 8")
    assert await link.answer(script()) == 8
    with redis.client() as client:
        client.script_flush()
    assert await link.answer(script()) == 8
    await link.close()


async def test_a_restarted_server_is_found_again(own_redis) -> None:
    link = RedisLink(own_redis.url, 2.0)
    script = link.script("return 9")
    assert await asyncio.gather(*(link.answer(script()) for _ in range(20))) == [9] * 20
    own_redis.stop()
    with pytest.raises(ApiError, match="limits_unavailable"):
        await link.answer(script())
    own_redis.start()
    assert await asyncio.gather(*(link.answer(script()) for _ in range(20))) == [9] * 20
    await link.close()


async def test_a_script_that_fails_is_no_answer(redis) -> None:
    link = RedisLink(redis.url, 1.0)
    with pytest.raises(ApiError) as caught:
        await link.answer(link.script("return redis.call('NOSUCH')")())
    assert caught.value.reason == "limits_unavailable"
    assert "ResponseError" in str(caught.value.cause)
    await link.close()


async def test_more_questions_than_connections_wait_their_turn(redis) -> None:
    link = RedisLink(redis.url, 5.0)
    assert await asyncio.gather(*(link.answer(link.script("return 1")()) for _ in range(200))) == [1] * 200
    with redis.client() as client:
        assert len(client.client_list()) <= 40
    await link.close()
