"""Fitting Room: virtual try-on, self-hosted.

    from fittingroom import FittingRoom, Garment
    FittingRoom().try_on("person.jpg", "shirt.jpg", "Upper-body").save("dressed.jpg")

The public Python API is what `__all__` names; everything else may change. Names are loaded on first use, so that
`import fittingroom` costs nothing to the gateway and the command line. Invariant: ONNX Runtime, whoever imports it
later, keeps no notes of its use in the user's folder and sends none to its maker, unless the environment allows it.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fittingroom.api import FittingRoom, Garment
    from fittingroom.engines.protocol import ClothesType, FitStyle, TryOnOptions, TryOnReport, Tuck

__version__ = "0.1.0"

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = ["ClothesType", "FitStyle", "FittingRoom", "Garment", "TryOnOptions", "TryOnReport", "Tuck", "__version__"]

_HOMES = {
    "ClothesType": "fittingroom.engines.protocol",
    "FitStyle": "fittingroom.engines.protocol",
    "FittingRoom": "fittingroom.api",
    "Garment": "fittingroom.api",
    "TryOnOptions": "fittingroom.engines.protocol",
    "TryOnReport": "fittingroom.engines.protocol",
    "Tuck": "fittingroom.engines.protocol",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
