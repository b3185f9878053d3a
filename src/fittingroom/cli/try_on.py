"""`fittingroom try`: dress one person in one garment on this machine, no server, no account.

Photos are files or URLs; URLs go through the same guarded fetcher as the server's. The result has the person photo's
own size. Exit codes: 0 written, 1 it could not be done (the reason is on stderr).
Invariant: nothing is written unless everything could be made, and each file whole or not at all.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from cyclopts import Parameter

from fittingroom.api import Fitting, FittingRoom, Garment, format_of, read_picture, write_whole
from fittingroom.cli.wearing import KINDS, OptionError, Outfit, Wearing
from fittingroom.configuration import ConfigurationError, load_configuration
from fittingroom.engines.outfit import Kind, Worn
from fittingroom.engines.protocol import EngineError, RgbImage, TryOnOptions
from fittingroom.engines.registry import RegistryError
from fittingroom.errors import ApiError, Language
from fittingroom.images.fetch import Fetcher
from fittingroom.models import ModelsError
from fittingroom.moderation.loading import ReviewerUnavailable
from fittingroom.settings import Settings
from fittingroom.sheets import Row, contact_sheet

FAILED = 1

PLAIN = (Kind.UPPER, Kind.LOWER, Kind.DRESS)
"""Kinds that every engine knows by itself."""


class TargetError(Exception):
    """A file cannot be written where or as the arguments say."""


EXPECTED = (
    *(ApiError, ConfigurationError, EngineError, ModelsError, OptionError),
    *(OSError, RegistryError, ReviewerUnavailable, TargetError),
)
"""What ends in one line on stderr. Anything else is a fault of ours and shows its traceback."""


@Parameter(name="*")
@dataclass(frozen=True)
class Extras:
    """What else to write.

    Parameters
    ----------
    report
        JSON file: engine, seconds per stage, confidence, warnings, what changed.
    sheet
        Picture file: person, garment and result side by side.
    """

    report: Path | None = None
    sheet: Path | None = None


def try_on(
    person: str,
    garment: str,
    /,
    *,
    clothes_type: Annotated[
        Literal["Upper-body", "Lower-body", "Dress", "Outer", "Auto", "auto"], Parameter(name="--type")
    ],
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    engine: str | None = None,
    logo: bool = True,
    language: Language = "en-US",
    allow_net: tuple[str, ...] = (),
    wearing: Wearing = Wearing(),
    outfit: Outfit = Outfit(),
    extras: Extras = Extras(),
) -> int:
    """Dress the person of one photo in the garment of another, or in several; the result has the person photo's size.

    Parameters
    ----------
    person
        File or URL of the person's photo.
    garment
        File or URL of the garment's photo.
    clothes_type
        What kind of garment it is; Auto lets the engine look, Outer goes over a top or a dress.
    out
        Where to write the result: .jpg, .jpeg or .png.
    engine
        Engine to use; default: the setting engine.name.
    logo
        Draw the visible mark. The machine-readable label is written either way.
    language
        Language of the mark.
    allow_net
        Network (CIDR) that URLs may point into although it is private; repeatable.
    """
    started = time.perf_counter()
    try:
        _check_targets(out, extras)
        options = wearing.options()
        flags = {"engine.name": engine, "fetch.allow_net": allow_net or None}
        settings = load_configuration(flags=flags).settings
        kind = KINDS[clothes_type.lower()]
        kinds, sources = zip((kind, garment), *outfit.further(), strict=True)
        photo, *cloths = _photos((person, *sources), settings)
        fitting = _fitting(photo, list(zip(kinds, cloths, strict=True)), outfit.worn, options, settings)
        data = fitting.encode(format_of(out), mark=logo, language=language, settings=settings.images)
        files = {out: data, **_extra_files(fitting, photo, cloths, extras, time.perf_counter() - started)}
        for path, content in files.items():
            write_whole(path, content)
    except EXPECTED as error:
        print(error.message() if isinstance(error, ApiError) else error, file=sys.stderr)
        return FAILED
    _tell(fitting, list(files), time.perf_counter() - started)
    return 0


def _fitting(
    person: RgbImage,
    garments: list[tuple[Kind, RgbImage]],
    worn: str | None,
    options: TryOnOptions,
    settings: Settings,
) -> Fitting:
    """One garment of a plain kind goes to the engine as it is; all else is an outfit. options, worn: of the first."""
    room = FittingRoom(settings.engine.name, review=settings.moderation, neural=settings.neural)
    if room.choice.reason:
        print(f"engine {room.choice.engine}: {room.choice.reason}", file=sys.stderr)
    (kind, cloth), *others = garments
    if not others and worn is None and kind in PLAIN:
        return room.try_on(person, cloth, kind.value, options)
    first = Garment(cloth, kind, Worn((worn or "auto").capitalize()), options)
    return room.dress(person, [first, *(Garment(picture, kind) for kind, picture in others)])


def _check_targets(out: Path, extras: Extras) -> None:
    """Refuse what could not be written before the long work. Raises `TargetError`."""
    try:
        format_of(out)
        if extras.sheet is not None:
            format_of(extras.sheet)
    except ValueError as error:
        raise TargetError(str(error)) from error
    targets = [path for path in (out, extras.report, extras.sheet) if path is not None]
    if len(set(targets)) != len(targets):
        raise TargetError("--out, --report and --sheet must be different files")
    for path in targets:
        if not path.parent.is_dir():
            raise TargetError(f"the folder {path.parent} does not exist")


def _photos(sources: Sequence[str], settings: Settings) -> list[RgbImage]:
    """The person's and all garments' photos as pixels, fetched at the same time where they are URLs."""
    names = ["PERSON", "GARMENT", *(f"--garment {number}" for number in range(1, len(sources) - 1))]
    contents = asyncio.run(_contents(dict(zip(names, sources, strict=True)), settings))
    return [read_picture(content, name) for name, content in zip(names, contents, strict=True)]


async def _contents(sources: dict[str, str], settings: Settings) -> list[bytes]:
    fetcher = Fetcher(settings.fetch)
    await fetcher.start()
    try:
        deadline = time.monotonic() + settings.fetch.timeout
        return await asyncio.gather(
            *(_content(fetcher, source, name, settings.images.max_bytes, deadline) for name, source in sources.items())
        )
    finally:
        await fetcher.close()


async def _content(fetcher: Fetcher, source: str, name: str, max_bytes: int, deadline: float) -> bytes:
    if source.lower().startswith(("http://", "https://")):
        return await fetcher.fetch(source, parameter=name, max_bytes=max_bytes, deadline=deadline)
    return await asyncio.to_thread(Path(source).read_bytes)


def _extra_files(
    fitting: Fitting, person: RgbImage, garments: list[RgbImage], extras: Extras, seconds: float
) -> dict[Path, bytes]:
    files = {}
    if extras.report is not None:
        files[extras.report] = json.dumps(report_of(fitting, seconds), indent=2).encode() + b"\n"
    if extras.sheet is not None:
        row = Row((person, *garments, fitting.array), (_summary(fitting), *fitting.report.warnings))
        buffer = BytesIO()
        contact_sheet([row], ("person", *("garment" for _ in garments), "result")).save(buffer, format_of(extras.sheet))
        files[extras.sheet] = buffer.getvalue()
    return files


def report_of(fitting: Fitting, seconds: float) -> dict[str, Any]:
    """The engine's report as plain JSON values. changed_box: left, top, right, bottom in px, None where nothing is."""
    report = fitting.report
    ys, xs = np.nonzero(report.mask)
    box = [int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1] if xs.size else None
    return {
        "engine": report.engine,
        "clothes_type": fitting.clothes_type.value,
        "garments": [
            {"kind": piece.kind.value, "worn": piece.worn, "confidence": round(piece.confidence, 3)}
            for piece in fitting.pieces
        ],
        "width": fitting.array.shape[1],
        "height": fitting.array.shape[0],
        "confidence": round(report.confidence, 3),
        "warnings": list(report.warnings),
        "signals": {name: round(value, 4) for name, value in report.signals.items()},
        "changed_share": round(xs.size / report.mask.size, 4),
        "changed_box": box,
        "seconds": round(seconds, 3),
        "stages": {name: round(value, 4) for name, value in report.stages.items()},
    }


def _summary(fitting: Fitting) -> str:
    kinds = " + ".join(piece.kind.value for piece in fitting.pieces) or fitting.clothes_type.value
    return f"{kinds}, {fitting.report.engine}, confidence {fitting.report.confidence:.2f}"


def _tell(fitting: Fitting, files: list[Path], seconds: float) -> None:
    for warning in fitting.report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    height, width = fitting.array.shape[:2]
    print(f"{files[0]}: {width}x{height} px, {_summary(fitting)}, {seconds:.1f} s")
    for path in files[1:]:
        print(path)
