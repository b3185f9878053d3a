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
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from cyclopts import Parameter

from fittingroom.api import Fitting, FittingRoom, format_of, read_picture, write_whole
from fittingroom.cli.wearing import OptionError, Wearing
from fittingroom.configuration import ConfigurationError, load_configuration
from fittingroom.engines.protocol import EngineError, RgbImage
from fittingroom.engines.registry import RegistryError
from fittingroom.errors import ApiError, Language
from fittingroom.images.fetch import Fetcher
from fittingroom.models import ModelsError
from fittingroom.moderation.loading import ReviewerUnavailable
from fittingroom.settings import Settings
from fittingroom.sheets import Row, contact_sheet

FAILED = 1


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
    *,
    clothes_type: Annotated[Literal["Upper-body", "Lower-body", "Dress"], Parameter(name="--type")],
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    engine: str | None = None,
    logo: bool = True,
    language: Language = "en-US",
    allow_net: tuple[str, ...] = (),
    wearing: Wearing = Wearing(),
    extras: Extras = Extras(),
) -> int:
    """Dress the person of one photo in the garment of another; the result has the person photo's size.

    Parameters
    ----------
    person
        File or URL of the person's photo.
    garment
        File or URL of the garment's photo.
    clothes_type
        What kind of garment it is.
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
        photo, cloth = _photos((person, garment), settings)
        fitting = FittingRoom(settings.engine.name, review=settings.moderation).try_on(
            photo, cloth, clothes_type, options
        )
        data = fitting.encode(format_of(out), mark=logo, language=language, settings=settings.images)
        files = {out: data, **_extra_files(fitting, photo, cloth, extras, time.perf_counter() - started)}
        for path, content in files.items():
            write_whole(path, content)
    except EXPECTED as error:
        print(error.message() if isinstance(error, ApiError) else error, file=sys.stderr)
        return FAILED
    _tell(fitting, list(files), time.perf_counter() - started)
    return 0


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


def _photos(sources: tuple[str, str], settings: Settings) -> tuple[RgbImage, RgbImage]:
    """Both photos as pixels, fetched at the same time where they are URLs."""
    person, garment = asyncio.run(_contents(sources, settings))
    return read_picture(person, "PERSON"), read_picture(garment, "GARMENT")


async def _contents(sources: tuple[str, str], settings: Settings) -> tuple[bytes, bytes]:
    fetcher = Fetcher(settings.fetch)
    await fetcher.start()
    try:
        deadline = time.monotonic() + settings.fetch.timeout
        person, garment = await asyncio.gather(
            *(
                _content(fetcher, source, name, settings.images.max_bytes, deadline)
                for source, name in zip(sources, ("PERSON", "GARMENT"), strict=True)
            )
        )
    finally:
        await fetcher.close()
    return person, garment


async def _content(fetcher: Fetcher, source: str, name: str, max_bytes: int, deadline: float) -> bytes:
    if source.lower().startswith(("http://", "https://")):
        return await fetcher.fetch(source, parameter=name, max_bytes=max_bytes, deadline=deadline)
    return await asyncio.to_thread(Path(source).read_bytes)


def _extra_files(
    fitting: Fitting, person: RgbImage, garment: RgbImage, extras: Extras, seconds: float
) -> dict[Path, bytes]:
    files = {}
    if extras.report is not None:
        files[extras.report] = json.dumps(report_of(fitting, seconds), indent=2).encode() + b"\n"
    if extras.sheet is not None:
        row = Row((person, garment, fitting.array), (_summary(fitting), *fitting.report.warnings))
        buffer = BytesIO()
        contact_sheet([row]).save(buffer, format_of(extras.sheet))
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
    return f"{fitting.clothes_type}, {fitting.report.engine}, confidence {fitting.report.confidence:.2f}"


def _tell(fitting: Fitting, files: list[Path], seconds: float) -> None:
    for warning in fitting.report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    height, width = fitting.array.shape[:2]
    print(f"{files[0]}: {width}x{height} px, {_summary(fitting)}, {seconds:.1f} s")
    for path in files[1:]:
        print(path)
