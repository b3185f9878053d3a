"""A batch's pictures and journal in an object store.

Objects cannot be appended to, so each line of the journal is an object of its own below `journal/`, numbered so that
their order is that of the lines; storing an object is whole or not at all. Two batches must not work below one prefix
at the same time: unlike a folder, a bucket has no lock. Invariant: as of every shelf, see `shelf`.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Final

import obstore

from fittingroom.catalogue.records import Record
from fittingroom.catalogue.shelf import PICTURES, read_journal
from fittingroom.objects import asking, open_bucket
from fittingroom.setting_stores import ObjectSettings

READERS: Final = 16
"""Lines of the journal that are read at the same time."""


class BucketShelf:
    """Below `s3://bucket/prefix`. Every method raises `ObjectsError` where the store does not do what it is asked."""

    def __init__(self, url: str, settings: ObjectSettings) -> None:
        self._store = open_bucket(url, settings)
        self._url = url
        # Later than all lines of earlier runs, as long as clocks do not go back by more than the time between them.
        self._run = time.time_ns()
        self._lines = count()

    def open(self) -> list[Record]:
        """As `Shelf.open`."""
        names = sorted(self._names("journal"))
        with ThreadPoolExecutor(READERS) as readers:
            lines = list(readers.map(lambda name: self.get(f"journal/{name}"), names))
        return read_journal([line for line in lines if line is not None], f"{self._url}/journal")

    def present(self) -> set[str]:
        """As `Shelf.present`."""
        return set(self._names(PICTURES))

    def put(self, name: str, content: bytes) -> None:
        """As `Shelf.put`."""
        with asking(f"storing in {self._url}"):
            obstore.put(self._store, name, content, use_multipart=False)

    def get(self, name: str) -> bytes | None:
        """As `Shelf.get`."""
        with asking(f"reading in {self._url}"):
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError:
                return None

    def remove(self, name: str) -> None:
        """As `Shelf.remove`."""
        with asking(f"deleting in {self._url}"):
            obstore.delete(self._store, name)

    def note(self, record: Record) -> None:
        """As `Shelf.note`."""
        self.put(f"journal/{self._run:020d}-{next(self._lines):09d}.json", record.line())

    def close(self) -> None:
        """As `Shelf.close`: there is nothing to let go."""

    def _names(self, folder: str) -> list[str]:
        with asking(f"listing {self._url}"):
            listed = [entry["path"] for batch in obstore.list(self._store, prefix=folder) for entry in batch]
        return [path.removeprefix(f"{folder}/") for path in listed]
