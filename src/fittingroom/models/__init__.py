"""Weights: the manifest, where they lie, how they are brought and checked.

Engines need `weight_path` and `set_folder` alone; the command line uses the rest. No weight is part of the
project itself. Invariant: nothing is handed to an engine whose sha256 was not checked when it entered the cache.
"""

from fittingroom.models.errors import LicenceRefused, MissingWeight, ModelsError, PullFailed, SourceFailed
from fittingroom.models.manifest import Weight, all_weights
from fittingroom.models.sets import set_folder
from fittingroom.models.sets_manifest import WeightSet, all_sets
from fittingroom.models.store import State, models_dir, state, weight_path

__all__ = [
    "LicenceRefused",
    "MissingWeight",
    "ModelsError",
    "PullFailed",
    "SourceFailed",
    "State",
    "Weight",
    "WeightSet",
    "all_sets",
    "all_weights",
    "models_dir",
    "set_folder",
    "state",
    "weight_path",
]
