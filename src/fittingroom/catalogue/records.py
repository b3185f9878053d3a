"""What came of a work, as one line of the journal.

Invariant: a line says everything that the results table says of the work, so that the table can be made again from
manifest and journal alone; it holds no picture and no query of a URL.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final, Literal

from fittingroom.errors import ApiError

_OURS: Final = {"ModelUrl": "person", "ClothesUrl": "garment"}
"""Parameters of the wire, and the manifest's columns that stand for them."""

_LASTING: Final = ("doubtful_result", "image_", "no_garment", "no_person", "result_refused", "url_")
"""How reasons begin that lie with the photos: the next run would meet them again."""


@dataclass(frozen=True, slots=True)
class Record:
    """key, file: of the work. code: published; message: English; both "" where done. seconds: in the worker.
    lasting: the next run need not try again."""

    key: str
    file: str
    status: Literal["done", "failed"]
    code: str = ""
    message: str = ""
    confidence: float | None = None
    warnings: tuple[str, ...] = ()
    seconds: float | None = None
    lasting: bool = True

    def line(self) -> bytes:
        """One line of JSON, ended."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_record(line: bytes) -> Record:
    """Raises ValueError where this is no line of a journal."""
    try:
        values = json.loads(line)
        return Record(**{**values, "warnings": tuple(values["warnings"])})
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def failed(key: str, file: str, error: ApiError, seconds: float | None = None) -> Record:
    """The record of a failure, in the manifest's words."""
    values = dict(error.values)
    if "parameter" in values:
        values["parameter"] = _OURS.get(str(values["parameter"]), values["parameter"])
    told = ApiError(error.reason, **values)
    lasting = error.reason.startswith(_LASTING)
    return Record(key, file, "failed", told.code, told.message(), seconds=seconds, lasting=lasting)
