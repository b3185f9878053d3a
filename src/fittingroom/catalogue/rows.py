"""One line of a manifest, checked: two photos, a type, and how the garment is worn.

A line that makes no sense is a value too, `BadRow`, so that one slip among thousands of lines costs one picture and
not the night. Invariant: every line of a manifest becomes exactly one row, in the manifest's order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from fittingroom.engines.protocol import ClothesType, FitStyle, TryOnOptions, Tuck

COLUMNS: Final = ("person", "garment", "type", "id", "fit", "tuck", "length", "seed", "rolled_sleeves")
"""What a manifest may say; the first three it must."""

NEEDED: Final = COLUMNS[:3]
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
T = TypeVar("T", ClothesType, FitStyle, Tuck)
N = TypeVar("N", int, float)
_TRUTHS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class CatalogueError(Exception):
    """The batch cannot be begun or go on; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Row:
    """One wanted picture. where: `file:line`. said: what the line says of person, garment and type. person, garment:
    absolute path, or URL. name: the row's own id or ""."""

    where: str
    said: tuple[str, str, str]
    person: str
    garment: str
    clothes_type: ClothesType
    options: TryOnOptions
    name: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that asks for nothing that can be done. problem: one English sentence without its full stop."""

    where: str
    said: tuple[str, str, str]
    problem: str
    name: str = ""


def read_row(values: Mapping[str, object], where: str, base: Path) -> Row | BadRow:
    """Check one line. values: by column; None and "" are the same as absent. base: where relative paths begin."""
    given = {column: text for column, value in values.items() if (text := _text(value))}
    try:
        missing = [column for column in NEEDED if column not in given]
        if missing:
            raise ValueError(f"{', '.join(missing)} is missing")
        return Row(
            where=where,
            said=(given["person"], given["garment"], given["type"]),
            person=_place(given["person"], base),
            garment=_place(given["garment"], base),
            clothes_type=_one_of(ClothesType, given["type"], "type"),
            options=_options(given),
            name=_name(given.get("id", "")),
        )
    except ValueError as error:
        person, garment, kind = (given.get(column, "") for column in NEEDED)
        name = given.get("id", "")
        return BadRow(where, (person, garment, kind), str(error), name if NAME.fullmatch(name) else "")


def is_url(place: str) -> bool:
    """Whether a photo lies behind an http(s) URL; else it is a file."""
    return place.lower().startswith(("http://", "https://"))


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _place(text: str, base: Path) -> str:
    if is_url(text):
        return text
    if "://" in text:
        raise ValueError(f"{text.partition('://')[0]}:// cannot be read: photos are files or http(s) URLs")
    return str(base / text)


def _name(text: str) -> str:
    if text and not NAME.fullmatch(text):
        raise ValueError(
            f"id {text[:40]!r} cannot name a file: letters, digits, '.', '_' and '-', the first one a letter or digit, "
            "120 at most"
        )
    return text


def _options(given: Mapping[str, str]) -> TryOnOptions:
    """Raises ValueError."""
    seed = _number(int, given.get("seed", "0"), "seed")
    if seed < 0:
        raise ValueError(f"seed is 0 or more, not {seed}")
    return TryOnOptions(
        seed=seed,
        fit=_one_of(FitStyle, given.get("fit", "regular"), "fit"),
        tuck=_one_of(Tuck, given.get("tuck", "auto"), "tuck"),
        length=_number(float, given.get("length", "1"), "length"),
        rolled_sleeves=_truth(given.get("rolled_sleeves", "false")),
    )


def _one_of(kind: type[T], text: str, column: str) -> T:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{column} is one of {', '.join(kind)}, not {text[:40]!r}") from None


def _number(kind: type[N], text: str, column: str) -> N:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{column} is a number, not {text[:40]!r}") from None


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise ValueError(f"rolled_sleeves is true or false, not {text[:40]!r}")
    return _TRUTHS[text.lower()]
