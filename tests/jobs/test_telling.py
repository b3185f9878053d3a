"""Callbacks with a real table and a poster of the test's own: what is sent, and how often."""

from __future__ import annotations

import asyncio
import json

import pytest
from job_room import gateway, make_account
from sqlalchemy import text
from standardwebhooks import Webhook

from fittingroom.accounts import Store
from fittingroom.accounts.jobs import callbacks
from fittingroom.errors import ApiError
from fittingroom.jobs.telling import AT_ONCE, OF_ONE, Teller
from fittingroom.settings import Settings

pytestmark = pytest.mark.anyio

URL = "https://hook.example/told?token=secret"
SETTINGS = Settings.model_validate({"jobs": {"callback_tries": 3, "callback_pause": 1000.0}})


class Poster:
    """Answers what it was told to, in turn, and 200 after that."""

    def __init__(self, *answers: int | ApiError) -> None:
        self._answers = list(answers)
        self.posted = []

    async def post(self, url: str, body: bytes, headers: dict[str, str], *, parameter: str, seconds: float) -> int:
        self.posted.append((url, body, headers))
        answer = self._answers.pop(0) if self._answers else 200
        if isinstance(answer, ApiError):
            raise answer
        return answer


async def turn(teller: Teller) -> None:
    await teller._turn()
    await asyncio.gather(*teller._telling)


class Told:
    """A gateway that has ended one job, and its teller."""

    def __init__(self, one, poster: Poster, job, database) -> None:
        self.job, self.database = job, database
        self._teller = Teller(one.desk, poster, SETTINGS.jobs)

    async def turn(self) -> float | None:
        """Seconds until the callback is due again, None for never; then let that time pass."""
        await turn(self._teller)
        now = "(julianday('now') - 2440587.5) * 86400.0"
        with self.database.writing() as connection:
            left = connection.execute(text(f"SELECT callback_at - {now} FROM jobs")).scalar()
            connection.execute(text(f"UPDATE jobs SET callback_at = {now} WHERE callback_at IS NOT NULL"))
        return left


@pytest.fixture
def secret(place) -> str:
    return callbacks.rotate(Store(place.database, place.vault, "cli:tests"), "shop")


@pytest.fixture
def told(place, secret):
    async def make(one, poster: Poster) -> Told:
        job = await one.submit(callback=URL, base_url="https://shop.example")
        await one.round()
        return Told(one, poster, job, place.database)

    return make


def started(place):
    return gateway(place.database, place.vault, SETTINGS, place.accounts)


async def test_what_is_sent(place, secret, told) -> None:
    async with started(place) as one:
        poster = Poster()
        ended = await told(one, poster)
        assert await ended.turn() is None
        ((url, body, headers),) = poster.posted
        assert url == URL
        assert Webhook(secret).verify(body, headers) == json.loads(body)
        assert json.loads(body)["Response"] == {
            "JobId": ended.job.id,
            "JobStatusCode": "5",
            "JobStatusMsg": "Done",
            "JobErrorCode": "",
            "JobErrorMsg": "",
            "ResultImage": ["https://shop.example/results/x.jpg?s=1"],
            "ResultDetails": ["Success"],
            "RequestId": ended.job.request_id,
        }
        assert headers["webhook-id"] == ended.job.id
        await ended.turn()
        assert len(poster.posted) == 1


@pytest.mark.parametrize("answer", [500, 302, 404, ApiError("download_timeout", parameter="CallbackUrl", seconds="10")])
async def test_what_was_not_taken_is_tried_again_ever_later_and_then_given_up(place, told, answer) -> None:
    async with started(place) as one:
        poster = Poster(*[answer] * 9)
        ended = await told(one, poster)
        pauses = [await ended.turn() for _ in range(3)]
        assert 990 < pauses[0] <= 1000
        assert 2990 < pauses[1] <= 3000
        assert pauses[2] is None
        await ended.turn()
        assert len(poster.posted) == 3
        assert len({headers["webhook-id"] for _, _, headers in poster.posted}) == 1


async def test_a_receiver_that_is_gone_is_asked_no_more(place, told) -> None:
    async with started(place) as one:
        poster = Poster(410)
        assert await (await told(one, poster)).turn() is None
        assert len(poster.posted) == 1


async def test_a_callback_outlives_a_restart(place, told) -> None:
    async with started(place) as one:
        ended = await told(one, Poster(500))
        await ended.turn()
    async with started(place) as other:
        poster = Poster()
        await turn(Teller(other.desk, poster, SETTINGS.jobs))
        assert len(poster.posted) == 1


