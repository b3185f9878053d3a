"""Bringing a set of weights from the hub: commit by commit, file by file, resumable to the byte.

The bytes go through `download` rather than through huggingface-hub, whose version 2 begins an interrupted file anew;
of files of ten gigabytes that matters. What is done so far lies in `.set-<name>` beside the sets and outlives any
interruption. Invariant: the set gets its name only when every file had the checksum known before it came, and the
commit that a machine brought once is the one that it brings again, unless the list or the user names another.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from fittingroom.models.download import download
from fittingroom.models.errors import PullFailed, SourceFailed
from fittingroom.models.hub import Found, Hub, HubFile, digest_if_right
from fittingroom.models.report import Reporter, Silent
from fittingroom.models.sets import (
    FileRecord,
    Origin,
    SetRecord,
    enter,
    files_below,
    record_of,
    set_state,
)
from fittingroom.models.sets_manifest import WeightSet
from fittingroom.models.space import need
from fittingroom.models.store import State
from fittingroom.models.workplace import workplace

PARTIAL = ".set-"
NEWEST = "main"


def pull_set(
    wanted: WeightSet,
    directory: Path,
    report: Reporter | None = None,
    *,
    revision: str | None = None,
    allow_noncommercial: bool = False,
    hub: Hub | None = None,
) -> None:
    """Bring the set where it is not in `directory`, or not at the asked commit.

    revision: commit, branch or tag of its first repository, instead of the one that the list names. Raises
    `LicenceRefused`, `PullFailed`; what was brought by then is kept for the next time.
    """
    wanted.require_licence(allow_noncommercial=allow_noncommercial)
    said = report or Silent()
    with workplace(directory, said):
        record = record_of(wanted.name, directory)
        goals = _goals(wanted, record, revision)
        if record is not None and _is_there(wanted, directory, record, goals, said, asked=revision is not None):
            return
        source = hub or Hub()
        found = [source.look(part, goal) for part, goal in zip(wanted.repositories, goals, strict=True)]
        for one in found:
            said.say(f"{wanted.name}: {one.part.id} at {one.commit} from {source.endpoint}{_pinned(one)}")
        staging = directory / f"{PARTIAL}{wanted.name}"
        files = _brought(found, staging, directory / wanted.name, source, said)
        for path in list(files_below(staging)):
            if path not in files:
                (staging / path).unlink()
        origins = tuple(Origin(id=one.part.id, revision=one.commit) for one in found)
        enter(SetRecord(name=wanted.name, origins=origins, files=files), staging, directory)
    said.say(f"{wanted.name}: {len(files)} files brought, checksums verified")


def _goals(wanted: WeightSet, record: SetRecord | None, revision: str | None) -> list[str]:
    """The revision of each repository: as asked, as listed, as brought before, else the newest."""
    before = {} if record is None else {origin.id: origin.revision for origin in record.origins}
    goals = [part.revision or before.get(part.id, NEWEST) for part in wanted.repositories]
    return goals if revision is None else [revision, *goals[1:]]


def _is_there(
    wanted: WeightSet, directory: Path, record: SetRecord, goals: Sequence[str], said: Reporter, *, asked: bool
) -> bool:
    """Whether nothing is to be fetched. asked: the user named a revision, so files of their own do not serve."""
    own = not record.origins and not asked
    if not own and [origin.revision for origin in record.origins] != goals:
        return False
    found, detail = set_state(wanted, directory, thorough=True)
    if found is State.PRESENT:
        said.say(f"{wanted.name}: present, sha256 verified{' (files of your own)' if own else ''}")
        return True
    said.say(f"{wanted.name}: {detail}: {found}; fetching what is not right")
    return False


def _pinned(one: Found) -> str:
    if one.part.revision == one.commit:
        return ", the commit that this version names"
    return ", kept for later pulls" if one.part.revision is None else ", not the commit that this version names"


def _brought(found: Sequence[Found], staging: Path, present: Path, hub: Hub, said: Reporter) -> dict[str, FileRecord]:
    staging.mkdir(exist_ok=True)
    missing: list[HubFile] = []
    done: dict[str, FileRecord] = {}
    for file in _each(found):
        digest = _had(staging / file.place, present / file.place, file)
        if digest is None:
            missing.append(file)
        else:
            done[file.place] = FileRecord(bytes=file.bytes, sha256=digest)
    need(staging, sum(file.bytes - _size(_part(staging, file)) for file in missing))
    for file in missing:
        done[file.place] = FileRecord(bytes=file.bytes, sha256=_bring(file, staging, hub, said))
    return done


def _each(found: Sequence[Found]) -> Iterator[HubFile]:
    for one in found:
        yield from one.files


def _had(staged: Path, present: Path, file: HubFile) -> str | None:
    """The digest where an earlier pull brought these bytes; they are in `staged` then."""
    if not staged.is_file() and present.is_file():
        staged.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(present, staged)
        except OSError:  # the disk knows no hard links
            shutil.copyfile(present, staged)
    if not staged.is_file():
        return None
    digest = digest_if_right(staged, file)
    if digest is None:
        staged.unlink()
    return digest


def _bring(file: HubFile, staging: Path, hub: Hub, said: Reporter) -> str:
    part, final = _part(staging, file), staging / file.place
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        download(file.url, part, file.bytes, said, label=file.place, headers=hub.headers())
    except SourceFailed as failure:
        raise PullFailed(
            f"{file.place}: {failure}. What came is kept; the same command goes on from there."
        ) from failure
    digest = digest_if_right(part, file)
    if digest is None:
        part.unlink()
        raise PullFailed(f"{file.place} from {hub.endpoint} does not have the checksum it should have; removed.")
    part.replace(final)
    return digest


def _part(staging: Path, file: HubFile) -> Path:
    return staging / f"{file.place}.{file.key}.part"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
