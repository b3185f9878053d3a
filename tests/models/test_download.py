"""Downloading from a publisher that is well, slow to finish, or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from fittingroom.models import SourceFailed
from fittingroom.models.download import CONTINUATIONS, _request, download


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "tiny.onnx.part"


def test_brings_the_whole_file(publisher, page, part: Path, content: bytes, recorder) -> None:
    publisher.pages["/f"] = page(content)
    download(publisher.url("/f"), part, len(content), recorder)
    assert part.read_bytes() == content
    assert publisher.asked == [("/f", None)]
    assert recorder.advanced == {"tiny.onnx": len(content)}


def test_resumes_what_an_earlier_attempt_left(publisher, page, part: Path, content: bytes, recorder) -> None:
    publisher.pages["/f"] = page(content)
    part.write_bytes(content[:1000])
    download(publisher.url("/f"), part, len(content), recorder)
    assert part.read_bytes() == content
    assert publisher.asked == [("/f", "bytes=1000-")]
    assert recorder.advanced == {"tiny.onnx": len(content)}


def test_starts_anew_where_the_publisher_cannot_resume(publisher, page, part: Path, content: bytes, recorder) -> None:
    publisher.pages["/f"] = page(content, ranges=False)
    part.write_bytes(b"x" * 1000)
    download(publisher.url("/f"), part, len(content), recorder)
    assert part.read_bytes() == content
    assert recorder.advanced == {"tiny.onnx": len(content)}


def test_a_complete_part_asks_for_nothing(publisher, part: Path, content: bytes, recorder) -> None:
    part.write_bytes(content)
    download(publisher.url("/f"), part, len(content), recorder)
    assert publisher.asked == []


def test_a_part_that_is_too_long_is_dropped(publisher, page, part: Path, content: bytes, recorder) -> None:
    publisher.pages["/f"] = page(content)
    part.write_bytes(content + b"more")
    download(publisher.url("/f"), part, len(content), recorder)
    assert part.read_bytes() == content


def test_continues_when_the_connection_breaks(publisher, page, part: Path, content: bytes, recorder) -> None:
    third = len(content) // 3 + 1
    publisher.pages["/f"] = page(content, breaks_after=third)
    download(publisher.url("/f"), part, len(content), recorder)
    assert part.read_bytes() == content
    assert [asked for _, asked in publisher.asked] == [None, f"bytes={third}-", f"bytes={2 * third}-"]
    assert len(recorder.lines) == 2
    assert f"{third} of {len(content)} bytes" in recorder.lines[0]


def test_gives_up_when_it_breaks_too_often(publisher, page, part: Path, content: bytes, recorder) -> None:
    publisher.pages["/f"] = page(content, breaks_after=10)
    with pytest.raises(SourceFailed, match="broke 20 times"):
        download(publisher.url("/f"), part, len(content), recorder)
    assert part.stat().st_size == 10 * CONTINUATIONS


def test_no_headway_is_a_failure_and_keeps_the_part(publisher, page, part: Path, content: bytes, recorder) -> None:
    publisher.pages["/f"] = page(content, breaks_after=0)
    part.write_bytes(content[:500])
    with pytest.raises(SourceFailed, match=f"500 of {len(content)} bytes"):
        download(publisher.url("/f"), part, len(content), recorder)
    assert part.read_bytes() == content[:500]


def test_an_http_error_is_told(publisher, part: Path, recorder) -> None:
    with pytest.raises(SourceFailed, match="answered 404 Not Found"):
        download(publisher.url("/nothing"), part, 10, recorder)
    assert not part.exists()


def test_an_unreachable_host_is_told(publisher, part: Path, recorder) -> None:
    with pytest.raises(SourceFailed, match=r"cannot be reached \(.+\)"):
        download("http://127.0.0.1:9/f", part, 10, recorder)


@pytest.mark.parametrize("change", [-1, 1])
def test_another_length_is_refused_before_reading(
    publisher, page, part: Path, content: bytes, recorder, change: int
) -> None:
    publisher.pages["/f"] = page(content, announces=len(content) + change)
    with pytest.raises(SourceFailed, match=f"announces {len(content) + change} bytes"):
        download(publisher.url("/f"), part, len(content), recorder)
    assert not part.exists()


def test_an_endless_body_is_stopped_and_dropped(publisher, page, part: Path, content: bytes, recorder) -> None:
    publisher.pages["/f"] = page(content + b"more", silent_length=True)
    with pytest.raises(SourceFailed, match="more than the expected"):
        download(publisher.url("/f"), part, len(content), recorder)
    assert not part.exists()


def test_another_range_than_asked_for_is_refused(publisher, page, part: Path, content: bytes, recorder) -> None:
    publisher.pages["/f"] = page(content, wrong_range=True)
    part.write_bytes(content[:500])
    with pytest.raises(SourceFailed, match="another part"):
        download(publisher.url("/f"), part, len(content), recorder)
    assert part.read_bytes() == content[:500]


def test_headers_for_the_publisher_are_not_sent_on() -> None:
    """The full way, over a redirection, is in test_sets_pull.py."""
    request = _request("http://127.0.0.1:9/x", 5, {"Authorization": "Bearer secret"})
    assert request.unredirected_hdrs == {"Authorization": "Bearer secret"}
    assert request.headers["Range"] == "bytes=5-"
    assert "Authorization" not in request.headers
