"""What judges said about the draw, kept as data, so that progress is a curve.

One file per round of judging, TSV with a heading: number, type, split, verdict, flagged, reason, judge, round, engine,
date. `number` is the draw's; `verdict` good, flawed or broken, given at full size; `flagged` says whether the engine
warned (yes), refused (refused) or was silent (no); `engine` is the commit. Invariant: what loads is complete, and a
judge gives a number one verdict per round and engine.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fittingroom.engines.protocol import ClothesType
from fittingroom.evaluation.photos import EvaluationError
from fittingroom.evaluation.split import Split
from fittingroom.evaluation.tables import Cell, table

Text = Annotated[str, Field(min_length=1)]


class Grade(StrEnum):
    """GOOD: a shop would show it. FLAWED: a fault is seen at full size. BROKEN: nobody would show it."""

    GOOD = "good"
    FLAWED = "flawed"
    BROKEN = "broken"


class Flag(StrEnum):
    """What the engine itself said."""

    NO = "no"
    YES = "yes"
    REFUSED = "refused"


class Verdict(BaseModel):
    """One judgement. A refusal counts as broken and flagged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Text
    type: ClothesType
    split: Split
    verdict: Grade
    flagged: Flag
    reason: str
    judge: Text
    round: int = Field(ge=1)
    engine: Text
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


def read_verdicts(folder: Path) -> list[Verdict]:
    """All verdicts of a folder of .tsv files. Raises `EvaluationError` that names file and line."""
    files = sorted(folder.glob("*.tsv"))
    if not files:
        raise EvaluationError(f"{folder} holds no verdicts (*.tsv): name their folder with --labels.")
    seen: dict[tuple[str, str, int, str], str] = {}
    found = []
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file, delimiter="\t"), 2):
                try:
                    verdict = Verdict.model_validate(row)
                except ValidationError as error:
                    first = error.errors()[0]
                    raise EvaluationError(f"{path}, line {number}: {first['loc'][0]}: {first['msg']}") from error
                key = (verdict.number, verdict.judge, verdict.round, verdict.engine)
                if key in seen:
                    raise EvaluationError(f"{path}, line {number}: {verdict.number} was judged already in {seen[key]}.")
                seen[key] = f"{path.name}, line {number}"
                found.append(verdict)
    return found


def form(rows: Iterable[Mapping[str, Any]], date: str) -> str:
    """The file of a round for the results `rows` (looking.py), to be filled in: verdict, reason, judge and round are
    left empty, so that it does not load before somebody judged."""
    lines = ["\t".join(Verdict.model_fields)]
    for row in rows:
        refused = bool(row["error"])
        known = {"number": row["number"], "type": row["clothes_type"], "split": row["split"], "engine": row["engine"]}
        known |= {"flagged": Flag.REFUSED if refused else Flag.YES if row["warnings"] else Flag.NO, "date": date}
        known |= {"verdict": Grade.BROKEN, "reason": "refused"} if refused else {}
        lines.append("\t".join(str(known.get(name, "")) for name in Verdict.model_fields))
    return "\n".join(lines) + "\n"


def summary(verdicts: Sequence[Verdict]) -> str:
    """Shares per engine, split and type; engines in the order of their dates: that is the curve."""
    headings = ("engine", "date", "split", "type", "n", "good", "flawed", "broken", "unflagged", "flagged")
    dates: dict[str, str] = {}
    for verdict in verdicts:
        dates[verdict.engine] = min(verdict.date, dates.get(verdict.engine, verdict.date))
    lines: list[list[Cell]] = []
    for engine, date in sorted(dates.items(), key=lambda item: item[1]):
        for side in Split:
            some = [v for v in verdicts if (v.engine, v.split) == (engine, side)]
            for kind in (*ClothesType, None):
                part = [v for v in some if kind in (None, v.type)]
                if part:
                    lines.append([engine, date, side, kind or "all", len(part), *_shares(part)])
    return table(headings, lines)


def _shares(verdicts: Iterable[Verdict]) -> list[Cell]:
    every = list(verdicts)
    broken = [v for v in every if v.verdict is Grade.BROKEN]
    silent = [v for v in broken if v.flagged is Flag.NO]
    counts = [sum(v.verdict is grade for v in every) for grade in Grade]
    return [f"{100 * n / len(every):.0f} %" for n in (*counts, len(silent), len(broken) - len(silent))]