async def test_the_secret_before_signs_too(place, secret, told) -> None:
    newer = callbacks.rotate(Store(place.database, place.vault, "cli:tests"), "shop")
    async with started(place) as one:
        poster = Poster()
        await (await told(one, poster)).turn()
        ((_, body, headers),) = poster.posted
        for one_of_both in (secret, newer):
            Webhook(one_of_both).verify(body, headers)


async def test_no_callback_without_a_secret(place) -> None:
    async with started(place) as one:
        with pytest.raises(ApiError) as caught:
            await one.submit(callback=URL)
        assert caught.value.reason == "callback_no_secret"


async def test_nothing_unsigned_is_sent_where_the_secret_has_gone_meanwhile(place, told) -> None:
    async with started(place) as one:
        poster = Poster()
        callback = await told(one, poster)
        with place.database.writing() as connection:
            connection.execute(text("DELETE FROM webhooks"))
        assert await callback.turn() is None
        assert poster.posted == []


async def test_the_log_has_the_host_and_nothing_more_of_the_url(place, told, capsys) -> None:
    async with started(place) as one:
        await (await told(one, Poster(500))).turn()
    logged = capsys.readouterr()
    assert "hook.example" in logged.out + logged.err
    assert "token=secret" not in logged.out + logged.err


async def test_a_slow_receiver_keeps_nobody_waiting(place, told) -> None:
    class Slow(Poster):
        async def post(self, url: str, *words: object, **named: object) -> int:
            self.posted.append((url, *words))
            if "slow" in url:
                await asyncio.sleep(60)
            return 200

    async with started(place) as one:
        poster = Slow()
        teller = Teller(one.desk, poster, SETTINGS.jobs)
        for url in ("https://slow.example/", URL):
            await one.submit(callback=url)
            await one.round()
            await teller._turn()
            while not any(posted[0] == url for posted in poster.posted):
                await asyncio.sleep(0.01)
        await teller.stop()
        assert not teller._telling


class Hanging(Poster):
    """Answers nobody whose URL says hang. posted: URLs."""

    async def post(self, url: str, *words: object, **named: object) -> int:
        self.posted.append(url)
        if "hang" in url:
            await asyncio.sleep(60)
        return 200


async def has_told(teller: Teller, poster: Hanging, url: str) -> None:
    """Turns as the loop makes them, until this URL got its callback."""
    async with asyncio.timeout(10):
        while url not in poster.posted:
            await teller._turn()
            await asyncio.sleep(0.02)


async def ended(one, account_id: str, urls: list[str]) -> None:
    for url in urls:
        await one.submit(account_id, callback=url)
    while await one.desk.oldest():
        await one.round()


async def test_an_account_with_many_hanging_receivers_leaves_room_for_others(place, secret) -> None:
    callbacks.rotate(Store(place.database, place.vault, "cli:tests"), "other")
    hanging = [f"https://hang-{number}.example/" for number in range(AT_ONCE + 8)]
    async with started(place) as one:
        poster = Hanging()
        teller = Teller(one.desk, poster, SETTINGS.jobs)
        await ended(one, "shop", hanging)
        await teller._turn()
        await ended(one, "other", [URL])
        await has_told(teller, poster, URL)
        assert len(poster.posted) == OF_ONE + 1
        await teller.stop()


async def test_a_hanging_receiver_of_many_accounts_leaves_room_for_others(place, secret) -> None:
    store = Store(place.database, place.vault, "cli:tests")
    names = [f"shop-{number}" for number in range(AT_ONCE // OF_ONE + 2)]
    place.accounts |= {name: make_account(place.database, name) for name in names}
    for name in ["other", *names]:
        callbacks.rotate(store, name)
    async with started(place) as one:
        poster = Hanging()
        teller = Teller(one.desk, poster, SETTINGS.jobs)
        for name in names:
            await ended(one, name, ["https://hang.example/"] * OF_ONE)
        await teller._turn()
        await ended(one, "other", [URL])
        await has_told(teller, poster, URL)
        assert poster.posted.count("https://hang.example/") == OF_ONE
        await teller.stop()
        assert not teller._receivers
    with place.database.reading() as connection:
        tries = connection.execute(text("SELECT callback_tries FROM jobs WHERE account_id <> 'other'")).scalars().all()
    assert sorted(tries) == [0] * (len(tries) - OF_ONE) + [1] * OF_ONE
