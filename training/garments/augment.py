"""What training does to a picture: smooth bends, torn cut-outs, other cloth, light and camera.

The engine's cut-outs err in whole regions, not only at their edge: cloth that resembles the floor is missing, or floor
between legs and under arms came along. So the network learns marks from cut-outs spoilt in the same ways.
Invariant: all of it depends on the generator's state alone; marks move with the picture.
"""

import cv2
import numpy as np
from painting import pattern, some_colour


def noise(rng, shape, cells: int) -> np.ndarray:
    """Smooth noise of about unit variance, float32 of `shape`."""
    grid = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    return cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC)


def torn(rng, alpha):
    """A cut-out with whole regions gone or too many; as it was where too little would be left. uint8 (H, W)."""
    pick = rng.random()
    if pick > 0.3:
        return alpha
    height, width = alpha.shape
    unit = max(height, width) / 100
    field = noise(rng, alpha.shape, int(rng.integers(3, 7)))
    if pick < 0.09:
        out = np.where(field > rng.uniform(0.9, 1.7), np.uint8(0), alpha)
        enough = (out > 127).sum() > 0.6 * (alpha > 127).sum()
        return out if enough else alpha
    wide = int(rng.uniform(4, 40) * unit) if pick < 0.2 else int(rng.uniform(3, 16) * unit)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide | 1, wide | 1))
    # The hull of arms or legs and what lies between them, or a rim all around.
    padded = cv2.copyMakeBorder(alpha, wide, wide, wide, wide, cv2.BORDER_CONSTANT, value=0)
    grown = cv2.morphologyEx(padded, cv2.MORPH_CLOSE if pick < 0.2 else cv2.MORPH_DILATE, disc)
    grown = grown[wide : wide + height, wide : wide + width]
    return np.where(field > rng.uniform(-0.5 if pick < 0.2 else 0.7, 1.5), np.maximum(alpha, grown), alpha)


def nicked(rng, alpha):
    """Nicks and leftovers at the edge, a hanger's hook, a soft edge."""
    side = alpha.shape[0]
    if rng.random() < 0.3:
        edge = cv2.findNonZero(
            cv2.morphologyEx((alpha > 127).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3)))
        ).reshape(-1, 2)
        for _ in range(rng.integers(1, 4)):
            at = edge[rng.integers(len(edge))]
            size = (int(rng.integers(2, 9)), int(rng.integers(2, 9)))
            value = 255 if rng.random() < 0.4 else 0
            cv2.ellipse(alpha, (int(at[0]), int(at[1])), size, float(rng.uniform(0, 180)), 0, 360, value, -1)
    if rng.random() < 0.12:
        x, y = int(side / 2 + rng.normal(0, 6)), int(rng.integers(2, 24))
        cv2.line(alpha, (x, 0), (x, y), 255, int(rng.integers(1, 5)))
    return cv2.GaussianBlur(alpha, (0, 0), rng.uniform(0.3, 1.1))


def bend(rng, side: int):
    """A smooth displacement of the square, float32 (side, side, 2) px: the output's x shows the input's x + bend(x)."""
    grid = rng.normal(0, rng.uniform(0.0, 0.022) * side, (int(rng.integers(3, 6)),) * 2 + (2,)).astype(np.float32)
    return cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)


def bent_marks(marks, field):
    """Where input points (n, 2) px come to lie in the output of `bend`; NaN stays."""
    out = marks.copy()
    side = field.shape[0]
    for _ in range(4):
        at = np.clip(np.nan_to_num(out), 0, side - 1).astype(np.intp)
        out = marks - field[at[:, 1], at[:, 0]]
    return out


def recoloured(rng, rgb, *, strong: bool):
    """Other cloth, light and camera. strong: for photos, of which there are few."""
    if strong and rng.random() < 0.3:
        rgb = _reprinted(rng, rgb)
    if rng.random() < 0.5:
        rgb = rgb[..., rng.permutation(3)]
    out = rgb.astype(np.float32)
    if rng.random() < 0.3:
        grey = out.mean(axis=2, keepdims=True)
        out = grey + (out - grey) * rng.uniform(0.0, 1.6)
    spread = 0.35 if strong else 0.25
    out = (out - 128) * np.exp(rng.normal(0, spread)) + 128 + rng.normal(0, 45 * spread, 3)
    if rng.random() < 0.4:
        out = out * (1 + rng.uniform(0.03, 0.2) * noise(rng, rgb.shape[:2], 3)[..., None])
    if rng.random() < 0.1:
        out = 255 - out
    if rng.random() < 0.3:
        out = 255 * (np.clip(out, 0, 255) / 255) ** np.exp(rng.normal(0, 0.35))
    if rng.random() < 0.25:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.3, 1.4))
    if rng.random() < 0.3:
        out = out + rng.normal(0, rng.uniform(1, 9), out.shape)
    out = np.clip(out, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        out = cv2.imdecode(cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))])[1], 1)
    return out


def _reprinted(rng, rgb):
    """The photo's light on a cloth of another colour or pattern."""
    out = rgb.astype(np.float32)
    light = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None]
    cloth = np.broadcast_to(some_colour(rng), rgb.shape)
    if rng.random() < 0.6:
        print_ = pattern(rng, rgb.shape[0])
        cloth = cloth * (1 - print_) + some_colour(rng) * print_
    share = rng.uniform(0.3, 1.0)
    return np.clip(out * (1 - share) + cloth * (0.25 + light / 170) * share, 0, 255).astype(np.uint8)
