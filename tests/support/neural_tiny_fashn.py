"""`fashn` with a network of a few thousand random weights, and eyes that know the drawn mannequin.

Nothing but the sizes is small: the weights are a set in the store, entered by `adopt_folder`, loaded by the real path,
and every step of the engine runs. A server under test names it as `neural_tiny_fashn:TinyFashn`; the set lies where
FITTINGROOM_MODELS_DIR says.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mannequin import Look, Mannequin, MannequinNets, draw_mannequin

from fittingroom.engines.analysis import Analyses
from fittingroom.engines.fashn.config import Config
from fittingroom.engines.fashn.engine import WEIGHTS, FashnEngine
from fittingroom.engines.neural.body import Body, BodyReader
from fittingroom.engines.protocol import ClothesType, Mask, NoGarmentFound, NoPersonFound, RgbImage
from fittingroom.models import set_folder
from fittingroom.models.sets import adopt_folder
from fittingroom.setting_neural import NeuralSettings

TINY = Config(hidden=64, heads=2, patch=32, times=32, categories=4, mixers=1, doubles=2, singles=2, mlp=128)
SIZE = (96, 64)
"""Height and width of a frame of six tokens of TINY; of the network's own frame, 864 by 576 px, it makes 486."""

BLUE = (40, 60, 190)


class DrawnReader:
    """Reads the mannequin through `BodyReader`, whatever its clothes became, and a product on white by its colour."""

    def __init__(self, mannequin: Mannequin) -> None:
        self._body = BodyReader(nets=MannequinNets(mannequin, None))
        self.reads = 0

    def load(self) -> None:
        """Nothing to load."""

    def using(self, analyses: Analyses) -> DrawnReader:
        """Itself."""
        return self

    def read(self, photo: RgbImage) -> Body:
        """The mannequin; nobody in a picture of one colour."""
        self.reads += 1
        if photo.std() < 1:
            raise NoPersonFound("one colour only")
        return self._body.read(photo)

    def garment(self, photo: RgbImage, clothes_type: ClothesType) -> Mask:
        """All that is not white."""
        mask = np.asarray(photo.min(axis=-1) < 200, np.float32)
        if not mask.any():
            raise NoGarmentFound("a white picture")
        return mask


class TinyFashn(FashnEngine):
    """The engine under its own name, for the drawn mannequin of 480 x 640."""

    def __init__(
        self, locate: Callable[[str], Path] = set_folder, settings: NeuralSettings | None = None, **rest: object
    ) -> None:
        reader = rest.get("reader") or DrawnReader(drawn_person())
        super().__init__(locate, settings or NeuralSettings(steps=3, attempts=1), reader=reader, size=SIZE)


def drawn_person(width: int = 480, height: int = 640) -> Mannequin:
    """A mannequin in a short-sleeved top and trousers."""
    return draw_mannequin(Look(width=width, height=height))


def drawn_garment(width: int = 400, height: int = 400) -> RgbImage:
    """A blue top on white."""
    photo = np.full((height, width, 3), 255, np.uint8)
    across, down = width / 10, height / 10
    outline = [(3, 2), (7, 2), (9, 4), (8, 5), (7, 4.4), (7, 9), (3, 9), (3, 4.4), (2, 5), (1, 4)]
    cv2.fillPoly(photo, [np.array([(x * across, y * down) for x, y in outline], np.int32)], BLUE)
    return photo


def tiny_set(scratch: Path, store: Path, seed: int = 0) -> Path:
    """Enter tiny random weights as the set `fashn` of `store`; the set's folder. scratch: an empty folder."""
    save_tiny(scratch / WEIGHTS, seed=seed)
    return adopt_folder("fashn", scratch, store)


def tiny_weights(config: Config = TINY, seed: int = 0) -> dict[str, Any]:
    """Random tensors, float32, under the published names; norms' scales lie round 1, as trained ones do."""
    import torch

    from fittingroom.engines.fashn.network import Network

    random = torch.Generator("cpu").manual_seed(seed)
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in Network(config).state_dict().items()}
    weights = {}
    for name, shape in shapes.items():
        fan = shape[1:].numel() if len(shape) > 1 else 64
        weights[name] = torch.randn(shape, generator=random) / fan**0.5
        if name.endswith("_norm.scale"):
            weights[name] += 1.0
    return weights


def save_tiny(path: Path, config: Config = TINY, seed: int = 0) -> Path:
    """Write the checkpoint; `path`, for the caller's convenience."""
    from safetensors.torch import save_file

    save_file(tiny_weights(config, seed), path)
    return path
