"""From the published `model.safetensors` to a network on a device, each tensor on its own.

The network is built without memory, told its sizes by the file's header, and given each tensor as it is read; so that
no second copy of a gigabyte lies anywhere. Linear maps may be kept in eight bits: half the memory again, for some
exactness. Invariant: every tensor of the network comes from the file and every tensor of the file goes into it.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn import functional

from fittingroom.engines.fashn.blocks import DoubleBlock, SingleBlock
from fittingroom.engines.fashn.config import NotThisNetwork, Shapes, config_of
from fittingroom.engines.fashn.network import Network

EIGHT = torch.float8_e4m3fn
LARGEST = torch.finfo(EIGHT).max


class EightBitLinear(nn.Module):
    """A linear map whose weights are kept as float8 (e4m3), with one scale a row, and widened when it is used."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        rows = linear.weight.detach().float()
        scale = (rows.abs().amax(dim=1, keepdim=True) / LARGEST).clamp_min(torch.finfo(torch.float32).tiny)
        self.register_buffer("eight", (rows / scale).to(EIGHT))
        self.register_buffer("scale", scale.to(linear.weight.dtype))
        self.bias = linear.bias

    def forward(self, x: Tensor) -> Tensor:
        """As `nn.Linear`."""
        return functional.linear(x, self.eight.to(x.dtype) * self.scale, self.bias)


def load_network(path: Path, device: torch.device, dtype: torch.dtype, *, eight_bit: bool = False) -> Network:
    """The network of the checkpoint at `path`, for inference, on `device` and in `dtype`.

    eight_bit: keep the linear maps of the blocks in float8. Raises `NotThisNetwork` where names or shapes are not
    those of the network, or the file cannot be read.
    """
    shapes = shapes_at(path)
    with torch.device("meta"):
        network = Network(config_of(shapes))
    _require_same(shapes, shapes_of(network), path)
    # In eight bits the network may fit where it would not before: so it is made on the CPU.
    place = torch.device("cpu") if eight_bit else device
    with safe_open(str(path), framework="pt") as file:
        for name in shapes:
            _put(network, name, file.get_tensor(name).to(place, dtype))
    if eight_bit:
        _to_eight_bits(network)
        network.to(device)
    network.requires_grad_(False)
    network.eval()
    return network


def shapes_of(network: Network) -> Shapes:
    """Names and shapes of all that a checkpoint of `network` holds."""
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def shapes_at(path: Path) -> Shapes:
    """Names and shapes of the tensors in the file at `path`; reads its header alone. Raises `NotThisNetwork`."""
    try:
        with safe_open(str(path), framework="pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise NotThisNetwork(f"{path.name} cannot be read: {error}") from error


def _require_same(found: Shapes, wanted: Shapes, path: Path) -> None:
    missing, strange = sorted(wanted.keys() - found.keys()), sorted(found.keys() - wanted.keys())
    other = sorted(name for name in wanted.keys() & found.keys() if wanted[name] != found[name])
    for names, what in ((missing, "lacks"), (strange, "has, unknown to the network,"), (other, "has of another shape")):
        if names:
            more = f" and {len(names) - 1} more" if names[1:] else ""
            raise NotThisNetwork(f"{path.name} {what} {names[0]}{more}")


def _put(network: Network, name: str, tensor: Tensor) -> None:
    owner, _, last = name.rpartition(".")
    module = network.get_submodule(owner)
    if last in dict(module.named_buffers(recurse=False)):
        module.register_buffer(last, tensor)
    else:
        setattr(module, last, nn.Parameter(tensor, requires_grad=False))


def _to_eight_bits(network: Network) -> None:
    for block in network.modules():
        if isinstance(block, (DoubleBlock, SingleBlock)):
            for name, part in list(block.named_modules()):
                if isinstance(part, nn.Linear):
                    owner, _, last = name.rpartition(".")
                    setattr(block.get_submodule(owner), last, EightBitLinear(part))
