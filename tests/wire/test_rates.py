"""Requests per second and running jobs, through the wire, with the real counters in memory.

One test per code that a limit answers, each with requests that the official SDK signed.
"""

from __future__ import annotations

import asyncio

import pytest
from callers import of_account

from fittingroom.accounts.limits import Limits, MemoryWindow, Rates
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio

OFF = {"rate": 0, "account_rate": 0, "address_rate": 0}


@pytest.fixture
def counted(kit):
    """A world that really counts, with its clock of seconds in `tick`."""

    def make(*keys, proxies=(), **limits):
        settings = kit.Settings(limits={**OFF, **limits}, server={"trusted_proxies": proxies})
        world = kit.World(*keys, settings=settings)
        world.tick = 100.0
        world.services.permits = Limits.of(settings).permits
        world.services.rates = Rates(MemoryWindow(lambda: world.tick), settings.limits)
        return world

    return make


async def codes(world, sent, times):
    return [answer.code for answer in await asyncio.gather(*(world.drive(sent) for _ in range(times)))]


async def test_requests_of_an_account_to_an_action_in_a_second(kit, counted):
    world = counted(rate=20, concurrency=1000)
    sent = kit.sdk_request(kit.GOOD)
    found = await codes(world, sent, 100)
    assert (found.count("OK"), found.count("RequestLimitExceeded")) == (20, 80)
    world.tick += 1.001
    assert await codes(world, sent, 1) == ["OK"]


async def test_the_real_text(kit, counted):
    world = counted(rate=1)
    await world.drive(kit.sdk_request(kit.GOOD))
    answer = await world.drive(kit.sdk_request(kit.GOOD))
    assert answer.message == (
        "Your current request times equals to `2` in a second, which exceeds the frequency limit `1` for a second. "
        "Please reduce the frequency of calls."
    )


async def test_requests_of_an_account_to_all_actions_in_a_second(kit, counted):
    world = counted(account_rate=3)
    found = await codes(world, kit.sdk_request({}), 4)
    assert found == ["MissingParameter"] * 3 + ["RequestLimitExceeded.UinLimitExceeded"]


async def test_requests_from_an_address_in_a_second(kit, counted):
    world = counted(address_rate=5)
    found = await codes(world, kit.sdk_request({}), 6)
    assert found == ["MissingParameter"] * 5 + ["RequestLimitExceeded.IPLimitExceeded"]


async def test_jobs_of_an_account_at_once(kit, counted):
    world = counted()
    found = await codes(world, kit.sdk_request(kit.GOOD), 2)
    assert sorted(found) == ["OK", "RequestLimitExceeded.JobNumExceed"]


async def test_jobs_of_all_accounts_at_once(kit, counted):
    world = counted(kit.Key(), kit.Key(secret_id="AKIDother", account_id="account-2"), total=1)
    sent = [kit.sdk_request(kit.GOOD), kit.sign_json(kit.GOOD, secret_id="AKIDother")]
    answers = await asyncio.gather(*map(world.drive, sent))
    assert [answer.code for answer in answers] == ["OK", "RequestLimitExceeded"]
    assert answers[1].message.startswith("Too frequent requests: 1 requests are being processed")


async def test_what_cannot_be_counted_is_refused(kit, counted):
    world = counted(address_rate=5)

    class Broken:
        async def hit(self, name, limit):
            raise ApiError("limits_unavailable", cause="Redis: ConnectionError")

    world.services.rates = Rates(Broken(), world.settings.limits)
    answer = await world.drive(kit.sdk_request(kit.GOOD))
    assert answer.code == "ServiceUnavailable"
    assert world.services.dispatcher.jobs == []


async def test_guesses_and_rubbish_count_for_their_address(kit, counted):
    world = counted(address_rate=3)
    wrong = kit.sign_json(kit.GOOD, secret_key="guess")
    found = [(await world.drive(sent)).code for sent in (wrong, kit.Sent("POST", {}, b"{"), kit.Sent("GET"), wrong)]
    assert found == [
        "AuthFailure.SignatureFailure",
        "InvalidRequest",
        "MissingParameter",
        "RequestLimitExceeded.IPLimitExceeded",
    ]


