"""Results on disk: what is kept, for whom, for how long, and what is left afterwards."""

import asyncio
import os
import stat
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from fittingroom.errors import ApiError, ResultForbidden, ResultGone
from fittingroom.results import LocalResults
from fittingroom.results.signing import owner

pytestmark = pytest.mark.anyio

SECRET = b"0123456789abcdef"


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def results(tmp_path, clock, anyio_backend):
    made = LocalResults(tmp_path / "results", SECRET, clock=clock)
    await made.start()
    return made


def taken_apart(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    assert not parts.scheme
    assert not parts.netloc
    return parts.path.removeprefix("/results/"), dict(parse_qsl(parts.query))


def files(results: LocalResults) -> list[Path]:
    return sorted(results._directory.iterdir())


@pytest.mark.parametrize(("media_type", "suffix"), [("image/jpeg", ".jpg"), ("image/png", ".png")])
async def test_what_was_put_is_opened_with_its_media_type(results, clock, media_type, suffix):
    url = await results.put(b"picture", media_type, "account-1")
    name, query = taken_apart(url)
    assert url.startswith("/results/")
    assert name.endswith(suffix)
    assert int(query["expires"]) == clock.now + 3600
    stored = await results.open(name, query)
    assert (stored.data, stored.media_type) == (b"picture", media_type)


async def test_a_url_lives_for_its_lifetime_and_not_a_second_longer(results, clock):
    name, query = taken_apart(await results.put(b"x", "image/jpeg", "account-1"))
    clock.now += 3599.9
    assert (await results.open(name, query)).data == b"x"
    clock.now += 0.1
    with pytest.raises(ResultGone):
        await results.open(name, query)


async def test_expired_files_are_swept_and_living_ones_stay(results, clock):
    await results.put(b"old", "image/jpeg", "account-1")
    clock.now += 1800
    name, query = taken_apart(await results.put(b"young", "image/png", "account-1"))
    clock.now += 1800
    assert await results.sweep() == 1
    assert [path.name for path in files(results)] == [name]
    assert (await results.open(name, query)).data == b"young"
    assert await results.sweep() == 0


async def test_a_file_that_is_gone_before_its_time_is_gone_not_broken(results):
    name, query = taken_apart(await results.put(b"x", "image/jpeg", "account-1"))
    files(results)[0].unlink()
    with pytest.raises(ResultGone):
        await results.open(name, query)


async def test_starting_sweeps_what_an_earlier_server_left_and_keeps_its_promises(tmp_path, clock):
    first = LocalResults(tmp_path, SECRET, clock=clock, lifetime=100)
    await first.start()
    old = taken_apart(await first.put(b"old", "image/jpeg", "account-1"))
    clock.now += 60
    young = taken_apart(await first.put(b"young", "image/jpeg", "account-1"))
    clock.now += 60
    second = LocalResults(tmp_path, SECRET, clock=clock, lifetime=9999)
    await second.start()
    assert [path.name for path in files(second)] == [young[0]]
    assert (await second.open(*young)).data == b"young"
    with pytest.raises(ResultGone):
        await second.open(*old)


async def test_another_secret_opens_nothing(tmp_path, results, clock):
    name, query = taken_apart(await results.put(b"x", "image/jpeg", "account-1"))
    other = LocalResults(tmp_path / "results", b"another secret...", clock=clock)
    await other.start()
    with pytest.raises(ResultForbidden):
        await other.open(name, query)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../secret", "..%2fsecret", "/etc/passwd", "a" * 32, "A" * 32 + ".jpg", "a" * 32 + ".jpg.part",
     "a" * 32 + ".txt", "a" * 31 + ".jpg", "a" * 32 + ".jpg\n", "a" * 32 + ".jpg\0", "é" * 32 + ".jpg"],
)  # fmt: skip
async def test_other_names_are_forbidden_even_when_signed(results, name):
    from fittingroom.results.signing import sign

    expires = int(results._clock()) + 100
    with pytest.raises(ResultForbidden):
        await results.open(name, {"expires": str(expires), "signature": sign(SECRET, name, expires)})


async def test_names_cannot_be_guessed_from_one_another(results):
    names = {taken_apart(await results.put(b"x", "image/jpeg", "account-1"))[0] for _ in range(50)}
    assert len(names) == 50
    assert len({name[:4] for name in names}) > 40


async def test_only_the_servers_user_can_read(results):
    await results.put(b"x", "image/jpeg", "account-1")
    assert stat.S_IMODE(results._directory.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in files(results)] == [0o600]


