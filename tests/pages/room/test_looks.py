"""A look's beginning, where two of one visitor meet; the rest is tested on a running server."""

import asyncio
from typing import Any, cast

from fittingroom.pages.room.looks import Looks, Wish
from fittingroom.pages.room.sessions import Visits
from fittingroom.setting_pages import PageSettings


def test_of_two_looks_that_begin_at_the_same_time_one_is_refused() -> None:
    visits, nothing = Visits(PageSettings()), cast(Any, None)
    visit = visits.open()
    looks = Looks(visits, nothing, nothing, lambda _: None, lambda: 0)
    wish = Wish("https://a.example/a.jpg", "https://a.example/b.jpg", "Dress")

    async def main() -> list[bytes]:
        visit.busy = True
        return [told async for told in looks.events(visit, wish, "en-US", {})]

    (told,) = asyncio.run(main())
    assert told.startswith(b"event: failed\n")
    assert b'"LookRunning"' in told
    assert visit.busy
