"""From decoded pictures to a dressed person: one garment or several, in the caller's words when it cannot be done.

The pipeline decodes and reviews, the engines dress; here a job's garments become an outfit, and what an engine or an
outfit refuses becomes the published error that names the caller's parameter. Invariant: whatever is raised for a
reason that lies with the pictures is `ApiError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fittingroom.engines.outfit import CannotTell, Kind, OutfitConflict, OutfitResult, Piece, PieceFailed, Worn
from fittingroom.engines.outfit import dress_outfit as _dress
from fittingroom.engines.protocol import Checkpoint, Engine, Mask, NoPersonFound, RefusedPicture, RgbImage, TryOnOptions
from fittingroom.errors import ApiError


@dataclass(frozen=True, slots=True)
class GarmentJob:
    """One garment of a job; plain and picklable. image: encoded picture bytes. parameter: where they came from, and
    type_parameter what names its kind, both for messages."""

    image: bytes
    kind: Kind = Kind.AUTO
    worn: Worn = Worn.NO
    options: TryOnOptions = field(default_factory=TryOnOptions)
    parameter: str = "ClothesUrl"
    type_parameter: str = "ClothesType"


def fit_on(
    engine: Engine,
    person: RgbImage,
    garments: Sequence[tuple[GarmentJob, RgbImage]],
    seed: int,
    checkpoint: Checkpoint,
) -> OutfitResult:
    """Dress `person` (uint8 RGB) in garments, each with its decoded picture. Raises `ApiError`, what `checkpoint`
    raises, and whatever else the engine raises."""
    pieces = [Piece(picture, job.kind, job.worn, job.options) for job, picture in garments]
    jobs = [job for job, _ in garments]
    try:
        return _dress(engine, person, pieces, seed, checkpoint)
    except NoPersonFound as error:
        raise ApiError("no_person", cause=error, parameter="ModelUrl") from error
    except RefusedPicture as error:
        raise ApiError("result_refused", cause=error) from error
    except PieceFailed as error:
        job = jobs[error.index]
        kind = "any" if error.kind is Kind.AUTO else error.kind.value
        raise ApiError("no_garment", cause=error, parameter=job.parameter, clothes_type=kind) from error
    except OutfitConflict as error:
        raise conflict_error(jobs, error) from error
    except CannotTell as error:
        told = next(job for job in jobs if job.kind is Kind.AUTO)
        raise ApiError("type_needed", cause=error, parameter=told.type_parameter) from error


def conflict_error(jobs: Sequence[GarmentJob], error: OutfitConflict) -> ApiError:
    """The published error for two garments that exclude each other."""
    first, second = (jobs[index].type_parameter for index in (error.first, error.second))
    values = {"first": first, "second": second, "one": error.kinds[0].value, "other": error.kinds[1].value}
    return ApiError("garments_conflict", cause=error, **values)


def mask_picture(mask: Mask) -> bytes:
    """A mask (float32 (H, W) 0..1) as a grey PNG that is 0 exactly where the mask is."""
    import cv2  # noqa: PLC0415 - the gateway knows this module, and draws nothing

    done, data = cv2.imencode(".png", np.ceil(np.clip(mask, 0.0, 1.0) * 255).astype(np.uint8))
    if not done:
        raise RuntimeError("OpenCV could not write the mask")
    return data.tobytes()
