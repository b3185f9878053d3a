"""One job from bytes to bytes: decode, review, dress, mark, review again, label, encode.

It runs inside a worker process (untrusted pictures are decoded there, under that process's memory limit) and,
unchanged from `finish` on, in the command line and the Python API. Invariant: input bytes are never echoed; whatever
comes out was re-encoded from pixels, and where there is a reviewer, from pixels that it allowed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal

import numpy as np
import structlog
from PIL import Image

from fittingroom.engines.outfit import Kind, OutfitResult, PieceReport
from fittingroom.engines.protocol import (
    Checkpoint,
    ClothesType,
    Engine,
    RgbImage,
    TryOnOptions,
    TryOnReport,
    TryOnResult,
)
from fittingroom.errors import ApiError
from fittingroom.fittings import GarmentJob, fit_on, mask_picture
from fittingroom.images.colour import on_white
from fittingroom.images.decode import RgbaImage, decode, decode_rgba
from fittingroom.images.encode import MEDIA_TYPES, ImageFormat, encode
from fittingroom.images.label import Label
from fittingroom.images.limits import PictureLimits
from fittingroom.images.logo import add_logo, place
from fittingroom.images.mark import add_mark
from fittingroom.moderation.protocol import Reviewer, Role, require
from fittingroom.settings import ImageSettings

__all__ = ["ImageFormat", "LogoJob", "RenderJob", "RenderedImage", "finish", "render"]

log = structlog.get_logger(__name__)

GENERAL_ADVICE = "Use a frontal photo of the person with the arms free, and a flat front view of the garment."


@dataclass(frozen=True, slots=True)
class LogoJob:
    """The caller's own mark. image: encoded bytes; rect: (x, y, width, height) in result pixels, each may be None.
    parameter: where the bytes came from, to name in messages."""

    image: bytes
    rect: tuple[int | None, int | None, int | None, int | None] = (None, None, None, None)
    parameter: Literal["LogoParam.LogoUrl", "LogoParam.LogoImage"] = "LogoParam.LogoUrl"


@dataclass(frozen=True, slots=True)
class RenderJob:
    """Everything a worker needs; plain and picklable.

    person, garment: encoded picture bytes as fetched. add_mark: draw the visible mark (`logo`, else the default text
    in `language`). job_id: the RequestId, written into the machine-readable label. account_id: whose job it is; what a
    worker remembers of these photos serves nobody else, and jobs without an owner share nothing with accounts.
    outfit: several garments, or one with what `garment` cannot say; where it is not empty, `garment` and
    `clothes_type` are not read. samples: how many pictures to make, with the seeds options.seed, options.seed + 1, ...
    with_mask: whether the change mask is wanted.
    """

    person: bytes
    garment: bytes
    clothes_type: ClothesType
    job_id: str
    add_mark: bool = True
    logo: LogoJob | None = None
    language: Literal["en-US", "zh-CN"] = "en-US"
    image_format: ImageFormat = "jpeg"
    options: TryOnOptions = field(default_factory=TryOnOptions)
    account_id: str = ""
    outfit: tuple[GarmentJob, ...] = ()
    samples: int = 1
    with_mask: bool = False

    @property
    def garments(self) -> tuple[GarmentJob, ...]:
        """All garments, in the order in which they were given."""
        return self.outfit or (GarmentJob(self.garment, Kind(self.clothes_type.value), options=self.options),)


@dataclass(frozen=True, slots=True)
class RenderedImage:
    """The finished file and what is worth logging about it (no pictures in the log).

    others: the further samples' files. mask: the change mask of all samples together, a grey PNG; empty unless asked
    for. pieces: what became of each garment. confidence: of the least sure sample.
    cache: what the worker asked its memory of earlier photos for, in order, as ("person" | "garment" | "review",
    "hit" | "miss"); empty where it keeps none. cache_bytes: what that memory holds after the job.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    engine: str
    stages: dict[str, float]
    confidence: float
    warnings: tuple[str, ...]
    others: tuple[bytes, ...] = ()
    mask: bytes = b""
    pieces: tuple[PieceReport, ...] = ()
    cache: tuple[tuple[str, str], ...] = ()
    cache_bytes: int = 0


def render(
    job: RenderJob, engine: Engine, checkpoint: Checkpoint, settings: ImageSettings, reviewer: Reviewer | None
) -> RenderedImage:
    """Do one job on a loaded engine. reviewer: judges what comes in and what goes out; None: review is off.

    The logo is read and placed, and all pictures are reviewed, before the engine runs, so that a bad one costs nothing.
    Raises `ApiError` for what lies with the caller's pictures, what `checkpoint` raises, and whatever else the engine
    or the reviewer raises.
    """
    stages: dict[str, float] = {}
    notes: list[str] = []
    with _timed(stages, "decode"):
        person, garments, logo = _decode(job, settings, notes)
    checkpoint()
    if reviewer is not None:
        with _timed(stages, "review"):
            _review_inputs(job, person, garments, logo, reviewer)
        checkpoint()
    made = []
    worn = list(zip(job.garments, garments, strict=True))
    for sample in range(job.samples):
        fitting = fit_on(engine, person, worn, job.options.seed + sample, checkpoint)
        _require_confidence(fitting.report, settings.min_confidence)
        checkpoint()
        before = {} if sample else stages
        done = TryOnResult(fitting.image, fitting.report)
        made.append(
            (fitting, finish(done, job, settings, logo=logo, before=before, notes=tuple(notes), reviewer=reviewer))
        )
    return _together(made, job.with_mask)


