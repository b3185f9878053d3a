"""Mannequins before and after, read exactly, and one core for torch."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
import pytest
from mannequin import Look, MannequinNets, draw_mannequin

from fittingroom.engines.neural.body import Body, BodyReader

if importlib.util.find_spec("torch"):
    import torch

    torch.set_num_threads(1)

NEW_COLOUR = (200, 60, 40)


@dataclass
class Dressing:
    """A photo, a perfectly made picture of another top, both read, and where the drawing changed."""

    photo: np.ndarray
    made: np.ndarray
    body: Body
    after: Body

    @property
    def differs(self) -> np.ndarray:
        return np.asarray((self.photo != self.made).any(axis=-1))


@cache
def dressing(old: Look, new: Look) -> Dressing:
    before, then = draw_mannequin(old), draw_mannequin(new)
    rgb = then.rgb.copy()
    rgb[then.cloth == 1] = NEW_COLOUR
    then = replace(then, rgb=rgb)
    readers = [BodyReader(nets=MannequinNets(drawn, None)) for drawn in (before, then)]
    return Dressing(before.rgb, rgb, readers[0].read(before.rgb), readers[1].read(rgb))


@pytest.fixture
def dressed() -> Callable[[Look, Look], Dressing]:
    """Old look, new look -> the photo and what an editor without any fault would make of it."""
    return dressing


@pytest.fixture
def textured() -> np.ndarray:
    """A picture with structure everywhere, uint8 (400, 300, 3)."""
    noise = np.random.default_rng(3).integers(0, 255, (400, 300, 3)).astype(np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4).astype(np.float32)
    return np.clip((smooth - 127) * 5 + 127, 0, 255).astype(np.uint8)
