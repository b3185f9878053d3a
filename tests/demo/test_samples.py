"""What the demo dresses: the package's samples, and a user's own photos within the API's limits."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image


def jpeg(size: tuple[int, int], turn: int | None = None) -> bytes:
    buffer = io.BytesIO()
    exif = Image.Exif()
    if turn:
        exif[0x0112] = turn
    Image.new("RGB", size, "red").save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def sides(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        assert image.format == "JPEG"
        assert image.mode == "RGB"
        assert not image.getexif()
        return image.size


def test_every_case_is_within_the_limits_of_the_api(samples) -> None:
    for case in samples.sample_cases():
        for path in (case.person, case.garment):
            assert all(512 < side < 3000 for side in sides(path)), path


def test_all_types_are_shown_on_different_people(samples) -> None:
    cases = samples.sample_cases()
    assert {case.clothes_type for case in cases} == {"Upper-body", "Lower-body", "Dress"}
    assert len({case.person for case in cases}) == len(cases) >= 6
    assert len({case.garment for case in cases}) == len(cases)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((4000, 3000), (1600, 1200)), ((200, 300), (640, 960)), ((1000, 900), (1000, 900))],
)
def test_own_photos_are_brought_within_the_limits(samples, tmp_path: Path, size, expected) -> None:
    (tmp_path / "me.png").write_bytes(jpeg(size))
    assert sides(samples.prepare(tmp_path / "me.png", tmp_path / "person.jpg")) == expected


def test_own_photos_are_turned_upright(samples, tmp_path: Path) -> None:
    (tmp_path / "me.jpg").write_bytes(jpeg((1000, 700), turn=6))
    assert sides(samples.prepare(tmp_path / "me.jpg", tmp_path / "person.jpg")) == (700, 1000)


def test_an_own_file_that_is_no_picture_is_refused(samples, tmp_path: Path) -> None:
    (tmp_path / "me.txt").write_text("hello")
    with pytest.raises(OSError, match="identify"):
        samples.prepare(tmp_path / "me.txt", tmp_path / "person.jpg")
    assert [path.name for path in tmp_path.iterdir()] == ["me.txt"]
