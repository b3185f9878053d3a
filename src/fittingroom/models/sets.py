"""Sets of weights on this machine: folders `models_dir()/<name>`, each with a `set.json` that says what it holds.

`set.json` is written by whatever brought the files, after every byte was hashed, with each file's size and sha256 and
where it came from. Invariant: a set's folder gets its name whole or not at all, and nothing that lies elsewhere or was
never hashed is handed to an engine; sizes are looked at on every load, hashes by `fittingroom models verify`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from fittingroom.models.errors import MissingWeight, PullFailed
from fittingroom.models.manifest import Entry, Sha256, Text
from fittingroom.models.report import Reporter, Silent
from fittingroom.models.sets_manifest import Commit, Repository, Sets, WeightSet, find_set
from fittingroom.models.space import need
from fittingroom.models.store import State, models_dir, sha256_of
from fittingroom.models.workplace import STAGING, workplace
from fittingroom.setting_neural import NeuralSettings

RECORD = "set.json"
CHUNK = 1 << 22


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path != str(PurePosixPath(*parts)) or parts[0] == "/" or ".." in parts or "\\" in path:
        raise ValueError("must be a path inside the set")
    return path


class FileRecord(Entry):
    """One file of a set."""

    bytes: int = Field(ge=0)
    sha256: Sha256


class Origin(Entry):
    """A repository's part of a set. revision: the commit that was brought."""

    id: Text
    revision: Commit


class SetRecord(Entry):
    """The content of `set.json`. origins: empty where the operator gave the files."""

    format: Literal[1] = 1
    name: Text
    origins: tuple[Origin, ...] = ()
    files: Mapping[Annotated[str, AfterValidator(_inside)], FileRecord]


def set_folder(
    name: str, directory: Path | None = None, *, allow_noncommercial: bool = False, sets: Sets | None = None
) -> Path:
    """The folder of a complete set, ready to be loaded.

    directory: default `models_dir()`. Raises `MissingWeight` where the set is absent or a file of it is absent or of
    the wrong size, `LicenceRefused` where it is not known to allow commercial use, `ModelsError` for an unknown name.
    """
    wanted = find_set(name, sets)
    wanted.require_licence(allow_noncommercial=allow_noncommercial)
    folder = models_dir() if directory is None else directory
    found, detail = set_state(wanted, folder)
    if found is not State.PRESENT:
        where = f"{folder}: {detail}" if detail else str(folder)
        raise MissingWeight(
            f"The weights of {name} ({wanted.download / 1e9:.1f} GB) are {found} in {where}. "
            f"Bring them with: fittingroom models pull {name}"
        )
    return folder / name


def locator(settings: NeuralSettings) -> Callable[[str], Path]:
    """`set_folder` as the operator allows it: what a neural engine asks for its weights."""
    return partial(set_folder, allow_noncommercial=settings.allow_noncommercial)


