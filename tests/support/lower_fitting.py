"""A lower garment fitted to a scene, as `dress_lower` does it, for tests of its single steps."""

from __future__ import annotations

from fittingroom.engines.drape.legs import Leg, measure_leg
from fittingroom.engines.drape.lower_fit import LowerFit, fit_lower
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.types import Garment
from fittingroom.engines.drape.waist import worn_lower
from fittingroom.engines.protocol import TryOnOptions


def legs_of(made: Scene) -> tuple[Leg, Leg]:
    lower = worn_lower(made.person, made.body)
    return measure_leg(made.person, made.body, 0, lower), measure_leg(made.person, made.body, 1, lower)


def fitted(made: Scene, garment: Garment | None = None, **options: object) -> LowerFit:
    lower = worn_lower(made.person, made.body)
    wanted = TryOnOptions(**options)  # type: ignore[arg-type]
    return fit_lower(garment or made.garment, made.person, made.body, legs_of(made), lower, wanted)
