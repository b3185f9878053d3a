"""Where a batch keeps its pictures and its journal: a folder here; a bucket is `bucket`.

A picture is written beside its place and renamed, and then, all of it on the disk, one line is appended to the journal.
A kill before the line leaves a file that the next run overwrites; a torn last line is cut off. Invariant: a line is in
the journal only when its picture lies whole under its name, and one process at a time works in a folder.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

from fittingroom.catalogue.records import Record, read_record
from fittingroom.catalogue.rows import CatalogueError

JOURNAL: Final = "journal.jsonl"
PICTURES: Final = "pictures"


class Shelf(Protocol):
    """Files by name, such as `pictures/a.jpg`, and the journal. All calls block; one at a time for the journal."""

    def open(self) -> list[Record]:
        """Make it ours; the journal so far, oldest first. Raises `CatalogueError`."""

    def present(self) -> set[str]:
        """Names of the pictures that are there, without `pictures/`."""

    def put(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all. Raises `CatalogueError`."""

    def get(self, name: str) -> bytes | None:
        """A file's content; None where there is none. Raises `CatalogueError`."""

    def remove(self, name: str) -> None:
        """Delete a file; one that is not there is no error. Raises `CatalogueError`."""

    def note(self, record: Record) -> None:
        """Append to the journal; on return it survives anything. Raises `CatalogueError`."""

    def close(self) -> None:
        """Let others work here."""


class FolderShelf:
    """A folder on this machine, made where there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._journal = -1

    def open(self) -> list[Record]:
        """As `Shelf.open`; another batch that works here is an error."""
        try:
            (self._folder / PICTURES).mkdir(parents=True, exist_ok=True)
            self._journal = os.open(self._folder / JOURNAL, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CatalogueError(f"{self._folder}: another batch is at work in this folder") from None
            return self._read()
        except OSError as error:
            raise self._said(error) from error

    def present(self) -> set[str]:
        """As `Shelf.present`."""
        with os.scandir(self._folder / PICTURES) as entries:
            return {entry.name for entry in entries if entry.is_file()}

    def put(self, name: str, content: bytes) -> None:
        """As `Shelf.put`; the folder of `name` is made."""
        target = self._folder / name
        part = target.with_name(target.name + ".part")
        try:
            target.parent.mkdir(exist_ok=True)
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            raise self._said(error) from error

    def get(self, name: str) -> bytes | None:
        """As `Shelf.get`."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._said(error) from error

    def remove(self, name: str) -> None:
        """As `Shelf.remove`."""
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._said(error) from error

    def note(self, record: Record) -> None:
        """As `Shelf.note`."""
        line = record.line()
        try:
            while line:
                line = line[os.write(self._journal, line) :]
            os.fsync(self._journal)
        except OSError as error:
            raise self._said(error) from error

    def close(self) -> None:
        """As `Shelf.close`."""
        if self._journal >= 0:
            os.close(self._journal)
            self._journal = -1

    def _read(self) -> list[Record]:
        content = (self._folder / JOURNAL).read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):  # the line that a kill tore
            os.ftruncate(self._journal, whole)
            os.fsync(self._journal)
        return read_journal(content[:whole].splitlines(), str(self._folder / JOURNAL))

    def _said(self, error: OSError) -> CatalogueError:
        return CatalogueError(f"{self._folder}: {error.strerror or error}")


def read_journal(lines: Iterable[bytes], name: str) -> list[Record]:
    """Raises `CatalogueError` for a line that is none."""
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(read_record(line))
        except ValueError as error:
            raise CatalogueError(f"{name}:{number}: the journal is damaged: {error}") from error
    return records


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
