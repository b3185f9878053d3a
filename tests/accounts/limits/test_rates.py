"""Which limits are asked, in which order, and with which numbers."""

from __future__ import annotations

import pytest

from fittingroom.accounts.limits import Rates
from fittingroom.errors import ApiError
from fittingroom.settings import LimitSettings

pytestmark = pytest.mark.anyio


class Window:
    """Remembers what it was asked; refuses names that begin with `full`."""

    def __init__(self, full: str = "-") -> None:
        self.full = full
        self.asked: list[tuple[str, int]] = []

    async def hit(self, name: str, limit: int) -> bool:
        self.asked.append((name, limit))
        return not name.startswith(self.full)


def rates(window: Window, **settings: int) -> Rates:
    return Rates(window, LimitSettings.model_validate(settings))


async def test_the_published_defaults() -> None:
    window = Window()
    made = rates(window)
    await made.count_address("203.0.113.9")
    await made.count_account("a", "aiart:ChangeClothes", None)
    assert window.asked == [("address:203.0.113.9", 20), ("action:a:aiart:ChangeClothes", 20), ("account:a", 100)]


async def test_zero_is_off() -> None:
    window = Window("a")
    made = rates(window, rate=0, account_rate=0, address_rate=0)
    await made.count_address("203.0.113.9")
    await made.count_account("a", "x", None)
    assert window.asked == []


@pytest.mark.parametrize(
    ("settings", "own", "asked"),
    [
        ({}, 5, [("action:a:x", 5), ("account:a", 100)]),
        ({}, 500, [("action:a:x", 500), ("account:a", 500)]),
        ({}, 0, [("account:a", 100)]),
        ({"account_rate": 0}, 500, [("action:a:x", 500)]),
        ({"rate": 300}, None, [("action:a:x", 300), ("account:a", 300)]),
    ],
)
async def test_an_accounts_own_number(settings, own, asked) -> None:
    window = Window()
    await rates(window, **settings).count_account("a", "x", own)
    assert window.asked == asked


@pytest.mark.parametrize(
    ("full", "code", "words"),
    [
        ("action", "RequestLimitExceeded", "equals to `21` in a second, which exceeds the frequency limit `20`"),
        ("account", "RequestLimitExceeded.UinLimitExceeded", "`101` requests in a second"),
    ],
)
async def test_what_the_account_is_told(full: str, code: str, words: str) -> None:
    window = Window(full)
    with pytest.raises(ApiError) as caught:
        await rates(window).count_account("a", "x", None)
    assert caught.value.code == code
    assert words in caught.value.message()


async def test_what_one_limit_refuses_the_next_does_not_count() -> None:
    window = Window("action")
    with pytest.raises(ApiError):
        await rates(window).count_account("a", "x", None)
    assert window.asked == [("action:a:x", 20)]


async def test_what_the_address_is_told_and_what_the_log() -> None:
    with pytest.raises(ApiError) as caught:
        await rates(Window("address")).count_address("203.0.113.9")
    assert caught.value.code == "RequestLimitExceeded.IPLimitExceeded"
    assert "more than `20` requests" in caught.value.message()
    assert "203.0.113.9" not in caught.value.message()
    assert "203.0.113.9" in str(caught.value.cause)
