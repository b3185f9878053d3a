"""Pictures as an image editor would make them, where no editor can be run: a known change, redrawn with known faults.

Nothing here is an editor. A finished try-on picture is taken for what the editor meant to draw, and redrawn with the
faults that editors are known for: the whole picture shifted, grown and turned a little, a cast of colour, local warps
that are stronger in face, hair and hands, fine texture made anew, slow changes of light, parts of the background drawn
differently, and the blur and blocks of a latent code. Invariant: the same drift and picture give the same bytes, and
`Drift.warp` is the very map by which the picture has moved, local warps aside.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fittingroom.engines.protocol import Mask, RgbImage

FIRM, SOFT = 0.6, 1.4
"""Local warps, px of the drawing (root of the mean square): of clothes and background, of face, hair and hands."""

SLOW, LIGHT, GRAIN = 24.0, 1.5, 2.0
"""How slowly warps change over the picture, px; changes of light and fine texture, grey levels."""

ELSEWHERE, MOVED = 0.12, 5
"""Share of the background that is drawn differently, and by how many px it is off there."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How a drawing is off. zoom: beside 1. shift: x, y in parts of the drawing's longer side. turn: degrees. cast:
    CIELAB added everywhere. seed: of all that is random."""

    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0
    cast: tuple[float, float, float] = (0.0, 0.0, 0.0)
    seed: int = 0

    @classmethod
    def drawn(cls, seed: int) -> Drift:
        """A drift of the sizes that are told of editors: zoom 0.97..1.04, shift to 2 %, 0.6 degrees, cast to 4."""
        rng = np.random.default_rng(seed)
        shift = rng.uniform(-0.02, 0.02, 2)
        lightness, red, yellow = rng.uniform(-1, 1, 3) * (3.0, 4.0, 4.0)
        return cls(
            float(rng.uniform(0.97, 1.04)),
            (float(shift[0]), float(shift[1])),
            float(rng.uniform(-0.6, 0.6)),
            (float(lightness), float(red), float(yellow)),
            seed,
        )

    def warp(self, shape: tuple[int, ...]) -> np.ndarray:
        """The map (2, 3) from px of what was meant to px of what was drawn, both of `shape` (H, W, ...)."""
        height, width = shape[:2]
        out = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), self.turn, self.zoom)
        out[:, 2] += np.array(self.shift) * max(height, width)
        return np.asarray(out, np.float64)


def redrawn(meant: RgbImage, loose: Mask, background: Mask, drift: Drift) -> RgbImage:
    """`meant`, uint8 (H, W, 3), as an editor would have drawn it.

    loose: float32 (H, W), 1 where face, hair and hands are. background: the same for what lies behind the person.
    """
    rng = np.random.default_rng(drift.seed)
    shape = meant.shape[:2]
    picture = _elsewhere(meant, background, rng)
    amount = (FIRM + (SOFT - FIRM) * cv2.GaussianBlur(loose, (0, 0), 4))[..., None]
    field = np.dstack([_slow(rng, shape, SLOW), _slow(rng, shape, SLOW)]) * amount
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    maps = (np.float32(columns + field[..., 0]), np.float32(rows + field[..., 1]))
    picture = cv2.remap(picture, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    picture = cv2.bilateralFilter(picture, 5, 12, 2).astype(np.float32)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (*shape, 3)), (0, 0), 1.2)
    picture += GRAIN * grain / grain.std() + LIGHT * _slow(rng, shape, 80.0)[..., None]
    picture = _tinted(np.clip(picture, 0, 255), drift.cast)
    moved = cv2.warpAffine(
        picture, drift.warp(shape), shape[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    _, code = cv2.imencode(".jpg", moved[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.ascontiguousarray(cv2.imdecode(code, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)


def _slow(rng: np.random.Generator, shape: tuple[int, ...], length: float) -> np.ndarray:
    """Noise (H, W) of variance 1 that changes over `length` px."""
    noise = cv2.GaussianBlur(rng.normal(0, 1, shape[:2]), (0, 0), length)
    return np.asarray(noise / noise.std(), np.float64)


def _elsewhere(meant: RgbImage, background: Mask, rng: np.random.Generator) -> RgbImage:
    """Blotches of the background taken from MOVED px beside."""
    blotches = _slow(rng, meant.shape, 20.0)
    there = blotches > np.quantile(blotches, 1 - ELSEWHERE)
    share = cv2.GaussianBlur(np.float32(there), (0, 0), 3) * (background > 0.9)
    other = np.roll(meant, (MOVED, -MOVED), (0, 1))
    return np.asarray(np.rint(meant + (other - meant.astype(np.float32)) * share[..., None]), np.uint8)


def _tinted(picture: np.ndarray, cast: tuple[float, float, float]) -> np.ndarray:
    lab = cv2.cvtColor(np.float32(picture / 255.0), cv2.COLOR_RGB2LAB) + np.float32(cast)
    rgb = cv2.cvtColor(np.float32(lab), cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(np.rint(rgb * 255), 0, 255), np.uint8)
