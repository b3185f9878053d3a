"""Several garments on one person: which goes on first, and one after the other on the picture of the one before.

An engine dresses one person in one garment. Here an outfit becomes a row of such steps: lower garment, then top or
dress, then outer layer, each on the result of the step before, so that each next one falls over what is there already.
An outer layer is a top that replaces nothing (`TryOnOptions.over`). Invariant: the picture has the person photo's size,
and outside the reported mask, the union of all steps', it is the person photo, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import numpy as np

from fittingroom.engines.protocol import (
    Checkpoint,
    ClothesType,
    Engine,
    EngineError,
    GarmentReader,
    NoGarmentFound,
    RgbImage,
    TryOnOptions,
    TryOnReport,
    Tuck,
    never_cancelled,
)

MAX_PIECES: Final = 3
"""Lower garment, top and outer layer: more cannot be seen on one person."""

WORN_TRUST, HIDDEN_TRUST = 0.8, 2.0
"""Factor on the confidence for a garment that was cut out of a photo of its wearer, and how fast it falls further with
the share that had to be made up."""

SURE = 0.6
"""Odds of the likeliest type below which the caller is told that it was a guess."""


class Kind(StrEnum):
    """What a piece of an outfit is, spelled as on the wire."""

    UPPER = "Upper-body"
    LOWER = "Lower-body"
    DRESS = "Dress"
    OUTER = "Outer"
    AUTO = "Auto"


class Worn(StrEnum):
    """Whether somebody wears the garment in its photo. AUTO: look."""

    AUTO = "Auto"
    YES = "Yes"
    NO = "No"


TYPES: Final = {
    Kind.UPPER: ClothesType.UPPER,
    Kind.LOWER: ClothesType.LOWER,
    Kind.DRESS: ClothesType.DRESS,
    Kind.OUTER: ClothesType.UPPER,
}
"""Kind -> the type that an engine is told."""

ORDER: Final = (Kind.LOWER, Kind.UPPER, Kind.DRESS, Kind.OUTER)


@dataclass(frozen=True, slots=True)
class Piece:
    """One garment of an outfit. photo: uint8 RGB (H, W, 3). options: its `seed` and `over` are chosen here."""

    photo: RgbImage
    kind: Kind = Kind.AUTO
    worn: Worn = Worn.AUTO
    options: TryOnOptions = field(default_factory=TryOnOptions)


@dataclass(frozen=True, slots=True)
class PieceReport:
    """What became of a piece. kind: the type that was used, never AUTO. worn: it was cut out of a photo of its wearer.
    confidence: 0..1, of this piece alone."""

    kind: Kind
    worn: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class OutfitResult:
    """The dressed picture, and a report whose mask is the union of all changes and whose confidence is the product of
    all pieces'. pieces: in the order in which they were given."""

    image: RgbImage
    report: TryOnReport
    pieces: tuple[PieceReport, ...]


class OutfitConflict(EngineError):
    """These pieces cannot be worn together. first, second: their places in the row, from 0; kinds: theirs."""

    def __init__(self, first: int, second: int, kinds: tuple[Kind, Kind]) -> None:
        super().__init__(f"garments {first + 1} ({kinds[0]}) and {second + 1} ({kinds[1]}) cannot be worn together")
        self.first, self.second, self.kinds = first, second, kinds


class PieceFailed(EngineError):
    """One piece could not be dressed. index: its place in the row, from 0. kind: as far as it is known."""

    def __init__(self, index: int, kind: Kind, cause: EngineError) -> None:
        super().__init__(f"garment {index + 1} ({kind}): {cause}")
        self.index, self.kind, self.cause = index, kind, cause


class CannotTell(EngineError):
    """The engine cannot tell what a garment photo shows, so the caller must."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A piece as it goes to the engine. trust: factor on the confidence. warnings: of preparing it."""

    index: int
    photo: RgbImage
    kind: Kind
    options: TryOnOptions
    worn: bool = False
    trust: float = 1.0
    warnings: tuple[str, ...] = ()


def conflict(kinds: Sequence[Kind]) -> tuple[int, int] | None:
    """The first two places, from 0, whose kinds cannot be worn together; None where all can. AUTO may be anything."""
    for second, kind in enumerate(kinds):
        for first, other in enumerate(kinds[:second]):
            same = kind is other and kind is not Kind.AUTO
            if same or (Kind.DRESS in (kind, other) and {kind, other} & {Kind.UPPER, Kind.LOWER}):
                return first, second
    return None