def _together(made: list[tuple[OutfitResult, RenderedImage]], with_mask: bool) -> RenderedImage:
    """All samples of a job as one answer; the first is its picture."""
    fittings, files = [fitting for fitting, _ in made], [file for _, file in made]
    mask = np.max([fitting.report.mask for fitting in fittings], axis=0) if with_mask else None
    return replace(
        files[0],
        stages={name: sum(file.stages.get(name, 0.0) for file in files) for name in files[0].stages},
        confidence=min(file.confidence for file in files),
        warnings=tuple(dict.fromkeys(warning for file in files for warning in file.warnings)),
        others=tuple(file.data for file in files[1:]),
        mask=b"" if mask is None else mask_picture(mask),
        pieces=fittings[0].pieces,
    )


def finish(
    result: TryOnResult,
    job: RenderJob,
    settings: ImageSettings,
    *,
    logo: RgbaImage | None = None,
    before: dict[str, float] | None = None,
    notes: tuple[str, ...] = (),
    reviewer: Reviewer | None = None,
) -> RenderedImage:
    """Mark, review, label and encode a dressed picture.

    Of `job` only what concerns the file is read: add_mark, logo's rectangle, language, image_format, job_id.
    logo: the decoded logo of `job.logo`. before: stage times to list first. notes: warnings to list first.
    reviewer: judges the marked picture; raises `ApiError` when it refuses.
    """
    stages = {**(before or {}), **result.report.stages}
    picture = result.image
    with _timed(stages, "mark"):
        if job.add_mark:
            picture = _mark(picture, job, logo)
    if reviewer is not None:
        with _timed(stages, "review_result"):
            _review(picture, Role.RESULT, job, reviewer)
    with _timed(stages, "encode"):
        label = Label(
            producer=settings.producer,
            content_id=job.job_id,
            engine=result.report.engine,
            version=version("fittingroom"),
            created=datetime.now(UTC),
        )
        data = encode(picture, job.image_format, label, jpeg_quality=settings.jpeg_quality)
    return RenderedImage(
        data=data,
        media_type=MEDIA_TYPES[job.image_format],
        width=picture.shape[1],
        height=picture.shape[0],
        engine=result.report.engine,
        stages=stages,
        confidence=result.report.confidence,
        warnings=notes + result.report.warnings,
    )


def _require_confidence(report: TryOnReport, least: float) -> None:
    """Raise `ApiError` for a result that the engine itself doubts more than the operator allows."""
    if report.confidence < least:
        raise ApiError(
            "doubtful_result",
            cause=f"confidence {report.confidence:.2f}, least {least:.2f}: {' '.join(report.warnings) or 'no warning'}",
            advice=report.warnings[0] if report.warnings else GENERAL_ADVICE,
        )


def _decode(
    job: RenderJob, settings: ImageSettings, notes: list[str]
) -> tuple[RgbImage, list[RgbImage], RgbaImage | None]:
    photo = PictureLimits.of_photos(settings)
    person = decode(job.person, parameter="ModelUrl", limits=photo, notes=notes)
    garments = [decode(one.image, parameter=one.parameter, limits=photo, notes=notes) for one in job.garments]
    if job.logo is None or not job.add_mark:
        return person, garments, None
    logo = decode_rgba(job.logo.image, parameter=job.logo.parameter, limits=PictureLimits.of_logos(settings))
    place((person.shape[1], person.shape[0]), (logo.shape[1], logo.shape[0]), job.logo.rect)
    return person, garments, logo


def _review_inputs(
    job: RenderJob, person: RgbImage, garments: list[RgbImage], logo: RgbaImage | None, reviewer: Reviewer
) -> None:
    _review(person, Role.PERSON, job, reviewer, "ModelUrl")
    for one, garment in zip(job.garments, garments, strict=True):
        _review(garment, Role.GARMENT, job, reviewer, one.parameter)
    if job.logo is not None and logo is not None:
        # What shows through a transparent logo is reviewed with the result.
        shown = on_white(Image.fromarray(logo[..., :3]), Image.fromarray(logo[..., 3]))
        _review(np.asarray(shown), Role.LOGO, job, reviewer, job.logo.parameter)


def _review(picture: RgbImage, role: Role, job: RenderJob, reviewer: Reviewer, parameter: str = "") -> None:
    verdict = reviewer.review(picture, role)
    log.info(
        "reviewed",
        request_id=job.job_id,
        role=verdict.role.value,
        score=round(verdict.score, 4),
        allowed=verdict.allowed,
        reviewer=verdict.reviewer,
    )
    require(verdict, parameter)


def _mark(picture: RgbImage, job: RenderJob, logo: RgbaImage | None) -> RgbImage:
    if job.logo is None or logo is None:
        return add_mark(picture, job.language)
    return add_logo(picture, logo, job.logo.rect)


@contextmanager
def _timed(stages: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    stages[name] = time.perf_counter() - started