async def test_a_guessed_signature_does_not_use_up_the_accounts_rate(kit, counted):
    world = counted(rate=1, account_rate=1)
    assert set(await codes(world, kit.sign_json(kit.GOOD, secret_key="guess"), 5)) == {"AuthFailure.SignatureFailure"}
    assert await codes(world, kit.sdk_request(kit.GOOD), 1) == ["OK"]


async def test_an_accounts_own_numbers_beat_the_settings(kit, counted):
    world = counted(of_account(kit.Key(), rate=3, concurrency=2), rate=1, account_rate=2)
    found = await codes(world, kit.sdk_request(kit.GOOD), 4)
    assert sorted(found) == ["OK", "OK", "RequestLimitExceeded", "RequestLimitExceeded.JobNumExceed"]


async def test_rates_come_after_the_signature_and_before_the_parameters(kit, counted):
    world = counted(rate=1)
    await world.drive(kit.sdk_request(kit.GOOD))
    assert (await world.drive(kit.sdk_request({"Extra": 1}))).code == "RequestLimitExceeded"
    assert (await world.drive(kit.sign_json({}, extra={"X-TC-Region": "!"}))).code == "InvalidParameterValue"


async def test_a_proxys_callers_are_told_apart(kit, counted):
    def sent(address):
        request = kit.sdk_request({})
        request.headers["X-Forwarded-For"] = address
        return request

    world = counted(address_rate=1, proxies=("127.0.0.0/8",))
    found = [(await world.drive(sent(text))).code for text in ("198.51.100.1", "198.51.100.2", "9.9.9.9, 198.51.100.1")]
    assert found == ["MissingParameter", "MissingParameter", "RequestLimitExceeded.IPLimitExceeded"]
    stranger = counted(address_rate=1)
    found = [(await stranger.drive(sent(text))).code for text in ("198.51.100.1", "198.51.100.2")]
    assert found == ["MissingParameter", "RequestLimitExceeded.IPLimitExceeded"]


@pytest.mark.parametrize(
    ("chunks", "connection"),
    [([b"{}"], None), ([b"x" * 65536, b"x" * 60000], None), ([b"x" * 65536] * 4, "close")],
)
async def test_a_refused_body_is_read_unless_it_is_large(kit, counted, chunks, connection):
    world = counted(address_rate=1)
    sent = kit.sdk_request({})
    await world.drive(sent)
    answer = await world.drive(sent, kit.client_side(chunks))
    assert answer.code == "RequestLimitExceeded.IPLimitExceeded"
    assert answer.headers.get("connection") == connection


async def test_a_refused_body_that_drips_is_left(kit):
    settings = kit.Settings(limits={**OFF, "address_rate": 1}, wire={"body_timeout": 0.05})
    world = kit.World(settings=settings)
    world.services.rates = Rates(MemoryWindow(), settings.limits)
    await world.drive(kit.sdk_request({}))
    answer = await world.drive(kit.sdk_request({}), kit.client_side([]))
    assert answer.code == "RequestLimitExceeded.IPLimitExceeded"
    assert answer.headers["connection"] == "close"


async def test_another_method_is_refused_before_it_is_counted(kit, world):
    sent = kit.sign_json(kit.GOOD)
    sent.method = "PUT"
    assert (await world.drive(sent)).code == "UnsupportedProtocol"
    assert world.services.rates.addresses == []


async def test_each_request_is_counted_once_under_its_names(kit, world):
    await world.drive(kit.sdk_request(kit.GOOD))
    assert world.services.rates.addresses == ["127.0.0.1"]
    assert world.services.rates.accounts == [("account-1", "aiart:ChangeClothes", None)]
