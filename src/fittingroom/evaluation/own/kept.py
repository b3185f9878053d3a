"""What a run has done so far, on disk: a line of JSON per engine and pair, and the picture beside it.

Lines are only appended; the last of an engine and pair counts, and only while photos, engine and version are those it
was made with (`key`). Invariant: a line is written after its picture, so a run that was killed misses at most one.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fittingroom.engines.protocol import RgbImage
from fittingroom.evaluation.own.cases import Case
from fittingroom.evaluation.photos import EvaluationError, write_rgb
from fittingroom.evaluation.store import make_folder


@dataclass(slots=True)
class Outcome:
    """One pair by one engine. error: a refusal or fault in a sentence; crash: a fault's traceback, alone where only the
    way back had one. values, missing: of `Measured`. picture: whether there is one."""

    engine: str
    pair: str
    key: str
    error: str | None = None
    crash: str | None = None
    values: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    confidence: float | None = None
    warnings: list[str] = field(default_factory=list)
    picture: bool = False


class Kept:
    """folder: made where it is missing. Raises `EvaluationError` where it cannot be or holds a damaged list."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lines = folder / "outcomes.jsonl"
        make_folder(folder)
        self._drop_torn_line()

    def _drop_torn_line(self) -> None:
        """A run that was killed while it wrote left half a line; its pair is made again."""
        if self._lines.exists():
            whole = self._lines.read_bytes()
            if not whole.endswith(b"\n"):
                self._lines.write_bytes(whole[: whole.rfind(b"\n") + 1])

    def outcomes(self) -> dict[tuple[str, str], Outcome]:
        """What is there, by engine and pair."""
        if not self._lines.exists():
            return {}
        found = {}
        for number, line in enumerate(self._lines.read_text(encoding="utf-8").splitlines(), 1):
            try:
                one = Outcome(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise EvaluationError(f"{self._lines}, line {number} is damaged: remove it.") from error
            found[one.engine, one.pair] = one
        return found

    def add(self, outcome: Outcome, picture: RgbImage | None) -> None:
        """Write the picture, where there is one, then the line."""
        path = self.picture(outcome.engine, outcome.pair)
        path.unlink(missing_ok=True)
        if picture is not None:
            make_folder(path.parent)
            write_rgb(path, picture)
        outcome.picture = picture is not None
        with self._lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")

    def picture(self, engine: str, pair: str) -> Path:
        """Where a result lies, without loss."""
        return self.folder / "results" / re.sub(r"[^\w.-]", "_", engine) / f"{pair}.png"


def key_of(case: Case, engine: str, version: str) -> str:
    """Names what an outcome depends on: the photos' bytes, the type, the engine and the version."""
    told: dict[str, Any] = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in case.files().items()}
    told |= {"type": case.clothes_type.value, "engine": engine, "version": version}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
