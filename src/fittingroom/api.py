"""The Python API: dress a person in a garment, from paths, bytes, PIL pictures or arrays.

It runs the same engine, mark and label as the server does, in the caller's process. The caller's pictures are their
own business here, so there is no size limit but a sane minimum. Invariant: the result has the person photo's size,
and a saved file always carries the machine-readable label, with or without the visible mark.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageOps

from fittingroom.engines.analysis import AnalysisCache, reusing
from fittingroom.engines.choice import AUTO, Choice, choose
from fittingroom.engines.outfit import TYPES, Kind, Piece, PieceReport, Worn, dress_outfit
from fittingroom.engines.protocol import ClothesType, Engine, RgbImage, TryOnOptions, TryOnReport, TryOnResult
from fittingroom.engines.registry import Registry
from fittingroom.errors import Language
from fittingroom.images.colour import on_white, split
from fittingroom.images.decode import decode
from fittingroom.images.limits import PictureLimits
from fittingroom.moderation.loading import load_reviewer
from fittingroom.moderation.protocol import Reviewer, Role, require
from fittingroom.moderation.remembering import RememberingReviewer
from fittingroom.pipeline import RenderJob, finish
from fittingroom.setting_neural import NeuralSettings
from fittingroom.setting_types import MIB
from fittingroom.settings import EngineSettings, ImageSettings, ModerationSettings, Settings

Picture = str | os.PathLike[str] | bytes | Image.Image | RgbImage
"""A file's path, the bytes of one, a PIL picture, or uint8 RGB (H, W, 3)."""

MIN_SIDE = 64
MAX_SIDE = 20_000
LIMITS = PictureLimits(over=MIN_SIDE - 1, under=MAX_SIDE + 1)

KEPT_SECONDS: Final = 600.0

REVIEW: Final = ModerationSettings()
"""Review as the server does it unless told otherwise."""

FORMATS: Final[dict[str, Literal["jpeg", "png"]]] = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png"}
"""File name endings that `Fitting.save` knows, and what they mean."""


@dataclass(frozen=True, slots=True)
class Garment:
    """A garment of an outfit. kind: "Upper-body", "Lower-body", "Dress", "Outer" (over a top or a dress) or "Auto".
    worn: "Yes", "No" or "Auto": whether somebody wears it in its picture. options: how it is worn here."""

    picture: Picture
    kind: Kind | str = Kind.AUTO
    worn: Worn | str = Worn.AUTO
    options: TryOnOptions = field(default_factory=TryOnOptions)


@dataclass(frozen=True, slots=True)
class Fitting:
    """A dressed picture, without any mark yet, and the engine's report on it.

    array: uint8 RGB (H, W, 3), of the person photo's size (after EXIF rotation). clothes_type: of an outfit, its first
    garment's. pieces: what became of each garment of an outfit.
    """

    array: RgbImage
    report: TryOnReport
    clothes_type: ClothesType
    pieces: tuple[PieceReport, ...] = ()

    @property
    def image(self) -> Image.Image:
        """The picture as a PIL picture, mode RGB."""
        return Image.fromarray(self.array)

    def encode(
        self,
        image_format: Literal["jpeg", "png"] = "jpeg",
        *,
        mark: bool = True,
        language: Language = "en-US",
        settings: ImageSettings | None = None,
    ) -> bytes:
        """The finished file. mark: draw the visible mark; the machine-readable label is always written."""
        job = RenderJob(
            person=b"",
            garment=b"",
            clothes_type=self.clothes_type,
            job_id=str(uuid.uuid4()),
            add_mark=mark,
            language=language,
            image_format=image_format,
        )
        return finish(TryOnResult(self.array, self.report), job, settings or ImageSettings()).data

    def save(self, path: str | os.PathLike[str], mark: bool = True, language: Language = "en-US") -> None:
        """Write a file, whole or not at all; .jpg, .jpeg or .png. Raises ValueError for another ending, OSError."""
        target = Path(path)
        write_whole(target, self.encode(format_of(target), mark=mark, language=language))


