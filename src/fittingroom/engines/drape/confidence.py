"""How far a picture can be trusted, and what the caller can do about it.

Every stage leaves measures of risk in `Scene.signals`. A logistic model, fitted on pictures that judges called broken
or not (`training/confidence`), makes one number of them: the share of pictures like this one that are not broken.
Each risk can only lower it. Below DOUBT the caller is warned, with advice about whatever weighs most.
Invariant: confidence lies within 0..1 and never rises when a signal does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

DOUBT = 0.5
"""Confidence below which the caller is warned."""

GARMENT = "The garment photo is hard to read; lay the garment flat on a plain ground and photograph it from above."
PERSON = "The person is hard to read; use a frontal photo with hanging and empty hands, on a plain background."
CLOTHES = "The worn clothes cover much more than the new ones; a photo in close-fitting clothes gives better results."
FIT = "The garment does not fit the pose; another photo of the person or the garment gives better results."


@dataclass(frozen=True, slots=True)
class Term:
    """One risk. weight: >= 0, of the log odds. full: the signal at which it counts fully. advice: for the caller."""

    weight: float
    full: float
    advice: str


@dataclass(frozen=True, slots=True)
class Model:
    """bias: log odds that a picture without any risk is not broken."""

    bias: float
    terms: Mapping[str, Term]


ADVICE = {
    "garment": GARMENT,
    "mark": GARMENT,
    "lower": GARMENT,
    "leg": GARMENT,
    "removed": CLOTHES,
    "backdrop": CLOTHES,
    "painted": CLOTHES,
    "fold": FIT,
    "waist": FIT,
}
"""By the first word of a signal's name; all others are the person's."""


@cache
def fitted() -> Model:
    """The model that comes with the package."""
    told = json.loads(files("fittingroom.engines.drape").joinpath("confidence.json").read_text(encoding="utf-8"))
    terms = {
        name: Term(weight, full, ADVICE.get(name.split("_")[0], PERSON))
        for name, (weight, full) in told["terms"].items()
    }
    return Model(told["bias"], terms)


def confidence(signals: Mapping[str, float], model: Model | None = None) -> float:
    """Share of pictures with these signals that are not broken, 0..1. A signal that is missing is no risk."""
    model = model or fitted()
    odds = model.bias - sum(_weighed(signals, model).values())
    return float(1.0 / (1.0 + np.exp(-odds)))


def doubt(signals: Mapping[str, float], model: Model | None = None) -> tuple[str, ...]:
    """A warning where the confidence lies below DOUBT, none otherwise."""
    model = model or fitted()
    if confidence(signals, model) >= DOUBT:
        return ()
    weighed = _weighed(signals, model)
    worst = max(weighed, key=lambda name: weighed[name], default=None)
    return () if worst is None else (f"The result is doubtful. {model.terms[worst].advice}",)


def _weighed(signals: Mapping[str, float], model: Model) -> dict[str, float]:
    return {
        name: term.weight * float(np.clip(signals.get(name, 0.0) / term.full, 0.0, 1.0))
        for name, term in model.terms.items()
    }
