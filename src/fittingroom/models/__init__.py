"""Weights: the manifest, where they lie, how they are brought and checked.

Engines need `weight_path` alone; the command line uses the rest. No weight is part of the project itself.
Invariant: nothing is handed to an engine whose sha256 was not checked when it entered the cache.
"""

from fittingroom.models.errors import MissingWeight, ModelsError, PullFailed, SourceFailed
from fittingroom.models.manifest import Weight, all_weights
from fittingroom.models.store import State, models_dir, state, weight_path

__all__ = [
    "MissingWeight",
    "ModelsError",
    "PullFailed",
    "SourceFailed",
    "State",
    "Weight",
    "all_weights",
    "models_dir",
    "state",
    "weight_path",
]
