"""Taking files out of archives, honest and hostile ones."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest

from fittingroom.models import SourceFailed
from fittingroom.models.archive import extract


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "w.onnx"


def nothing(count: int) -> None:
    """An Advance that counts nothing."""


def test_one_member_of_a_tar(tmp_path: Path, target: Path, tarball) -> None:
    archive = tarball(tmp_path / "a.tgz", {"package/readme": b"no", "package/w": b"weights"})
    counts: list[int] = []
    extract(archive, ["package/w"], target, 7, counts.append)
    assert target.read_bytes() == b"weights"
    assert counts == [7]


def test_parts_are_joined_in_the_order_asked_for(tmp_path: Path, target: Path, tarball) -> None:
    held = {f"package/w-{n}": f"<{n}>".encode() for n in (10, 2, 1, 9, 3, 4, 5, 8, 7, 6)}
    archive = tarball(tmp_path / "a.tgz", held)
    extract(archive, [f"package/w-{n}" for n in range(1, 11)], target, 1000, nothing)
    assert target.read_bytes() == b"<1><2><3><4><5><6><7><8><9><10>"
    assert [path.name for path in target.parent.iterdir()] == ["w.onnx"]


@pytest.mark.parametrize("name", ["a.whl", "a.zip"])
def test_members_of_a_wheel(tmp_path: Path, target: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as zipped:
        zipped.writestr("x/b", b"second")
        zipped.writestr("x/a", b"first")
    extract(tmp_path / name, ["x/b", "x/a"], target, 100, nothing)
    assert target.read_bytes() == b"secondfirst"


@pytest.mark.parametrize("name", ["a.tgz", "a.whl"])
def test_a_missing_member_is_named(tmp_path: Path, target: Path, tarball, name: str) -> None:
    if name.endswith("whl"):
        with zipfile.ZipFile(tmp_path / name, "w") as zipped:
            zipped.writestr("x", b"")
    else:
        tarball(tmp_path / name, {"x": b""})
    with pytest.raises(SourceFailed, match=f"{name} does not hold y"):
        extract(tmp_path / name, ["x", "y"], target, 100, nothing)
    assert not target.exists()


def test_more_bytes_than_declared_are_refused(tmp_path: Path, target: Path, tarball) -> None:
    archive = tarball(tmp_path / "a.tgz", {"a": b"1234", "b": b"1234"})
    with pytest.raises(SourceFailed, match="more bytes"):
        extract(archive, ["a", "b"], target, 7, nothing)
    assert not target.exists()


def test_a_zip_bomb_is_stopped_early(tmp_path: Path, target: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("w", bytes(20_000_000))
    written: list[int] = []
    with pytest.raises(SourceFailed, match="more bytes"):
        extract(tmp_path / "a.zip", ["w"], target, 100, written.append)
    assert sum(written) == 0


def test_a_link_in_the_members_place_is_not_followed(tmp_path: Path, target: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tar:
        info = tarfile.TarInfo("w")
        info.type = tarfile.SYMTYPE
        info.linkname = str(tmp_path / "secret")
        tar.addfile(info)
    with pytest.raises(SourceFailed, match="does not hold w"):
        extract(tmp_path / "a.tgz", ["w"], target, 100, nothing)


def test_paths_of_the_archive_are_never_created(tmp_path: Path, target: Path, tarball) -> None:
    archive = tarball(tmp_path / "a.tgz", {"../../escaped": b"x", "w": b"fine"})
    extract(archive, ["w"], target, 100, nothing)
    assert not list(tmp_path.parent.glob("escaped"))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.tgz", "out", "w.onnx"]


@pytest.mark.parametrize("name", ["a.tgz", "a.whl"])
@pytest.mark.parametrize(
    "content", [b"", b"not an archive at all", b"\x1f\x8b\x08\x00broken gzip", b"PK\x03\x04broken"]
)
def test_damage_is_told(tmp_path: Path, target: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceFailed, match=f"{name} is damaged"):
        extract(tmp_path / name, ["w"], target, 100, nothing)


def test_a_truncated_tar_is_told(tmp_path: Path, target: Path, tarball, content: bytes) -> None:
    archive = tarball(tmp_path / "a.tgz", {"w": content})
    archive.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(SourceFailed, match=r"damaged|does not hold"):
        extract(archive, ["w"], target, len(content), nothing)