async def test_an_open_directory_is_closed_at_start(tmp_path, clock):
    (tmp_path / "r").mkdir(mode=0o777)
    await LocalResults(tmp_path / "r", SECRET, clock=clock).start()
    assert stat.S_IMODE((tmp_path / "r").stat().st_mode) == 0o700


async def test_a_write_that_fails_leaves_nothing_and_says_there_is_no_room(results, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fittingroom.results.local.os.utime", full)
    with pytest.raises(ApiError) as caught:
        await results.put(b"x", "image/jpeg", "account-1")
    assert caught.value.reason == "results_full"
    assert "base64" in caught.value.message()
    assert str(results._directory) not in caught.value.message() + caught.value.message("zh-CN")
    assert files(results) == []


async def test_together_they_never_take_more_than_the_set_bytes(tmp_path, clock):
    small = LocalResults(tmp_path, SECRET, clock=clock, max_total_bytes=10)
    await small.start()
    await small.put(b"12345", "image/jpeg", "account-1")
    outcomes = await asyncio.gather(
        *(small.put(b"12345", "image/jpeg", "account-1") for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(outcome, ApiError) for outcome in outcomes) == 2
    restarted = LocalResults(tmp_path, SECRET, clock=clock, max_total_bytes=10)
    await restarted.start()
    with pytest.raises(ApiError):
        await restarted.put(b"1", "image/jpeg", "account-1")
    clock.now += 3600
    await restarted.sweep()
    await restarted.put(b"1234567890", "image/jpeg", "account-1")


async def test_part_files_of_a_crash_are_swept_after_a_lifetime_and_strangers_never(results, clock):
    part = results._directory / ("a" * 32 + ".jpg.part")
    stranger = results._directory / "README"
    for path in (part, stranger):
        path.write_bytes(b"x")
        os.utime(path, (clock.now, clock.now))
    assert await results.sweep() == 0
    clock.now += 3600
    assert await results.sweep() == 1
    assert files(results) == [stranger]


async def test_other_media_types_are_a_programming_error(results):
    with pytest.raises(KeyError):
        await results.put(b"<svg/>", "image/svg+xml", "account-1")


async def test_a_short_secret_is_refused(tmp_path):
    with pytest.raises(ValueError, match="16 bytes"):
        LocalResults(tmp_path, b"short")


async def test_an_accounts_results_are_purged_and_no_others(results):
    mine = [taken_apart(await results.put(b"x", "image/jpeg", "account-1")) for _ in range(3)]
    other = taken_apart(await results.put(b"y", "image/png", "account-2"))
    stranger = results._directory / "README"
    stranger.write_bytes(b"z")
    assert results.purge("account-3") == 0
    assert results.purge("account-1") == 3
    for name, query in mine:
        with pytest.raises(ResultGone):
            await results.open(name, query)
    assert (await results.open(*other)).data == b"y"
    assert stranger.exists()
    assert results.purge("account-1") == 0


async def test_names_tell_whose_they_are_to_the_servers_key_alone(tmp_path, results):
    name, _ = taken_apart(await results.put(b"x", "image/jpeg", "account-1"))
    again, _ = taken_apart(await results.put(b"x", "image/jpeg", "account-1"))
    assert name[32:48] == again[32:48] == owner(SECRET, "account-1") != owner(SECRET, "account-2")
    assert owner(b"another secret...", "account-1") != owner(SECRET, "account-1")
    assert "account" not in name


async def test_what_another_process_purged_counts_no_longer(tmp_path, clock):
    small = LocalResults(tmp_path, SECRET, clock=clock, max_total_bytes=10)
    await small.start()
    await small.put(b"1234567890", "image/jpeg", "account-1")
    assert LocalResults(tmp_path, SECRET).purge("account-1") == 1
    with pytest.raises(ApiError):
        await small.put(b"1", "image/jpeg", "account-1")
    assert await small.sweep() == 0
    await small.put(b"1234567890", "image/jpeg", "account-1")


async def test_purging_where_nothing_was_ever_kept(tmp_path):
    assert LocalResults(tmp_path / "absent", SECRET).purge("account-1") == 0
    assert not (tmp_path / "absent").exists()


async def test_names_of_an_older_server_are_swept(results, clock):
    old = results._directory / ("a" * 32 + ".jpg")
    old.write_bytes(b"x")
    os.utime(old, (clock.now, clock.now))
    assert await results.sweep() == 1
