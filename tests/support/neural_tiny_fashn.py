"""A checkpoint of the network `fashn` with few small blocks and random weights, saved as the published one is."""

from pathlib import Path
from typing import Any

from fittingroom.engines.fashn.config import Config

TINY = Config(hidden=64, heads=2, patch=32, times=32, categories=4, mixers=1, doubles=2, singles=2, mlp=128)
SIZE = (96, 64)
"""Height and width of a frame of six tokens of TINY; of the network's own frame, 864 by 576 px, it makes 486."""


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
