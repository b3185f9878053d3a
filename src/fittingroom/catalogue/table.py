"""The results table: a line for every row of the manifest, as CSV and, where pyarrow is installed, as Parquet.

Invariant: both files hold the same, one line a row in the manifest's order, and are made from plan and journal alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any, Final

from fittingroom.catalogue.plan import Plan, shown
from fittingroom.catalogue.records import Record
from fittingroom.catalogue.rows import BadRow, Row
from fittingroom.catalogue.shelf import PICTURES, Shelf

HEADINGS: Final = (
    *("row", "id", "person", "garment", "type", "status", "file", "code", "message"),
    *("confidence", "warnings", "seconds"),
)
BAD_ROW: Final = "InvalidParameterValue.ParameterValueError"
"""The published code of a row that asks for nothing that can be done."""


def with_parquet() -> bool:
    """Whether the table can be written as Parquet too."""
    return find_spec("pyarrow") is not None


def write_table(shelf: Shelf, plan: Plan, records: Mapping[str, Record]) -> None:
    """Write `results.csv` and, where it can be, `results.parquet`. records: by key. Raises `CatalogueError`."""
    lines = list(table_lines(plan, records))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADINGS)
    writer.writeheader()
    for line in lines:
        writer.writerow({**line, "warnings": " ".join(line["warnings"])})
    shelf.put("results.csv", text.getvalue().encode())
    if with_parquet():
        shelf.put("results.parquet", _parquet(lines))


def table_lines(plan: Plan, records: Mapping[str, Record]) -> Iterator[dict[str, Any]]:
    """Values by heading. status: done, failed, or open for what the batch has not come to."""
    for row, key in zip(plan.rows, plan.of_row, strict=True):
        record = records.get(key)
        if isinstance(row, BadRow):
            yield _line(row, status="failed", code=BAD_ROW, message=f"{row.problem}.")
        elif record is None:
            yield _line(row, status="open")
        else:
            yield _line(
                row,
                status=record.status,
                file=f"{PICTURES}/{record.file}" if record.status == "done" else "",
                code=record.code,
                message=record.message,
                confidence=record.confidence,
                warnings=list(record.warnings),
                seconds=record.seconds,
            )


def _line(row: Row | BadRow, **values: object) -> dict[str, Any]:
    person, garment, kind = row.said
    empty: dict[str, Any] = {"file": "", "code": "", "message": "", "confidence": None, "warnings": [], "seconds": None}
    known = {"row": row.where, "id": row.name, "person": shown(person), "garment": shown(garment), "type": kind}
    return {**empty, **known, **values}


def _parquet(lines: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    kinds = {"confidence": pa.float64(), "seconds": pa.float64(), "warnings": pa.list_(pa.string())}
    schema = pa.schema([(heading, kinds.get(heading, pa.string())) for heading in HEADINGS])
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(lines, schema=schema), buffer)
    return buffer.getvalue()
