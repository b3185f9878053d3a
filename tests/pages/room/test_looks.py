"""A look's beginning, where two of one visitor meet, and its warnings' language; a running server tests the rest."""

import asyncio
import json
from typing import Any, cast

import pytest

from fittingroom.errors import Language
from fittingroom.pages.room.looks import Looks, Wish
from fittingroom.pages.room.sessions import Visits
from fittingroom.pages.room.warnings import TEXTS
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


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en-US", "The garment seems to be sheer."), ("zh-CN", TEXTS["The garment seems to be sheer."])],
)
def test_warnings_are_in_the_language_of_the_page(language: Language, shown: str) -> None:
    answer = {"ResultImages": ["iVBORw0KGgo="], "Garments": [], "RequestId": "1", "Confidence": 0.4}

    class Caller:
        async def call(self, *_: object, **__: object) -> dict[str, object]:
            return answer | {"Warnings": ["The garment seems to be sheer."]}

    visits, nothing = Visits(PageSettings()), cast(Any, None)
    looks = Looks(visits, cast(Any, Caller()), nothing, lambda _: None, lambda: 0)
    wish = Wish("https://a.example/a.jpg", "https://a.example/b.jpg", "Dress")

    async def main() -> bytes:
        return [told async for told in looks.events(visits.open(), wish, language, {})][-1]

    done = asyncio.run(main())
    assert done.startswith(b"event: done\n")
    assert json.loads(done.split(b"data: ")[1])["warnings"] == [{"code": "engine", "message": shown, "advice": ""}]
