"""Photos from the waist down: a waistband in another colour, on the mannequin without joints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from lower_fitting import fitted
from mannequin import Look

from fittingroom.engines.drape.headless import BAND_DEEP, whole_lower
from fittingroom.engines.drape.lower_fit import LowerFit
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.waist import worn_lower

NONE = np.float32(0.0)


def waist_down(scene: Callable, look: Look, waist: float = 1.3) -> tuple[Scene, LowerFit]:
    """The mannequin without its joints and with its waistband shown at height `waist`."""
    made = scene(look, "trousers")
    fit = replace(fitted(made), waist_v=waist, shown=True, band_drop=np.zeros_like(fitted(made).band_drop))
    return replace(made, person=replace(made.person, pose=None)), fit


def test_with_joints_nothing_changes(scene: Callable) -> None:
    made = scene(Look(), "trousers")
    lower = worn_lower(made.person, made.body)
    assert whole_lower(made, replace(fitted(made), shown=True), lower) is lower


def test_a_band_in_another_colour_belongs_to_the_garment(scene: Callable) -> None:
    made, fit = waist_down(scene, Look())
    u, v = made.uv
    band = (np.abs(u) < 0.4) & (v > fit.waist_v) & (v < fit.waist_v + 0.2)
    lower = np.where(band, NONE, worn_lower(made.person, made.body)).astype(np.float32)
    dressed = replace(made, person=replace(made.person, upper=np.ones(made.shape, np.float32)))
    whole = whole_lower(dressed, fit, lower)
    assert whole[band].min() == 1.0
    elsewhere = (v < fit.waist_v - 0.05) | (v > fit.waist_v + BAND_DEEP + 0.02) | (np.abs(u) > 0.9)
    np.testing.assert_array_equal(whole[elsewhere], lower[elsewhere])
    hidden = replace(fit, shown=False)
    assert whole_lower(dressed, hidden, lower) is lower
