import pytest
from structlog.contextvars import bound_contextvars

from fittingroom.pages.console import recent as module
from fittingroom.pages.console.recent import DAYS, KEPT, OTHER, UNCLAIMED, Recent
from fittingroom.pipeline import RenderedImage
from fittingroom.wire.trail import Trail

DAY = 86_400


class Clock:
    now = 20_000.0 * DAY

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recent(clock: Clock) -> Recent:
    return Recent(clock)


def picture(**stages: float) -> RenderedImage:
    return RenderedImage(b"the picture", "image/jpeg", 1, 1, "fake", stages, 1.0, ())


def test_a_request_leaves_codes_and_times_and_nothing_else(recent: Recent, clock: Clock) -> None:
    trail = Trail("POST", action="ChangeClothes", account="shop", client="a caller's own words", bytes_in=9)
    trail.code, trail.reason, trail.cause = (
        "FailedOperation.ImageDownloadError",
        "download",
        "https://cdn.example/me.jpg",
    )
    recent.answered(trail)
    (told,) = recent.latest()
    assert {name: told[name] for name in ("id", "at", "action", "account", "code", "reason", "bytes_in")} == {
        "id": trail.request_id,
        "at": clock.now,
        "action": "ChangeClothes",
        "account": "shop",
        "code": "FailedOperation.ImageDownloadError",
        "reason": "download",
        "bytes_in": 9,
    }
    assert "cdn.example" not in str(told)
    assert "words" not in str(told)


def test_stage_times_find_the_request_that_ends_after_them_and_the_one_that_ended_before(recent: Recent) -> None:
    waits, submitted = Trail("POST"), Trail("POST")
    with bound_contextvars(request_id=waits.request_id):
        recent.rendered(picture(decode=0.1, paste=0.25), 1.5)
    recent.answered(waits)
    recent.answered(submitted)
    with bound_contextvars(request_id=submitted.request_id):
        recent.rendered(picture(paste=3.0), 0.0)
    newest, oldest = recent.latest()
    assert (newest["id"], newest["stages"], newest["waited"]) == (submitted.request_id, {"paste": 3.0}, 0.0)
    assert (oldest["id"], oldest["stages"], oldest["waited"]) == (waits.request_id, {"decode": 0.1, "paste": 0.25}, 1.5)


def test_pictures_outside_of_any_request_are_nobodys(recent: Recent) -> None:
    recent.rendered(picture(paste=3.0), 0.0)
    recent.answered(Trail("POST"))
    assert recent.latest()[0]["stages"] == {}
    assert not recent._unclaimed


def test_memory_is_bounded(recent: Recent) -> None:
    for number in range(UNCLAIMED + 10):
        with bound_contextvars(request_id=f"job-{number}"):
            recent.rendered(picture(paste=1.0), 0.0)
    trails = [Trail("POST") for _ in range(KEPT + 10)]
    for trail in trails:
        recent.answered(trail)
    assert [one["id"] for one in recent.latest()] == [trail.request_id for trail in reversed(trails[10:])]
    assert len(recent._unclaimed) == UNCLAIMED


def test_codes_are_counted_by_day_and_old_days_are_dropped(recent: Recent, clock: Clock) -> None:
    for code in ("OK", "OK", "InternalError"):
        recent.answered(Trail("POST", code=code))
    clock.now += DAY * (DAYS - 1)
    recent.answered(Trail("POST"))
    assert recent.by_day() == [
        {"day": 20_000, "code": "OK", "requests": 2},
        {"day": 20_000, "code": "InternalError", "requests": 1},
        {"day": 20_000 + DAYS - 1, "code": "OK", "requests": 1},
    ]
    clock.now += DAY
    recent.answered(Trail("POST"))
    assert [one["day"] for one in recent.by_day()] == [20_000 + DAYS - 1, 20_000 + DAYS]


def test_codes_beyond_the_bound_are_counted_together(recent: Recent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CODES", 2)
    for code in ("A", "B", "C", "D", "A"):
        recent.answered(Trail("POST", code=code))
    assert {one["code"]: one["requests"] for one in recent.by_day()} == {"A": 2, "B": 1, OTHER: 2}
