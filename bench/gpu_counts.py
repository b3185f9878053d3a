"""What a step of each network computes, by count on PyTorch's meta device: no card, no weights, no memory is needed.

A line of Markdown per network: parameters, tokens of a step, operations of a step and of a picture without its VAE. The
sizes are those of `gpu_networks`. The seconds are what a card with so many operations per second would take at 55 % of
them: a reckoning, no measurement.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

TARGET, REFERENCE = (64, 48), (48, 48)
"""Latent rows and columns of the picture and its person (768x1024 px, 16 px a token), and of the garment (768x768)."""


def _tokens() -> int:
    return 2 * TARGET[0] * TARGET[1] + REFERENCE[0] * REFERENCE[1]


def _count(call: Callable[[], Any]) -> float:
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        call()
    return float(counter.get_total_flops())


Counted = tuple[int, int, float, int, float]
"""Parameters, tokens of a step, its operations, steps, operations of a picture."""


def klein() -> Counted:
    """As the engine runs it: 4 steps, unguided."""
    from fittingroom.engines.flux2_klein.full_size import TEXT_LENGTH, TEXT_WIDTH, full_size

    network: Any = full_size("meta").transformer
    with torch.device("meta"):
        words = torch.empty(1, TEXT_LENGTH, TEXT_WIDTH, dtype=torch.bfloat16)
        shown = torch.empty(1, _tokens(), 128, dtype=torch.bfloat16)
        ids = torch.empty(1, _tokens(), 4), torch.empty(1, TEXT_LENGTH, 4)
        time = torch.empty(1, dtype=torch.bfloat16)
        done = _count(lambda: network(shown, words, time, img_ids=ids[0], txt_ids=ids[1]))
    return sum(one.numel() for one in network.parameters()), _tokens() + TEXT_LENGTH, done, 4, 4 * done


def qwen() -> Counted:
    """With the Lightning weights, unguided; the pipeline makes each reference a megapixel."""
    from diffusers import QwenImageTransformer2DModel

    from fittingroom.engines.qwen_edit.full_size import TEXT_LENGTH, TEXT_WIDTH, TRANSFORMER

    with torch.device("meta"):
        network: Any = QwenImageTransformer2DModel(**TRANSFORMER).to(torch.bfloat16)
        grids = [(1, *TARGET), (1, 74, 55), (1, 64, 64)]
        tokens = sum(rows * columns for _, rows, columns in grids)
        words = torch.empty(1, TEXT_LENGTH, TEXT_WIDTH, dtype=torch.bfloat16)
        shown = torch.empty(1, tokens, 64, dtype=torch.bfloat16)
        time = torch.empty(1, dtype=torch.bfloat16)
        done = _count(lambda: network(shown, words, None, time, img_shapes=[grids]))
    return sum(one.numel() for one in network.parameters()), tokens + TEXT_LENGTH, done, 4, 4 * done


def fashn() -> Counted:
    """A guided step is two passes; the last of 20 is not guided."""
    from fittingroom.engines.fashn.config import Config
    from fittingroom.engines.fashn.flops import parameters, pass_flops, picture_flops

    config = Config()
    tokens = 2 * 2 * config.tokens(864, 576)
    return parameters(config), tokens, float(pass_flops(config, 2)), 20, float(picture_flops(config, 19, 1))


COUNTS = {"fashn": fashn, "flux2-klein": klein, "qwen-edit": qwen}


def main() -> None:
    """Print a line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", default=list(COUNTS), choices=list(COUNTS))
    parser.add_argument("--peak", type=float, default=700.0, help="TFLOP/s of a matrix product that is assumed")
    options = parser.parse_args()
    seconds = f"s of a picture at 55 % of {options.peak:g} TFLOP/s"
    print(f"| network | million parameters | tokens | TFLOP a step | steps | TFLOP a picture | {seconds} |")
    print("|---|---|---|---|---|---|---|")
    for name in options.networks:
        parameters, tokens, step, steps, picture = COUNTS[name]()
        whole = picture / 1e12
        told = f"{parameters / 1e6:.1f} | {tokens} | {step / 1e12:.1f} | {steps} | {whole:.0f}"
        print(f"| {name} | {told} | {whole / 0.55 / options.peak:.2f} |", flush=True)


if __name__ == "__main__":
    main()