def record_of(name: str, directory: Path) -> SetRecord | None:
    """What `set.json` says, or None where there is none that can be read."""
    try:
        return SetRecord.model_validate_json((directory / name / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None


def set_state(wanted: WeightSet, directory: Path, *, thorough: bool = False) -> tuple[State, str]:
    """Whether the set lies in `directory`, and which file is in the way. thorough: also hash all, and look for
    files that the set does not have."""
    record = record_of(wanted.name, directory)
    if record is None or record.name != wanted.name:
        there = (directory / wanted.name / RECORD).exists()
        return State.MISSING, f"{RECORD} cannot be read" if there else ""
    folder = directory / wanted.name
    for path, file in record.files.items():
        found = _file_state(folder / path, file, thorough=thorough)
        if found is not State.PRESENT:
            return found, path
    for part in wanted.repositories:
        if part.needed and (lacking := part.lacking(_paths(record, part))):
            return State.MISSING, part.place(lacking[0])
    if thorough:
        for path in files_below(folder):
            if path not in record.files and path != RECORD:
                return State.WRONG_BYTES, f"{path} is no file of the set"
    return State.PRESENT, ""


def adopt_folder(
    name: str,
    folder: Path,
    directory: Path | None = None,
    report: Reporter | None = None,
    *,
    allow_noncommercial: bool = False,
    sets: Sets | None = None,
) -> Path:
    """Copy a folder of files that the user has, laid out as the set is, into the store; the set's folder there.

    Only files that the set knows are taken. Raises `PullFailed` where one that the engine needs is not among them,
    `LicenceRefused`, `ModelsError`.
    """
    wanted, said = find_set(name, sets), report or Silent()
    wanted.require_licence(allow_noncommercial=allow_noncommercial)
    store = models_dir() if directory is None else directory
    taken = _taken(wanted, folder)
    with workplace(store, said):
        if folder.resolve().is_relative_to((store / name).resolve()):
            raise PullFailed(f"{folder} is the set's own folder.")
        need(store, sum((folder / path).stat().st_size for path in taken))
        with tempfile.TemporaryDirectory(dir=store, prefix=STAGING) as staging:
            copy = Path(staging) / name
            files = {path: _copied(folder / path, copy / path, said) for path in taken}
            enter(SetRecord(name=name, files=files), copy, store)
    said.say(f"{name}: {len(taken)} files taken from {folder}{_compared(wanted, files)}")
    return store / name


def enter(record: SetRecord, folder: Path, directory: Path) -> None:
    """Give a folder whose files were hashed its record and its name, in place of what had the name before."""
    (folder / RECORD).write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
    final = directory / record.name
    with tempfile.TemporaryDirectory(dir=directory, prefix=STAGING) as rubbish:
        if final.exists():
            final.rename(Path(rubbish) / "old")
        folder.rename(final)


def _taken(wanted: WeightSet, folder: Path) -> list[str]:
    if not folder.is_dir():
        raise PullFailed(f"{folder} is not a folder.")
    present = frozenset(files_below(folder))
    for part in wanted.repositories:
        below = frozenset(path for path in (_below(part, path) for path in present) if path is not None)
        if part.needed and (lacking := part.lacking(below)):
            raise PullFailed(f"{folder} is no set {wanted.name}: it holds no {part.place(lacking[0])}.")
    return sorted(path for path in present if any(_wants(part, path) for part in wanted.repositories))


def _compared(wanted: WeightSet, files: Mapping[str, FileRecord]) -> str:
    """How the operator's bytes stand to those that the list of sets knows."""
    known = {part.place(path): digest for part in wanted.repositories for path, digest in part.sha256.items()}
    if not known:
        return ""
    other = sorted(path for path, digest in known.items() if path not in files or files[path].sha256 != digest)
    if not other:
        return "; their sha256 are the published ones"
    return f"; {', '.join(other)}: not the published bytes, so their licence is for you to know"


def _wants(part: Repository, path: str) -> bool:
    below = _below(part, path)
    return below is not None and part.wants(below)


def _below(part: Repository, path: str) -> str | None:
    """A path of the set as the repository has it, or None where it is of another folder."""
    if not part.into:
        return path
    return path.removeprefix(f"{part.into}/") if path.startswith(f"{part.into}/") else None


def _paths(record: SetRecord, part: Repository) -> frozenset[str]:
    return frozenset(below for path in record.files if (below := _below(part, path)) is not None)


def files_below(folder: Path) -> Iterator[str]:
    """Paths of all files below `folder`, as from there, with slashes."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def _file_state(path: Path, file: FileRecord, *, thorough: bool) -> State:
    if not path.is_file():
        return State.MISSING
    if path.stat().st_size != file.bytes:
        return State.WRONG_SIZE
    return State.WRONG_BYTES if thorough and sha256_of(path) != file.sha256 else State.PRESENT


def _copied(source: Path, target: Path, report: Reporter) -> FileRecord:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    task = report.task(source.name, source.stat().st_size)
    with source.open("rb") as read, target.open("wb") as written, task as advance:
        while chunk := read.read(CHUNK):
            written.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            advance(len(chunk))
    return FileRecord(bytes=size, sha256=digest.hexdigest())
