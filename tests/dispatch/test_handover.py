"""Jobs meet workers: in turn when all are busy, and where it is a choice, the one that saw the photos lately."""

import asyncio
import time
from dataclasses import replace

import pytest
from fake_engines import job

from fittingroom.dispatch import handover
from fittingroom.dispatch.handover import Handover, Warmth
from fittingroom.pipeline import RenderJob

pytestmark = pytest.mark.anyio


def of(person: bytes, garment: bytes = b"g", account: str = "one") -> RenderJob:
    return replace(job(person=person), garment=garment, account_id=account)


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_waits_is_got_in_the_order_it_was_put() -> None:
    queue: Handover[str] = Handover(lambda item, idle: next(iter(idle)))
    for item in "abc":
        queue.put(item)
    assert [await queue.get(number, 1.0) for number in (1, 0, 1)] == ["a", "b", "c"]


async def test_the_idle_worker_that_is_preferred_gets_it() -> None:
    queue: Handover[str] = Handover(lambda item, idle: 2 if 2 in idle else next(iter(idle)))
    gets = [asyncio.create_task(queue.get(number, 10.0)) for number in range(3)]
    await settled()
    for item in "abcd":
        queue.put(item)
    assert [await get for get in gets] == ["b", "c", "a"]
    assert await queue.get(0, 10.0) == "d", "nobody was idle any more"


async def test_a_worker_that_stopped_waiting_is_given_nothing() -> None:
    queue: Handover[str] = Handover(lambda item, idle: next(iter(idle)))
    assert await queue.get(0, 0.01) is None
    cancelled = asyncio.create_task(queue.get(1, 10.0))
    await settled()
    cancelled.cancel()
    await settled()
    queue.put("a")
    assert await queue.get(2, 0.01) == "a"


async def test_nothing_put_is_lost_while_workers_come_and_go() -> None:
    queue: Handover[int] = Handover(lambda item, idle: next(iter(idle)))
    got: list[int] = []

    async def work(number: int) -> None:
        while len(got) < 500:
            item = await queue.get(number, 0.001)
            if item is not None:
                got.append(item)

    async def put() -> None:
        for item in range(500):
            queue.put(item)
            await asyncio.sleep(0.0011 if item % 9 == 0 else 0)

    await asyncio.gather(put(), *(work(number) for number in range(3)))
    assert sorted(got) == list(range(500))


def test_the_person_counts_before_the_garments_and_they_before_nothing() -> None:
    warmth = Warmth(4, 60.0)
    warmth.saw(1, warmth.photos(of(b"other", b"shirt")))
    warmth.saw(2, warmth.photos(of(b"person", b"other")))
    asked = warmth.photos(of(b"person", b"shirt"))
    assert warmth.prefer(asked, [0, 1, 2, 3]) == 2
    assert warmth.prefer(asked, [0, 1, 3]) == 1
    assert warmth.prefer(asked, [3, 0]) == 3, "no choice to make: the longest idle"


def test_the_same_photo_of_another_account_is_another() -> None:
    warmth = Warmth(2, 60.0)
    warmth.saw(1, warmth.photos(of(b"person")))
    assert warmth.prefer(warmth.photos(of(b"person", account="other")), [0, 1]) == 0
    assert warmth.prefer(warmth.photos(of(b"person")), [0, 1]) == 1


def test_hashes_are_keyed_by_the_gateway() -> None:
    assert Warmth(2, 60.0).photos(of(b"person")) != Warmth(2, 60.0).photos(of(b"person"))


def test_a_new_process_has_seen_nothing() -> None:
    warmth = Warmth(2, 60.0)
    warmth.saw(1, warmth.photos(of(b"person")))
    warmth.forget(1)
    assert warmth.prefer(warmth.photos(of(b"person")), [0, 1]) == 0


def test_hashes_go_in_time_and_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    warmth = Warmth(2, 0.05)
    warmth.saw(0, warmth.photos(of(b"person")))
    time.sleep(0.06)
    warmth.expire()
    assert not warmth._seen[0]
    monkeypatch.setattr(handover, "REMEMBERED", 3)
    for number in range(5):
        warmth.saw(0, warmth.photos(of(b"person", b"%d" % number)))
    assert len(warmth._seen[0]) == 3


@pytest.mark.parametrize(("workers", "seconds"), [(1, 60.0), (2, 0.0)])
def test_nothing_is_hashed_where_there_is_no_choice_or_no_memory(workers: int, seconds: float) -> None:
    warmth = Warmth(workers, seconds)
    assert warmth.photos(of(b"person")) == ()
    warmth.saw(0, ())
    assert warmth.prefer((), range(workers)) == 0


def test_long_photos_are_told_apart_by_length_and_both_ends() -> None:
    warmth = Warmth(2, 60.0)
    long = bytes(200_000)
    assert warmth.photos(of(long)) == warmth.photos(of(bytes(200_000)))
    for other in (bytes(200_001), b"x" + long[1:], long[:-1] + b"x"):
        assert warmth.photos(of(other)) != warmth.photos(of(long))
