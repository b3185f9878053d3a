"""What a hub of models says of a repository: its commit, and each wanted file's size and checksum.

huggingface-hub (extra `neural`) asks, so that `HF_ENDPOINT`, `HF_TOKEN` and the proxies mean what they mean to every
other program; it is imported when a pull begins and by nobody else. Invariant: a file is wanted only with a checksum
that was known before its first byte: sha256 (Git LFS) or, for small files, Git's own of the commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from fittingroom.models.errors import PullFailed
from fittingroom.models.sets_manifest import Repository

CHUNK = 1 << 22
ASK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file to bring. place: its path in the set. sha256: of its bytes; None where the hub keeps it in Git itself,
    whose `blob` id (a SHA-1) is what is checked then."""

    place: str
    url: str
    bytes: int
    sha256: str | None
    blob: str | None

    @property
    def key(self) -> str:
        """What tells these bytes from others that had the same place."""
        return (self.sha256 or self.blob or "")[:16]


@dataclass(frozen=True, slots=True)
class Found:
    """A repository at one commit."""

    part: Repository
    commit: str
    files: tuple[HubFile, ...]


class Hub:
    """The hub that `HF_ENDPOINT` names, or `endpoint`. Raises `PullFailed` where huggingface-hub is not installed."""

    def __init__(self, endpoint: str | None = None) -> None:
        try:
            import huggingface_hub  # noqa: PLC0415
            from httpx2 import HTTPError  # noqa: PLC0415
            from huggingface_hub import errors  # noqa: PLC0415
        except ImportError as error:
            raise PullFailed(
                f'Sets of weights are brought by huggingface-hub ({error}): pip install "fittingroom[neural]", '
                "or give a folder that you have with --from FOLDER."
            ) from error
        self._library: Any = huggingface_hub
        self._errors: Any = errors
        self._http_error: type[Exception] = HTTPError
        self._api: Any = huggingface_hub.HfApi(endpoint=endpoint)

    @property
    def endpoint(self) -> str:
        """Its address."""
        return str(self._api.endpoint)

    def headers(self) -> Mapping[str, str]:
        """What each download sends to the hub, and to nobody that it redirects to."""
        token = self._library.get_token()
        return {"Authorization": f"Bearer {token}"} if token else {}

    def look(self, part: Repository, revision: str) -> Found:
        """The wanted files of the repository at `revision`: a commit, branch or tag. Raises `PullFailed`."""
        info = self._ask(part.id, revision)
        commit = str(info.sha)
        if len(revision) == len(commit) and revision != commit:
            raise PullFailed(f"{self.endpoint} answered the commit {commit} of {part.id}, asked for {revision}.")
        found = {entry.rfilename: entry for entry in info.siblings if part.wants(entry.rfilename)}
        if lacking := part.lacking(frozenset(found)):
            raise PullFailed(
                f"{part.id} at {commit} holds no {', '.join(lacking)}: the hub or its mirror is incomplete."
            )
        pins = part.sha256 if commit == part.revision else {}
        return Found(part, commit, tuple(self._file(part, commit, found[path], pins) for path in sorted(found)))

    def _ask(self, name: str, revision: str) -> Any:
        errors = self._errors
        try:
            return self._api.model_info(name, revision=revision, files_metadata=True, timeout=ASK_SECONDS)
        except errors.OfflineModeIsEnabled as error:
            raise PullFailed(f"{name} is not asked for, since HF_HUB_OFFLINE is set.") from error
        except errors.RevisionNotFoundError as error:
            raise PullFailed(f"{self.endpoint} has no revision {revision} of {name}.") from error
        except errors.RepositoryNotFoundError as error:
            raise PullFailed(
                f"{self.endpoint} shows no {name} (where it is gated, accept its terms there and set HF_TOKEN)."
            ) from error
        except (self._http_error, OSError) as error:
            raise PullFailed(
                f"{self.endpoint} cannot be asked for {name} ({error}). Check the network, HF_ENDPOINT and the proxy, "
                "or give a folder that you have with --from FOLDER."
            ) from error

    def _file(self, part: Repository, commit: str, entry: Any, pins: Mapping[str, str]) -> HubFile:
        path = str(entry.rfilename)
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or "\\" in path:
            raise PullFailed(f"{part.id} names a file outside itself: {path!r}.")
        told = None if entry.lfs is None else str(entry.lfs.sha256)
        if entry.size is None or (told is None and entry.blob_id is None):
            raise PullFailed(f"{self.endpoint} names no checksum of {path} of {part.id}, so it is not brought.")
        pinned = pins.get(path)
        if pinned is not None and told not in (None, pinned):
            raise PullFailed(
                f"{self.endpoint} has other bytes of {path} of {part.id}: sha256 {told}, expected {pinned}."
            )
        url = self._library.hf_hub_url(part.id, path, revision=commit, endpoint=self.endpoint)
        return HubFile(part.place(path), str(url), int(entry.size), pinned or told, entry.blob_id)


def digest_if_right(path: Path, file: HubFile) -> str | None:
    """The sha256 of a file on the disk where its size and checksum are those of `file`, else None."""
    if path.stat().st_size != file.bytes:
        return None
    content = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % file.bytes, usedforsecurity=False)  # as Git names a file's content
    with path.open("rb") as read:
        while chunk := read.read(CHUNK):
            content.update(chunk)
            if file.sha256 is None:
                blob.update(chunk)
    right = content.hexdigest() == file.sha256 if file.sha256 else blob.hexdigest() == file.blob
    return content.hexdigest() if right else None
