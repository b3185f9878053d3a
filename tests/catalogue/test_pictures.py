"""Photos of a batch: read once while their tile lasts, fetched through the guard, reviewed, refused with a reason."""

from __future__ import annotations

import asyncio
import hashlib
from io import BytesIO
from pathlib import Path

import pictures as drawn
import pytest
from picture_server import PictureServer

from fittingroom.catalogue import pictures
from fittingroom.catalogue.pictures import Pictures
from fittingroom.catalogue.plan import Work
from fittingroom.catalogue.rows import Row, read_row
from fittingroom.errors import ApiError
from fittingroom.moderation.hook import Submission
from fittingroom.settings import FetchSettings, ImageSettings, Settings

pytestmark = pytest.mark.anyio


def png() -> bytes:
    buffer = BytesIO()
    drawn.figure().save(buffer, "PNG")
    return buffer.getvalue()


def work(person: str, garment: str) -> Work:
    row = read_row({"person": person, "garment": garment, "type": "Dress"}, "m:1", Path("/"))
    assert isinstance(row, Row)
    hashes = [hashlib.sha256(Path(p).read_bytes()).hexdigest() if p.startswith("/") else "" for p in (person, garment)]
    return Work("ab" * 32, "x.jpg", row, *hashes)


@pytest.fixture
async def opened():
    made = []

    async def make(*, allow: bool = True, lanes: int = 1, **images: int) -> Pictures:
        fetch = FetchSettings(allow_net=("127.0.0.0/8",) if allow else ())
        found = Pictures(Settings(fetch=fetch, images=ImageSettings.model_validate(images)), lanes)
        made.append(found)
        await found.start()
        return found

    yield make
    for one in made:
        await one.close()


async def test_a_photo_is_fetched_once_for_all_its_works(opened, tmp_path: Path) -> None:
    content = png()
    (tmp_path / "g.png").write_bytes(content)
    photos = await opened()
    with PictureServer() as server:
        url = server.publish("/p.png?sig=1", content)
        same = work(url, str(tmp_path / "g.png"))
        got = await asyncio.gather(*(photos.of(same) for _ in range(5)))
        assert got == [(content, content)] * 5
        assert server.asked == ["/p.png?sig=1"]


async def test_old_photos_make_room(opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "TILE_PERSONS", 1)
    monkeypatch.setattr(pictures, "TILE_GARMENTS", 1)
    photos, content = await opened(), png()
    with PictureServer() as server:
        urls = [server.publish(f"/{n}", content) for n in range(3)]
        for person, garment in ((0, 1), (0, 1), (2, 1), (0, 1)):
            await photos.of(work(urls[person], urls[garment]))
        assert server.asked.count("/0") == 2
        assert len(photos._kept) == 2


async def test_a_download_is_tried_twice(opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "g.png").write_bytes(png())
    monkeypatch.setattr(pictures, "PAUSE", 0.01)
    photos = await opened()
    with PictureServer() as server:
        url = server.url("/none.png")
        with pytest.raises(ApiError) as caught:
            await photos.of(work(url, str(tmp_path / "g.png")))
        assert caught.value.reason == "download_status"
        assert server.asked == ["/none.png"] * 2


async def test_a_private_address_is_refused(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PAUSE", 0.01)
    photos = await opened(allow=False)
    with PictureServer() as server:
        url = server.publish("/p.png", png())
        with pytest.raises(ApiError) as caught:
            await photos.of(work(url, url))
        assert caught.value.reason == "download_forbidden"
        assert server.asked == []


@pytest.mark.parametrize(
    ("content", "limits", "reason"),
    [
        (b"", {}, "image_empty"),
        (b"no picture", {}, "image_decode_failed"),
        (png(), {"max_side": 700}, "image_too_wide"),
        (png(), {"max_base64_bytes": 100}, "image_size_exceed"),
    ],
)
async def test_the_servers_limits_hold(opened, tmp_path: Path, content: bytes, limits: dict, reason: str) -> None:
    (tmp_path / "p.png").write_bytes(content)
    photos = await opened(**limits)
    with pytest.raises(ApiError) as caught:
        await photos.of(work(str(tmp_path / "p.png"), str(tmp_path / "p.png")))
    assert caught.value.reason == reason


async def test_the_operators_reviewer_sees_each_photo_once(opened, tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(png())
    seen: list[str] = []

    class Hook:
        async def review(self, submissions: list[Submission], **_: object) -> None:
            seen.extend(submission.role for submission in submissions)
            if seen[-1] == "garment":
                raise ApiError("image_refused", parameter=submissions[0].parameter)

        async def close(self) -> None:
            pass

    photos = await opened()
    photos._hook = Hook()
    one = work(str(tmp_path / "p.png"), str(tmp_path / "p.png"))
    for _ in range(2):
        with pytest.raises(ApiError, match="ClothesUrl"):
            await photos.of(one)
    assert sorted(seen) == ["garment", "person"]