def dress_outfit(
    engine: Engine,
    person: RgbImage,
    pieces: Sequence[Piece],
    seed: int = 0,
    checkpoint: Checkpoint = never_cancelled,
) -> OutfitResult:
    """Dress `person` (uint8 RGB (H, W, 3)) in 1 to MAX_PIECES pieces.

    Raises `NoPersonFound`, `PieceFailed` where a garment photo shows none, `OutfitConflict`, `CannotTell`, ValueError
    for no piece or too many, and what `checkpoint` raises.
    """
    if not 1 <= len(pieces) <= MAX_PIECES:
        raise ValueError(f"an outfit has 1 to {MAX_PIECES} garments, not {len(pieces)}")
    _require_wearable([piece.kind for piece in pieces])
    ready = [_prepared(engine, index, piece, seed) for index, piece in enumerate(pieces)]
    _require_wearable([piece.kind for piece in ready])
    checkpoint()
    return _one_after_the_other(engine, person, ready, checkpoint)


def _require_wearable(kinds: Sequence[Kind]) -> None:
    found = conflict(kinds)
    if found is not None:
        first, second = found
        raise OutfitConflict(first, second, (kinds[first], kinds[second]))


def _prepared(engine: Engine, index: int, piece: Piece, seed: int) -> _Ready:
    """The piece with its kind known and without a wearer. Raises `PieceFailed`, `CannotTell`."""
    reader = engine if isinstance(engine, GarmentReader) else None
    if reader is None and piece.kind is Kind.AUTO:
        raise CannotTell(f"the engine {engine.name} cannot tell the type of a garment")
    ready = _Ready(index, piece.photo, piece.kind, piece.options, worn=piece.worn is Worn.YES)
    try:
        if reader is not None:
            if Kind.AUTO is piece.kind or piece.worn is Worn.AUTO:
                ready = _recognised(reader, ready, piece.worn)
            if ready.worn:
                ready = _undressed(reader, ready)
    except NoGarmentFound as error:
        raise PieceFailed(index, ready.kind, error) from error
    outer = ready.kind is Kind.OUTER
    options = replace(ready.options, seed=seed, over=outer, tuck=Tuck.OUT if outer else ready.options.tuck)
    return replace(ready, options=options)


def _recognised(reader: GarmentReader, piece: _Ready, worn: Worn) -> _Ready:
    seen = reader.recognise(piece.photo)
    if worn is Worn.AUTO:
        piece = replace(piece, worn=seen.worn)
    if piece.kind is not Kind.AUTO:
        return piece
    best = max(seen.odds, key=lambda clothes_type: seen.odds[clothes_type])
    doubt = f"Garment {piece.index + 1} was taken for {best}, which is not sure; name its type."
    warnings = (doubt,) if seen.odds[best] < SURE else ()
    return replace(piece, kind=Kind(best.value), warnings=warnings)


def _undressed(reader: GarmentReader, piece: _Ready) -> _Ready:
    cut = reader.from_wearer(piece.photo, TYPES[piece.kind])
    trust = WORN_TRUST * max(0.0, 1.0 - HIDDEN_TRUST * cut.hidden)
    return replace(piece, photo=cut.photo, trust=trust, warnings=(*piece.warnings, *cut.warnings))


def _one_after_the_other(
    engine: Engine, person: RgbImage, pieces: Sequence[_Ready], checkpoint: Checkpoint
) -> OutfitResult:
    picture, mask, confidence = person, np.zeros(person.shape[:2], np.float32), 1.0
    stages, signals = dict[str, float](), dict[str, float]()
    warnings: list[str] = []
    reports: dict[int, PieceReport] = {}
    name = engine.name
    for piece in sorted(pieces, key=lambda one: ORDER.index(one.kind)):
        try:
            step = engine.try_on(picture, piece.photo, TYPES[piece.kind], piece.options, checkpoint)
        except NoGarmentFound as error:
            raise PieceFailed(piece.index, piece.kind, error) from error
        report, sure = step.report, step.report.confidence * piece.trust
        reports[piece.index] = PieceReport(piece.kind, piece.worn, sure)
        picture, mask, confidence = step.image, np.maximum(mask, report.mask), confidence * sure
        for stage, seconds in report.stages.items():
            stages[stage] = stages.get(stage, 0.0) + seconds
        for signal, value in report.signals.items():
            signals[signal] = max(signals.get(signal, value), value)
        warnings += [*piece.warnings, *report.warnings]
        name = report.engine
        checkpoint()
    union = TryOnReport(name, mask, stages, confidence, tuple(dict.fromkeys(warnings)), signals)
    return OutfitResult(picture, union, tuple(reports[index] for index in range(len(pieces))))
