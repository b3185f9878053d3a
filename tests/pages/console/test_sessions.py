import pytest

from fittingroom.pages.console import sessions as module
from fittingroom.pages.console.sessions import ALL_FAILURES, FAILURES, LIFETIME, MOST_SESSIONS, WINDOW, Door, Sessions

TOKEN = "the-right-token-of-today"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_session_ends_by_time_and_by_signing_out(clock: Clock) -> None:
    sessions = Sessions(clock)
    first, second = sessions.begin(), sessions.begin()
    assert sessions.holds(first)
    assert not sessions.holds("")
    assert not sessions.holds(first + "x")
    sessions.end(first)
    assert not sessions.holds(first)
    clock.now += LIFETIME - 1
    assert sessions.holds(second)
    clock.now += 1
    assert not sessions.holds(second)


def test_the_oldest_of_too_many_sessions_ends(clock: Clock) -> None:
    sessions = Sessions(clock)
    made = [sessions.begin() for _ in range(MOST_SESSIONS + 1)]
    assert [sessions.holds(one) for one in made] == [False] + [True] * MOST_SESSIONS


def test_only_the_whole_token_fits(clock: Clock) -> None:
    door = Door(TOKEN, clock)
    assert door.fits("a", TOKEN)
    for wrong in ("", TOKEN[:-1], TOKEN + " ", TOKEN.upper()):
        assert not door.fits("b", wrong)


def test_tokens_are_compared_in_constant_time(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    real = module.hmac.compare_digest
    monkeypatch.setattr(module.hmac, "compare_digest", lambda a, b: asked.append((len(a), len(b))) or real(a, b))
    Door(TOKEN, clock).fits("a", "short")
    assert asked == [(32, 32)]


def test_who_guesses_has_to_wait_and_nobody_else(clock: Clock) -> None:
    door = Door(TOKEN, clock)
    for _ in range(FAILURES):
        assert door.wait("guesser") == 0
        door.fits("guesser", "wrong")
    assert door.wait("guesser") == WINDOW
    assert door.wait("operator") == 0
    clock.now += WINDOW
    assert door.wait("guesser") == 0


def test_failures_further_apart_than_the_window_do_not_add_up(clock: Clock) -> None:
    door = Door(TOKEN, clock)
    for _ in range(3 * FAILURES):
        door.fits("a", "wrong")
        clock.now += WINDOW / (FAILURES - 1)
        assert door.wait("a") == 0


def test_many_addresses_together_are_bounded_too(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ADDRESSES", 10)
    door = Door(TOKEN, clock)
    for number in range(ALL_FAILURES):
        assert door.wait(f"address-{number}") == 0
        door.fits(f"address-{number}", "wrong")
    assert door.wait("a new one") == WINDOW
    assert len(door._failures) == 10
