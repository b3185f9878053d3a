"""Reads what a catalogue run is asked for: a CSV, JSONL or Parquet file, or two folders to be crossed.

A file that cannot be read as what its name says, or has a column that means nothing here, is refused as a whole before
any work: a misspelt option would else be left out of every picture. Invariant: a single line never stops the others.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fittingroom.catalogue.rows import COLUMNS, NEEDED, BadRow, CatalogueError, Row, read_row

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".avif", ".heic"})
"""File name endings of photos in a folder."""

Rows = list[Row | BadRow]


def read_manifest(path: Path) -> Rows:
    """All rows of a manifest. Raises `CatalogueError` where the file as a whole cannot be used."""
    readers = {".csv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".parquet": _parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise CatalogueError(f"{path}: a manifest is a .csv, .jsonl or .parquet file")
    try:
        rows = list(reader(path, path.absolute().parent))
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path}: is not UTF-8 text: {error.reason} at byte {error.start}") from error
    except csv.Error as error:
        raise CatalogueError(f"{path}: is not CSV: {error}") from error
    return _not_empty(_unique(rows), str(path))


def cross(persons: Path, garments: Path, clothes_type: str) -> Rows:
    """Every garment on every person; each side is a folder of photos, or a text file with a path or URL a line.

    Raises `CatalogueError`.
    """
    people, clothes = _listed(persons), _listed(garments)
    return [
        read_row({"person": person, "garment": garment, "type": clothes_type}, f"{persons} x {garments}", Path())
        for person in people
        for garment in clothes
    ]


def _csv(path: Path, base: Path) -> Iterator[Row | BadRow]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, restkey="", strict=True)
        _check_columns(path, list(reader.fieldnames or ()))
        for values in reader:
            where = f"{path.name}:{reader.line_num}"
            if "" in values:
                yield _bad(where, values, f"there are more values than the {len(reader.fieldnames or ())} columns")
            else:
                yield read_row(values, where, base)


def _jsonl(path: Path, base: Path) -> Iterator[Row | BadRow]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _json_row(line, f"{path.name}:{number}", base)


def _json_row(line: str, where: str, base: Path) -> Row | BadRow:
    try:
        values = json.loads(line)
    except ValueError as error:
        return _bad(where, {}, f"is not JSON: {error}")
    if not isinstance(values, dict):
        return _bad(where, {}, "is not a JSON object")
    unknown = [name for name in values if name not in COLUMNS]
    if unknown:
        return _bad(where, values, f"{_quoted(unknown)} is not known; there are {', '.join(COLUMNS)}")
    return read_row(values, where, base)


def _parquet(path: Path, base: Path) -> Iterator[Row | BadRow]:
    try:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise CatalogueError(
            f"{path}: reading Parquet needs the package pyarrow: pip install 'fittingroom[batch]'; CSV and JSONL need "
            "nothing"
        ) from error
    try:
        with pq.ParquetFile(path) as file:
            _check_columns(path, file.schema_arrow.names)
            number = 0
            for batch in file.iter_batches():
                for values in batch.to_pylist():
                    number += 1
                    yield read_row(values, f"{path.name}:{number}", base)
    except pa.ArrowException as error:
        raise CatalogueError(f"{path}: is not a Parquet file: {error}") from error


def _check_columns(path: Path, names: list[str]) -> None:
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing:
        raise CatalogueError(f"{path}: the column {_quoted(missing)} is missing")
    if unknown:
        raise CatalogueError(f"{path}: the column {_quoted(unknown)} is not known; there are {', '.join(COLUMNS)}")
    if len(set(names)) < len(names):
        raise CatalogueError(f"{path}: a column stands twice")


def _quoted(names: list[Any]) -> str:
    return ", ".join(repr(str(name)[:40]) for name in names)


def _bad(where: str, values: Mapping[Any, Any], problem: str) -> BadRow:
    person, garment, kind = (str(values.get(name) or "") for name in NEEDED)
    return BadRow(where, (person, garment, kind), problem)


def _listed(place: Path) -> list[str]:
    """The photos of one side, absolute or URLs, in a steady order. Raises `CatalogueError`."""
    try:
        if place.is_dir():
            found = [str(path.absolute()) for path in sorted(place.iterdir()) if path.suffix.lower() in PICTURES]
        else:
            base = place.absolute().parent
            lines = [line.strip() for line in place.read_text(encoding="utf-8-sig").splitlines()]
            found = [line if "://" in line else str(base / line) for line in lines if line]
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{place}: cannot be read: {error}") from error
    if not found:
        raise CatalogueError(f"{place}: there is no photo in it")
    return list(dict.fromkeys(found))


def _unique(rows: Rows) -> Rows:
    """Names of files are given once: a later row that repeats one is a bad row."""
    first: dict[str, str] = {}
    checked: Rows = []
    for row in rows:
        if isinstance(row, Row) and row.name:
            # Some file systems do not tell A.jpg from a.jpg.
            where = first.setdefault(row.name.lower(), row.where)
            if where != row.where:
                checked.append(BadRow(row.where, row.said, f"the id {row.name!r} is already that of {where}"))
                continue
        checked.append(row)
    return checked


def _not_empty(rows: Rows, name: str) -> Rows:
    if not rows:
        raise CatalogueError(f"{name}: there is no row in it")
    return rows