def format_of(path: Path) -> Literal["jpeg", "png"]:
    """The format that a file name asks for. Raises ValueError where it is none that can be written."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise ValueError(f"{path.name}: results are written as {', '.join(FORMATS)}") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees a part of it. Raises OSError."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


class FittingRoom:
    """One engine, loaded once and used for as many pictures as you like. Safe to use from several threads, one
    picture at a time.

    engine: a registered name (`drape`), `module:Class`, an engine of your own that was not loaded yet, or `auto`, the
    best whose weights are here and that fits the card, else `drape`; `choice` then says which and why.
    review: thresholds of the review of both photos and the result, as on the server; None switches it off.
    cache_mb: MiB for what is computed from a photo alone, so that the same person or garment costs less the next time;
    it leaves the memory ten minutes after its last use; 0 keeps nothing. neural: how a neural engine computes; an
    engine of your own takes its choices itself.
    Raises `fittingroom.engines.registry.RegistryError` for a name that is not installed.
    """

    def __init__(
        self,
        engine: str | Engine = AUTO,
        *,
        review: ModerationSettings | None = REVIEW,
        cache_mb: int = 256,
        neural: NeuralSettings | None = None,
    ) -> None:
        if isinstance(engine, str):
            self.choice = choose(_settings(engine, neural))
            self._engine = Registry.installed().create(self.choice.engine, neural)
        else:
            self.choice, self._engine = Choice(engine.name), engine
        self._review = review
        self._reviewer: Reviewer | None = None
        self._cache = AnalysisCache(cache_mb * MIB, KEPT_SECONDS)
        self._loaded = False
        self._lock = threading.Lock()

    def load(self) -> None:
        """Bring the weights into memory now rather than at the first picture.

        Raises `fittingroom.models.MissingWeight` where one was not pulled yet, and
        `fittingroom.moderation.loading.ReviewerUnavailable`.
        """
        with self._lock:
            self._load()

    def try_on(
        self,
        person: Picture,
        garment: Picture,
        clothes_type: ClothesType | str,
        options: TryOnOptions | None = None,
    ) -> Fitting:
        """Dress `person` in `garment`.

        clothes_type: "Upper-body", "Lower-body" or "Dress". Raises `NoPersonFound` or `NoGarmentFound` (of
        `fittingroom.engines.protocol`) where the photos show none, `fittingroom.errors.ApiError` for a file that is no
        usable picture or a picture that the review refuses, OSError for one that cannot be read, ValueError or
        TypeError for other arguments.
        """
        kind = ClothesType(clothes_type)
        photo, cloth = read_picture(person, "person"), read_picture(garment, "garment")
        with self._lock:
            self._load()
            engine, check = self._for_one_job()
            check(photo, Role.PERSON, "person")
            check(cloth, Role.GARMENT, "garment")
            result = engine.try_on(photo, cloth, kind, options or TryOnOptions())
            check(result.image, Role.RESULT, "")
        return Fitting(result.image, result.report, kind)

    def dress(self, person: Picture, garments: Sequence[Garment], seed: int = 0) -> Fitting:
        """Dress `person` in 1 to 3 garments at once: a lower garment and a top, or a dress, and an outer layer.

        Raises as `try_on`, and of `fittingroom.engines.outfit` `OutfitConflict` for garments that cannot be worn
        together, `PieceFailed` where a picture shows no such garment, `CannotTell` where the engine needs the kind.
        """
        photo = read_picture(person, "person")
        pieces = [
            Piece(read_picture(one.picture, f"garment {number}"), Kind(one.kind), Worn(one.worn), one.options)
            for number, one in enumerate(garments, start=1)
        ]
        with self._lock:
            self._load()
            engine, check = self._for_one_job()
            check(photo, Role.PERSON, "person")
            for number, piece in enumerate(pieces, start=1):
                check(piece.photo, Role.GARMENT, f"garment {number}")
            done = dress_outfit(engine, photo, pieces, seed)
            check(done.image, Role.RESULT, "")
        return Fitting(done.image, done.report, TYPES[done.pieces[0].kind], done.pieces)

    def _for_one_job(self) -> tuple[Engine, Callable[[RgbImage, Role, str], None]]:
        """The engine with what is remembered of earlier pictures, and the review, which raises `ApiError`."""
        analyses = self._cache.of("")
        reviewer = self._reviewer and RememberingReviewer(self._reviewer, analyses)

        def check(picture: RgbImage, role: Role, name: str) -> None:
            if reviewer is not None:
                require(reviewer.review(picture, role), name)

        return reusing(self._engine, analyses), check

    def _load(self) -> None:
        if not self._loaded:
            self._engine.load()
            if self._review is not None:
                self._reviewer = load_reviewer(self._review)
            self._loaded = True


def _settings(engine: str, neural: NeuralSettings | None) -> Settings:
    return Settings(engine=EngineSettings(name=engine), neural=neural or NeuralSettings())


def read_picture(source: Picture, name: str) -> RgbImage:
    """Pixels of a picture given in any of the accepted ways, upright, on white where transparent.

    name: what messages call it. Raises as `FittingRoom.try_on`.
    """
    if isinstance(source, (str, os.PathLike)):
        source = Path(source).read_bytes()
    if isinstance(source, bytes):
        return decode(source, parameter=name, limits=LIMITS)
    if isinstance(source, Image.Image):
        rgb = np.array(on_white(*split(ImageOps.exif_transpose(source))), np.uint8)
    elif isinstance(source, np.ndarray):
        rgb = _checked(source, name)
    else:
        raise TypeError(f"{name}: a path, a PIL picture or an array is needed, not {type(source).__name__}")
    LIMITS.check(rgb.shape[1], rgb.shape[0], parameter=name)
    return rgb


def _checked(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]], name: str) -> RgbImage:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise ValueError(f"{name}: uint8 RGB of shape (H, W, 3) is needed, not {array.dtype} of shape {array.shape}")
    return np.array(array, np.uint8, order="C")
