"""How much the network `fashn` computes, by formula, so that a speed can be given as a share of what a card can do.

A product of (m, k) with (k, n) counts 2 m k n; norms, activations and the rotary turning are left out, as PyTorch's own
counter leaves them out. Invariant: agrees with `torch.utils.flop_counter.FlopCounterMode` exactly.
"""

from __future__ import annotations

from fittingroom.engines.fashn.config import COLOURS, GARMENT_CHANNELS, PERSON_CHANNELS, Config


def pass_flops(config: Config, batch: int, height: int = 864, width: int = 576) -> int:
    """Operations of one pass of the network over `batch` pictures (guidance doubles the batch).

    With n tokens a picture, width h and MLP width m: a single block on t tokens is 2 t h (3 h + m) + 2 t (h + m) h for
    its linear maps and 4 t t h for attention; a double block is 2 n streams of 2 h (4 h + 2 m) and attention on 2 n.
    """
    h, m, n = config.hidden, config.mlp, config.tokens(height, width)
    blocks = config.mixers * _single(n, h, m) + config.singles * _single(2 * n, h, m)
    blocks += config.doubles * (2 * n * 2 * h * (4 * h + 2 * m) + 4 * (2 * n) ** 2 * h)
    square = config.patch**2
    ends = 2 * n * h * square * (PERSON_CHANNELS + GARMENT_CHANNELS + COLOURS)
    modulation = 2 * h * h * (3 * (config.mixers + config.singles) + 12 * config.doubles + 2)
    time = 2 * h * (config.times + h)
    return batch * (blocks + ends + modulation + time)


def picture_flops(config: Config, guided: int, plain: int, batch: int = 1) -> int:
    """Operations of `batch` pictures, of which `guided` steps are with guidance and `plain` without."""
    return pass_flops(config, 2 * batch) * guided + pass_flops(config, batch) * plain


def parameters(config: Config) -> int:
    """Learned numbers of the network."""
    h, m = config.hidden, config.mlp
    head = 2 * config.head
    single = h * (3 * h + m) + (3 * h + m) + (h + m) * h + h + head + 3 * h * h + 3 * h
    stream = 3 * h * h + 3 * h + head + h * h + h + 2 * h * m + m + h + 6 * h * h + 6 * h
    square = config.patch**2
    ends = (PERSON_CHANNELS + GARMENT_CHANNELS + COLOURS) * square * h + 2 * h + COLOURS * square + 2 * h * h + 2 * h
    time = config.times * h + h + h * h + h + config.categories * h
    return (config.mixers + config.singles) * single + 2 * config.doubles * stream + ends + time


def _single(tokens: int, h: int, m: int) -> int:
    return 2 * tokens * h * (3 * h + m) + 2 * tokens * (h + m) * h + 4 * tokens * tokens * h
