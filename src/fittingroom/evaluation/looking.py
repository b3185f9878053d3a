"""One pair through the engine: the picture, and everything that is measured on it.

A refusal (`EngineError`) is an outcome like any other and is noted as such; any other exception is a fault of the
engine, noted with its traceback so that one bad pair does not end a run of a hundred and fifty. Invariant: a row is
plain JSON, and a measure that could not be taken is null in it.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fittingroom.engines.drape.engine import DrapeEngine
from fittingroom.engines.drape.nets import Nets
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import EngineError, RgbImage, TryOnResult
from fittingroom.evaluation.drawing import Pair
from fittingroom.evaluation.measures import colour, drift, mask, skin
from fittingroom.evaluation.photos import Photos
from fittingroom.evaluation.witness import witness

BODY_SKIN = 2
"""Class number of selfie_multiclass."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Looked:
    """One finished pair. picture is None where the engine refused or failed."""

    row: Row
    person: RgbImage
    garment: RgbImage
    picture: RgbImage | None


def look(pair: Pair, photos: Photos, engine: DrapeEngine, live: Callable[[], Nets]) -> Looked:
    """Dress and measure one pair. live: the networks without a cache, to look at results. Raises `EvaluationError`."""
    person, garment = photos.usable(pair.person), photos.usable(pair.garment)
    row: Row = {**asdict(pair), "error": None, "crash": None}
    started = time.perf_counter()
    try:
        result, scene = engine.inspect(person, garment, pair.clothes_type)
    except EngineError as refusal:
        return Looked({**row, "error": f"{type(refusal).__name__}: {refusal}"}, person, garment, None)
    except Exception as fault:
        row |= {"error": f"{type(fault).__name__}: {fault}", "crash": traceback.format_exc(limit=-6)}
        return Looked(row, person, garment, None)
    report = result.report
    row |= {
        "confidence": round(report.confidence, 4),
        "warnings": list(report.warnings),
        "signals": _plain(dict(report.signals)),
        "seconds": round(time.perf_counter() - started, 3),
        "stages": _plain(report.stages),
        "measures": _plain(measure(pair, person, result, scene, live())),
    }
    return Looked(row, person, garment, result.image)


def measure(pair: Pair, photo: RgbImage, result: TryOnResult, scene: Scene, nets: Nets) -> dict[str, float | None]:
    """The measures of one picture, by name; docs/evaluation.md tells each."""
    picture = result.image
    seen = witness(scene, pair.clothes_type, photo.shape)
    cloth = np.asarray(seen.cloth > 0.98)
    touched = mask.changed(photo, picture)
    network_skin = nets.selfie(picture)[..., BODY_SKIN]
    return {
        "outside": mask.worst_outside(photo, picture, result.report.mask),
        "stray": mask.stray_share(photo, picture, np.asarray(seen.old | (seen.cloth > 0.02))),
        "colour": colour.seen(picture, seen.flat, cloth),
        "colour_mean": colour.mean(picture, cloth, scene.garment.rgb, np.asarray(scene.garment.alpha > 0.98)),
        "drift": _drift(scene, picture, seen.unit, nets),
        "skin_painted": skin.painted(seen.skin, seen.no_skin),
        "skin_shown": skin.shown(network_skin, seen.cloth, touched, seen.no_skin),
        "zone": int(seen.no_skin.sum()),
    }


def _drift(scene: Scene, picture: RgbImage, unit: float, nets: Nets) -> float | None:
    """None where the photo's pose is unknown; the picture's height in shoulder distances where the result has none."""
    before = scene.person.pose
    if before is None:
        return None
    after = nets.pose(picture)
    if after is None:
        return float(picture.shape[0] / unit)
    points = before.points * (picture.shape[0] / scene.shape[0])
    return drift.drift(points, after.points, before.visibility, picture.shape[:2], unit)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value is None else round(float(value), 4) for name, value in values.items()}
