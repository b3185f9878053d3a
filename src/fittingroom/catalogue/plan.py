"""From rows to works: what each picture is called, what makes it the same work as before, and in which order.

A work's key is a hash of all that decides its picture: both photos' contents (of a URL: its text, since nobody wants
to download a shop to find out that nothing changed), type, options, engine, version, mark and file format. Rows that
want the same picture share one work. Works are ordered in tiles of a few persons by a few garments, small enough that
what an engine has found out about each photo is still in a worker's memory when the photo comes again. Invariant: the
key decides: equal keys are done once, and a row whose key changed is done again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fittingroom.catalogue.rows import BadRow, Row, is_url
from fittingroom.errors import Language
from fittingroom.pipeline import ImageFormat

TILE_PERSONS: Final = 4
TILE_GARMENTS: Final = 12
"""A tile's sides: 16 photos in memory for 48 pictures."""

ENDINGS: Final = {"jpeg": ".jpg", "png": ".png"}


@dataclass(frozen=True, slots=True)
class Making:
    """What decides every picture alike, beside its row."""

    engine: str
    version: str
    mark: bool
    language: Language
    image_format: ImageFormat


@dataclass(frozen=True, slots=True)
class Work:
    """One picture to make. key: 64 hex digits. file: its name. person, garment: what the photos' contents must hash to
    ("" for a URL)."""

    key: str
    file: str
    row: Row
    person_hash: str
    garment_hash: str


@dataclass(frozen=True, slots=True)
class Plan:
    """rows: as in the manifest; those that proved unusable are `BadRow`. works: by key. of_row: the key of each row, ""
    for a bad one."""

    rows: tuple[Row | BadRow, ...]
    works: dict[str, Work]
    of_row: tuple[str, ...]


def make_plan(rows: Sequence[Row | BadRow], making: Making) -> Plan:
    """Look at every file once. A file that cannot be read makes its rows bad; nothing is raised for it."""
    prints = _Fingerprints()
    checked: list[Row | BadRow] = []
    works: dict[str, Work] = {}
    keys: list[str] = []
    for row in rows:
        planned = row if isinstance(row, BadRow) else _plan_one(row, making, prints)
        if isinstance(planned, BadRow):
            checked.append(planned)
            keys.append("")
        else:
            checked.append(row)
            keys.append(planned.key)
            works.setdefault(planned.key, planned)
    return Plan(tuple(checked), works, tuple(keys))


def tiles(works: Sequence[Work]) -> list[list[Work]]:
    """Works in tiles of at most TILE_PERSONS by TILE_GARMENTS; in a tile all garments of a person follow each other."""
    persons = _numbered(work.row.person for work in works)
    garments = _numbered(work.row.garment for work in works)
    grouped: dict[tuple[int, int], list[Work]] = {}
    for work in works:
        tile = persons[work.row.person] // TILE_PERSONS, garments[work.row.garment] // TILE_GARMENTS
        grouped.setdefault(tile, []).append(work)
    return [
        sorted(grouped[tile], key=lambda work: (persons[work.row.person], garments[work.row.garment]))
        for tile in sorted(grouped)
    ]


def shown(place: str) -> str:
    """A photo's place as it may be told: a URL without its query, which may be a signature, or user name."""
    if not is_url(place):
        return place
    parts = urlsplit(place)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


class _Fingerprints:
    """Contents' hashes, each file read once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, place: str) -> str:
        """SHA-256 of a file's content, hex. Raises OSError."""
        if place not in self._known:
            with Path(place).open("rb") as file:
                self._known[place] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._known[place]


def _plan_one(row: Row, making: Making, prints: _Fingerprints) -> Work | BadRow:
    hashes = []
    for column, place in (("person", row.person), ("garment", row.garment)):
        try:
            hashes.append("" if is_url(place) else prints.of(place))
        except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return BadRow(row.where, row.said, f"the file of {column} cannot be read: {reason}", row.name)
    person, garment = hashes
    decided = {
        "person": person or row.person,
        "garment": garment or row.garment,
        "type": row.clothes_type,
        "options": asdict(row.options),
        "name": row.name,
        **asdict(making),
    }
    key = hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()
    return Work(key, _file_name(row, key) + ENDINGS[making.image_format], row, person, garment)


def _file_name(row: Row, key: str) -> str:
    if row.name:
        return row.name
    person, garment = (_stem(place) for place in (row.person, row.garment))
    return f"{person}--{garment}-{key[:10]}"


def _stem(place: str) -> str:
    path = urlsplit(place).path if is_url(place) else place
    return re.sub(r"[^A-Za-z0-9._-]+", "_", Path(path).stem)[:50].lstrip(".-_") or "photo"


def _numbered(places: Iterable[str]) -> dict[str, int]:
    return {place: number for number, place in enumerate(dict.fromkeys(places))}
