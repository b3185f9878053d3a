"""Synthetic garment photos: the polygons of `shapes` warped, patterned, folded, lit and rasterised.

The engine shows its network a cut-out garment on neutral grey, so no rooms need drawing: what lies outside the garment
is one plain or noisy colour that is seen only where the cut-out errs. Invariant: `draw` depends on its seed alone.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from bottoms import skirt, trousers
from shapes import BACK, FRONT, LABEL, SEAM, TRAITS, Shape, top

SIDE = 176
MARGIN = 16


@dataclass
class Picture:
    """rgb, alpha, roles: uint8 (SIDE, SIDE, 3), (SIDE, SIDE), (SIDE, SIDE); marks: name -> (x, y) px."""

    rgb: np.ndarray
    alpha: np.ndarray
    roles: np.ndarray
    marks: dict[str, np.ndarray]
    cut: str
    traits: set[str]
    kind: int


def draw(seed: int) -> Picture:
    """The picture of a seed. kind: 0 upper, 1 lower, 2 dress."""
    rng = np.random.default_rng(seed)
    kind = int(rng.choice(3, p=(0.48, 0.26, 0.26)))
    shape = top(rng, dress=kind == 2) if kind != 1 else trousers(rng) if rng.random() < 0.58 else skirt(rng)
    _place(rng, shape)
    cloth = _cloth(rng, shape)
    lining = cloth if rng.random() < 0.6 else np.full_like(cloth, some_colour(rng))
    picture, alpha, roles = _paint(rng, shape, cloth, lining)
    if rng.random() < 0.04:
        shape.traits.add("sheer")
        wall = pattern(rng) * rng.uniform(100, 255)
        mix = rng.uniform(0.35, 0.6)
        picture = picture * (1 - mix) + wall * mix
    wall = np.full_like(picture, some_colour(rng)) * (1 + 0.1 * _noise(rng, 12)[..., None])
    a = alpha[..., None]
    picture = picture * a + wall * (1 - a)
    grain = rng.standard_normal((SIDE, SIDE, 1), np.float32) * np.float32(rng.uniform(0, 5))
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.9)) + grain
    assert set(TRAITS) >= shape.traits
    as_bytes = np.clip(picture, 0, 255).astype(np.uint8)
    return Picture(as_bytes, (alpha * 255).astype(np.uint8), roles, shape.marks, shape.cut, shape.traits, kind)


def _place(rng, shape: Shape) -> None:
    """Bend, turn, tilt and scale all points into the picture."""
    every = np.vstack([p.points for p in shape.parts])
    waves = [(rng.uniform(0, 0.05), rng.uniform(0.5, 2.2, 2), rng.uniform(0, 6.3, 2)) for _ in range(3)]
    lean, angled = rng.normal(0, 0.04), rng.random() < 0.06
    if angled:
        shape.traits.add("angled")
    squeeze = rng.uniform(0.45, 0.7) if angled else rng.uniform(0.88, 1.12)
    tilt = rng.normal(0, 0.12 if angled else 0.035, 2) / max(np.ptp(every, axis=0).max(), 1) * 2
    angle = np.deg2rad(rng.normal(0, 5) if rng.random() < 0.75 else rng.uniform(-35, 35))
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = every.mean(axis=0)

    def bent(p):
        q = np.asarray(p, float) - centre
        for size, k, phase in waves:
            q = q + size * np.stack([np.sin(k[0] * q[:, 1] + phase[0]), np.sin(k[1] * q[:, 0] + phase[1])], 1)
        q = np.stack([q[:, 0] * squeeze + lean * q[:, 1], q[:, 1]], 1) / (1 + q @ tilt)[:, None]
        return q @ rotation

    for part in shape.parts:
        part.points = bent(part.points)
    every = np.vstack([p.points for p in shape.parts])
    low, size = every.min(axis=0), np.ptp(every, axis=0)
    zoom = (SIDE - 2 * MARGIN) / size.max()
    shift = (SIDE - size * zoom) / 2 - low * zoom
    for part in shape.parts:
        part.points = part.points * zoom + shift
    shape.marks = {k: bent(m[None])[0] * zoom + shift for k, m in shape.marks.items()}


def some_colour(rng) -> np.ndarray:
    """Colours as shops have them: half of them white, black, grey, navy or beige."""
    pick = rng.random()
    if pick < 0.5:
        bases = [(245, 245, 243), (24, 24, 28), (130, 132, 135), (36, 44, 74), (205, 188, 165), (70, 95, 140)]
        return np.clip(np.array(bases[rng.integers(len(bases))]) + rng.normal(0, 12, 3), 8, 252).astype(np.float32)
    hsv = np.uint8([[[rng.integers(180), rng.integers(40, 240), rng.integers(60, 250)]]])
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0].astype(np.float32)


def _noise(rng, cells: int, stretch: float = 1.0, side: int = SIDE) -> np.ndarray:
    """Smooth noise of about unit variance, (side, side); stretch > 1 makes it vertical."""
    grid = rng.normal(0, 1, (max(2, round(cells / stretch)), cells)).astype(np.float32)
    return cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)


def pattern(rng, side: int = SIDE) -> np.ndarray:
    """A random pattern 0..1, (side, side, 1)."""
    ys, xs = np.mgrid[0:side, 0:side].astype(np.float32)
    kind = rng.integers(6)
    period = rng.uniform(4, 22)
    if kind == 0:
        out = np.sin(2 * np.pi * (ys if rng.random() < 0.6 else xs) / period) > rng.uniform(-0.7, 0.7)
    elif kind == 1:
        out = 0.5 * (np.sin(2 * np.pi * ys / period) > 0.2) + 0.5 * (np.sin(2 * np.pi * xs / period) > 0.2)
    elif kind == 2:
        out = np.sin(2 * np.pi * ys / period) * np.sin(2 * np.pi * xs / period) > rng.uniform(0.4, 0.8)
    elif kind == 3:
        out = _noise(rng, int(rng.integers(8, 40)), side=side) > rng.uniform(0.0, 1.0)
    elif kind == 4:
        out = _noise(rng, int(rng.integers(30, 90)), side=side) * 0.3 + 0.5
    else:
        slope = rng.uniform(0.4, 1.2)
        lines = [np.sin(2 * np.pi * (ys + s * slope * xs) / (2 * period)) > 0.93 for s in (-1, 1)]
        out = lines[0] | lines[1]
    return cv2.GaussianBlur(out.astype(np.float32), (0, 0), 0.6)[..., None]


def _cloth(rng, shape: Shape) -> np.ndarray:
    out = np.broadcast_to(some_colour(rng), (SIDE, SIDE, 3)).astype(np.float32)
    if rng.random() < 0.45:
        p = pattern(rng)
        out = out * (1 - p) + some_colour(rng) * p
        if rng.random() < 0.4:
            p = pattern(rng)
            out = out * (1 - p) + some_colour(rng) * p
    if rng.random() < 0.12:
        out = _in_two(rng, shape, out)
    if rng.random() < 0.35:
        out = _printed(rng, shape, np.ascontiguousarray(np.clip(out, 0, 255), np.uint8)).astype(np.float32)
    return out


def _in_two(rng, shape: Shape, out: np.ndarray) -> np.ndarray:
    """Another colour below (or beside) a line: colour blocks, yokes, a skirt sewn to a top."""
    every = np.vstack([p.points for p in shape.parts])
    low, size = every.min(axis=0), np.ptp(every, axis=0)
    axis = 1 if rng.random() < 0.75 else 0
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    at = (
        (ys, xs)[1 - axis]
        - low[axis]
        - size[axis] * rng.uniform(0.15, 0.8)
        + rng.normal(0, 0.08) * (xs if axis else ys)
    )
    return np.where((at > 0)[..., None], some_colour(rng), out).astype(np.float32)


def _printed(rng, shape: Shape, out: np.ndarray) -> np.ndarray:
    """A motif or words on the chest."""
    every = np.vstack([p.points for p in shape.parts])
    x, y = every.mean(axis=0) + rng.normal(0, 8, 2)
    for _ in range(rng.integers(1, 7)):
        at = (int(x + rng.normal(0, 10)), int(y + rng.normal(0, 12)))
        colour = tuple(float(c) for c in some_colour(rng))
        size = int(rng.integers(3, 20))
        if rng.random() < 0.4:
            word = "".join(rng.choice(list("ABDEKLMNORSTVX"), rng.integers(2, 7)))
            cv2.putText(out, word, (at[0] - 15, at[1]), 0, rng.uniform(0.25, 0.8), colour, int(rng.integers(1, 3)))
        elif rng.random() < 0.5:
            cv2.circle(out, at, size, colour, -1)
        else:
            cv2.rectangle(out, (at[0] - size, at[1] - size // 2), (at[0] + size, at[1] + size // 2), colour, -1)
    return out


def _folds(rng, shape: Shape) -> np.ndarray:
    """Brightness of folds and light, (SIDE, SIDE)."""
    light = 1 + rng.uniform(0.02, 0.09) * _noise(rng, 5) + rng.uniform(0.01, 0.07) * _noise(rng, 14, rng.uniform(1, 3))
    if rng.random() < 0.5:
        ridges = np.abs(_noise(rng, int(rng.integers(5, 12)), rng.uniform(0.6, 3)))
        light = light - rng.uniform(0.05, 0.25) * np.exp(-ridges * rng.uniform(6, 14))
    if shape.pleats:
        xs = np.arange(SIDE, dtype=np.float32)
        light = light + shape.pleats * 0.4 * np.sin(xs * rng.uniform(0.3, 1.2) + 2 * _noise(rng, 4))
    return light


def _paint(rng, shape: Shape, cloth: np.ndarray, lining: np.ndarray):
    picture = np.zeros((SIDE, SIDE, 3), np.float32)
    alpha, roles = np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.uint8)
    folds = [_folds(rng, shape) for _ in range(2)]
    pieces = (cloth, np.roll(cloth, (23, 41), (0, 1)) if rng.random() < 0.7 else cloth)
    shadow, rim, seams = 0.04 + 0.46 * rng.random() ** 2, 0.3 * rng.random() ** 2, rng.uniform(0.2, 1.0)
    for i, part in enumerate(shape.parts):
        box = _box(part.points, 2 if part.role == SEAM else 8)
        corner = np.array([box[1].start, box[0].start])
        seen = picture[box]
        m = np.zeros(seen.shape[:2], np.uint8)
        points = np.rint((part.points - corner) * 16).astype(np.int32)
        if part.role == SEAM:
            cv2.polylines(m, [points], False, 255, 1, cv2.LINE_AA, 4)
            line = m * np.float32(seams / 255) * (alpha[box] > 0.5)
            seen *= (1 - line + line * np.float32(part.tone))[..., None]
            continue
        cv2.fillPoly(m, [points], 255, cv2.LINE_AA, 4)
        cover = m * np.float32(1 / 255)
        wide = cv2.GaussianBlur(cover, (0, 0), 3)
        seen *= (1 - shadow * wide * (1 - cover))[..., None]
        if part.role == LABEL:
            paint = np.full_like(seen, min(part.tone * 240, 250))
        else:
            light = np.float32(part.tone) * folds[i % 2][box] * (1 - rim + rim * np.minimum(1, wide * 1.25))
            paint = (lining if part.role == BACK else pieces[i % 2])[box] * light[..., None]
        seen += (paint - seen) * cover[..., None]
        np.maximum(alpha[box], cover, out=alpha[box])
        roles[box][cover > 0.5] = part.role
    return np.clip(picture, 0, 255, out=picture), alpha, roles


def _box(points: np.ndarray, room: int) -> tuple[slice, slice]:
    low = np.clip(np.floor(points.min(axis=0)).astype(int) - room, 0, SIDE - 2)
    high = np.clip(np.ceil(points.max(axis=0)).astype(int) + room, low + 2, SIDE)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


__all__ = ["BACK", "FRONT", "LABEL", "SIDE", "Picture", "draw"]
