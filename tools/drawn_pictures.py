"""The drawn pictures of docs/drape.md: a dressed person and a garment, with the classes and joints that are true.

Drawn like the tests' mannequin (`tests/support/mannequin.py`), whose class it fills, but in natural colours, shaded
and with soft folds, so that light, skin and folds have something to tell. Nobody's photo and nobody's design.
Lengths are in shoulder widths: u to the picture's right, v down from the shoulders. Invariant: no randomness but a
seeded one; nothing is drawn under the clothes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from mannequin import BODY_SKIN, BOTTOM, CLEAR, CLOTHES, FACE_SKIN, HAIR_CLASS, NOTHING, OTHER, TOP, Mannequin

WIDTH, HEIGHT, FINER = 480, 640, 3
WALL, FLOOR, TONE, LIPS, HAIR, EYES = (
    (226, 224, 219),
    (205, 200, 192),
    (214, 164, 134),
    (190, 112, 100),
    (74, 50, 38),
    (48, 36, 32),
)
WORN, JEANS, SOLE = (150, 152, 156), (58, 72, 100), (236, 234, 230)
CREAM, NAVY, LINING, CORAL, LABEL = (240, 234, 220), (44, 62, 104), (150, 146, 138), (226, 106, 78), (252, 252, 250)
ARMS = (
    ((-0.50, 0.03), (-0.96, 0.66), (-0.63, 1.20), (-0.53, 1.33)),
    ((0.50, 0.03), (0.72, 0.76), (0.82, 1.44), (0.85, 1.66)),
)
LEGS = tuple(((s * 0.29, 1.55), (s * 0.32, 2.68), (s * 0.34, 3.74)) for s in (-1, 1))
TORSO = (
    (0.17, -0.22),
    (0.34, -0.16),
    (0.53, -0.08),
    (0.62, 0.06),
    (0.57, 0.24),
    (0.52, 0.50),
    (0.47, 1.0),
    (0.53, 1.42),
    (0.55, 1.66),
)
HIPS = ((0.44, 1.2), (0.53, 1.5), (0.56, 1.8), (0.54, 2.1), (0.06, 2.15), (0.0, 1.88))
LIGHT = (-0.75, -0.65)
Points = tuple[tuple[float, float], ...]
Colour = tuple[int, int, int]


@dataclass
class DrawnGarment:
    """rgb: uint8 (H, W, 3). classes: uint8 (H, W), 1 on the garment, what u2net-cloth would say of a top."""

    rgb: np.ndarray
    classes: np.ndarray


class Canvas:
    """A picture FINER times as fine as it comes out, its classes, and the place (px) and size of a shoulder width."""

    def __init__(self, width: int, height: int, back: Colour, zero: tuple[float, float], unit: float) -> None:
        shape = (height * FINER, width * FINER)
        self.zero, self.unit = np.array(zero) * FINER, unit * FINER
        self.rgb = np.full((*shape, 3), back, np.float32)
        self.selfie, self.cloth = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)

    def px(self, points: object) -> np.ndarray:
        """Pixels of points (u, v)."""
        return np.asarray(points, np.float64) * self.unit + self.zero

    def shape(self, points: object, *, rounded: bool = True) -> np.ndarray:
        """The polygon as a mask, its corners cut (Chaikin) where `rounded`."""
        at = self.px(points)
        for _ in range(4 if rounded else 0):
            after = np.roll(at, -1, axis=0)
            at = np.stack([0.75 * at + 0.25 * after, 0.25 * at + 0.75 * after], axis=1).reshape(-1, 2)
        mask = np.zeros(self.cloth.shape, np.uint8)
        cv2.fillPoly(mask, [np.rint(at).astype(np.int32)], 1)
        return mask > 0

    def tube(self, line: object, radii: tuple[float, ...]) -> np.ndarray:
        """A bent line of varying radius as a mask."""
        at, size = (
            bent(np.asarray(line, np.float64), 160),
            np.interp(np.linspace(0, 1, 160), np.linspace(0, 1, len(radii)), radii),
        )
        mask = np.zeros(self.cloth.shape, np.uint8)
        for (x, y), radius in zip(np.rint(self.px(at)).astype(int), size * self.unit, strict=True):
            cv2.circle(mask, (int(x), int(y)), max(1, round(float(radius))), 1, -1)
        return mask > 0

    def oval(self, centre: tuple[float, float], size: tuple[float, float]) -> np.ndarray:
        """An ellipse as a mask."""
        mask = np.zeros(self.cloth.shape, np.uint8)
        x, y = np.rint(self.px(centre)).astype(int)
        cv2.ellipse(mask, (int(x), int(y)), (round(size[0] * self.unit), round(size[1] * self.unit)), 0, 0, 360, 1, -1)
        return mask > 0

    def paint(self, where: np.ndarray, colour: object, selfie: int, cloth: int = NOTHING, depth: float = 0.3) -> None:
        """Fill with a colour (or a picture), rounded by light from the upper left."""
        box = around(where, 0)
        inside = where[box]
        fill = np.asarray(colour, np.float32)
        fill = fill[box] if fill.ndim == 3 else fill
        self.rgb[box][inside] = (fill * rounding(where, depth)[..., None])[inside] if depth else fill
        self.selfie[where], self.cloth[where] = selfie, cloth

    def folds(self, within: np.ndarray, strokes: list[Points], wide: float = 0.028, strength: float = 0.13) -> None:
        """Soft ridges along bent lines, bright on the light's side."""
        box = around(within, 4)
        corner = np.array([box[1].start, box[0].start])
        field = np.zeros(within[box].shape, np.float32)
        for stroke in strokes:
            one = np.zeros(field.shape, np.uint8)
            line = np.rint(self.px(bent(np.array(stroke), 24)) - corner).astype(np.int32)
            cv2.polylines(one, [line], False, 255, max(1, round(0.9 * wide * self.unit)))
            soft = blurred(one.astype(np.float32) / 255, wide * self.unit)
            field = np.maximum(field, soft / max(float(soft.max()), 1e-6))
        dx, dy = (cv2.Sobel(field, cv2.CV_32F, i, 1 - i) for i in (1, 0))
        light = (LIGHT[0] * dx + LIGHT[1] * dy) * wide * self.unit * -0.16
        self.rgb[box] *= np.where(within[box], 1.0 - strength * np.clip(light, -1.2, 1.0), 1.0)[..., None]

    def shade(self, by: np.ndarray, where: np.ndarray, strength: float, soft: float, down: float) -> None:
        """The soft shadow that the shape `by` throws downwards on `where`; lengths in shoulder widths."""
        fallen = np.roll(blurred(by.astype(np.float32), soft * self.unit), round(down * self.unit), 0)
        self.rgb *= (1.0 - strength * fallen * where)[..., None]

    def finished(self, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The picture uint8 with a camera's grain, and both class maps, at its own size."""
        size = (self.rgb.shape[1] // FINER, self.rgb.shape[0] // FINER)
        rgb = cv2.resize(np.clip(self.rgb, 0, 255), size, interpolation=cv2.INTER_AREA)
        grain = np.random.default_rng(seed).integers(-2, 3, rgb.shape)
        half = FINER // 2
        selfie, cloth = (np.ascontiguousarray(m[half::FINER, half::FINER]) for m in (self.selfie, self.cloth))
        return np.clip(np.rint(rgb + grain), 0, 255).astype(np.uint8), selfie, cloth


def bent(line: np.ndarray, count: int) -> np.ndarray:
    """A polyline at `count` places with rounded corners; its ends stay."""
    at = np.stack(
        [np.interp(np.linspace(0, len(line) - 1, count), np.arange(len(line)), line[:, i]) for i in (0, 1)], 1
    )
    pad = max(1, count // 8)
    long = np.concatenate([2 * at[0] - at[pad:0:-1], at, 2 * at[-1] - at[-2 : -pad - 2 : -1]])
    kernel = np.hanning(2 * pad + 1)
    return np.stack([np.convolve(long[:, i], kernel / kernel.sum(), "valid") for i in (0, 1)], axis=1)


def blurred(values: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur, worked out at a quarter of the size."""
    small = cv2.resize(values, (values.shape[1] // 4, values.shape[0] // 4), interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), max(0.4, sigma / 4)), values.shape[::-1])


def around(where: np.ndarray, margin: int) -> tuple[slice, slice]:
    """The box round a mask, as slices."""
    ys, xs = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    return tuple(slice(max(0, int(a[0]) - margin), int(a[-1]) + 1 + margin) for a in (ys, xs))  # type: ignore[return-value]


def rounding(where: np.ndarray, depth: float) -> np.ndarray:
    """How a cushion of that outline is lit: the factor falls towards the rim turned from the light."""
    solid = cv2.copyMakeBorder(where[around(where, 0)].astype(np.uint8), 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=0)
    inside = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    near = np.clip(inside / max(float(inside.max()), 1.0), 0.0, 1.0)
    height = blurred(np.sqrt(1.0 - (1.0 - near) ** 2).astype(np.float32), 0.12 * float(inside.max()) + 1)
    dx, dy = (cv2.Sobel(height, cv2.CV_32F, i, 1 - i) / 8 * float(inside.max()) for i in (1, 0))
    side = np.clip(LIGHT[0] * dx + LIGHT[1] * dy, -1.0, 1.0)
    return (1.0 - depth * (0.55 * (1.0 - height) + 0.45 * side))[8:-8, 8:-8]


def draw_person() -> Mannequin:
    """A standing person in a grey long-sleeved top and jeans, one hand on the hip."""
    c = Canvas(WIDTH, HEIGHT, WALL, (WIDTH / 2, 0.245 * HEIGHT), 0.166 * HEIGHT)
    floor = np.clip((np.arange(HEIGHT * FINER) / FINER - 548) / 30, 0, 1)[:, None, None]
    c.rgb += floor * (np.array(FLOOR, np.float32) - np.array(WALL, np.float32))
    c.shade(c.oval((0.05, 3.93), (0.66, 0.07)), np.ones_like(c.cloth), 0.25, 0.06, 0.0)
    hair = c.oval((0.0, -0.66), (0.285, 0.34)) | c.shape(((-0.29, -0.7), (0.29, -0.7), (0.30, -0.22), (-0.30, -0.22)))
    c.paint(hair, HAIR, HAIR_CLASS)
    c.paint(c.tube(((0.0, -0.44), (0.0, -0.06)), (0.135, 0.17)), TONE, BODY_SKIN, depth=0.35)
    _legs(c)
    neck = c.shape(((-0.19, -0.30), (0.19, -0.30), (0.14, -0.10), (0.0, -0.055), (-0.14, -0.10)))
    torso = c.shape([(-u, v) for u, v in TORSO] + [(u, v) for u, v in TORSO[::-1]]) & ~neck
    c.paint(torso, WORN, CLOTHES, TOP, 0.34)
    pulls = (((s * 0.46, 0.42), (s * 0.30, 0.50), (s * 0.12, 0.66)) for s in (-1, 1))
    hang = (((s * 0.44, 0.62 + k), (s * 0.33, 0.85 + k), (s * 0.38, 1.15 + k)) for s in (-1, 1) for k in (0.0, 0.38))
    waist = (((-0.42, 1.28), (-0.1, 1.36), (0.2, 1.30)), ((0.40, 1.46), (0.1, 1.53), (-0.22, 1.47)))
    c.folds(torso, [*pulls, *hang, *waist])
    for arm in ARMS:
        _arm(c, np.array(arm))
    _head(c)
    rgb, selfie, cloth = c.finished(7)
    assert (selfie == CLEAR).mean() > 0.5
    return Mannequin(rgb, cloth, selfie, _joints(c), c.unit / FINER, c.zero / FINER)


def _legs(c: Canvas) -> None:
    hips = c.shape([(-u, v) for u, v in HIPS] + [(u, v) for u, v in HIPS[::-1]])
    for s, leg in zip((-1, 1), LEGS, strict=True):
        foot = ((0.22, 3.72), (0.42, 3.70), (0.52, 3.90), (0.50, 3.96), (0.24, 3.96))
        c.paint(c.shape([(s * u, v) for u, v in foot]), SOLE, OTHER, depth=0.25)
        tube = c.tube((*leg[:2], (leg[2][0], 3.66)), (0.275, 0.235, 0.19, 0.165, 0.14))
        half = hips & (s * (np.arange(hips.shape[1]) - c.zero[0]) > -2)[None]
        c.paint(tube | half, JEANS, CLOTHES, BOTTOM, 0.40)
    breaks = ((0.45, 2.60), (0.30, 2.66), (0.20, 2.58))
    c.folds(c.cloth == BOTTOM, [tuple((s * u, v + k) for u, v in breaks) for s in (-1, 1) for k in (0.0, 0.13, 0.88)])


def _arm(c: Canvas, arm: np.ndarray) -> None:
    s = np.sign(arm[0, 0])
    c.paint(c.tube(arm[2:] + np.array([(0, -0.03), (0, 0)]), (0.075, 0.09, 0.06)), TONE, BODY_SKIN, depth=0.35)
    c.paint(c.tube((arm[2] + (0, 0.06), arm[3] + (-s * 0.09, -0.02)), (0.04, 0.03)), TONE, BODY_SKIN)
    sleeve = c.tube(arm[:3] + np.array([(-s * 0.05, 0.09), (0, 0), (0, 0)]), (0.15, 0.155, 0.14, 0.125, 0.10))
    c.shade(sleeve, c.cloth == TOP, 0.16, 0.03, 0.02)
    c.paint(sleeve, WORN, CLOTHES, TOP, 0.40)
    across = np.array([(-0.09, -0.03), (0.0, 0.02), (0.09, 0.0)])
    at = bent(arm[:3], 40)
    c.folds(sleeve, [tuple(map(tuple, at[k] + across)) for k in (10, 17, 20, 23, 34)], 0.02)


def _head(c: Canvas) -> None:
    face = c.oval((0.0, -0.60), (0.222, 0.295))
    c.shade(face, c.selfie == BODY_SKIN, 0.28, 0.04, 0.07)
    for s in (-1, 1):
        c.paint(c.oval((s * 0.225, -0.59), (0.03, 0.06)), TONE, FACE_SKIN)
    c.paint(face, TONE, FACE_SKIN, depth=0.26)
    for s in (-1, 1):
        for centre, size, colour in (
            ((s * 0.088, -0.625), (0.036, 0.017), (246, 240, 234)),
            ((s * 0.088, -0.625), (0.017, 0.018), EYES),
            ((s * 0.09, -0.695), (0.048, 0.010), HAIR),
        ):
            c.paint(c.oval(centre, size), colour, FACE_SKIN, depth=0.0)
    c.paint(c.oval((0.01, -0.525), (0.028, 0.014)), (196, 142, 114), FACE_SKIN, depth=0.0)
    c.paint(c.shape(((-0.085, -0.446), (0.0, -0.438), (0.085, -0.446), (0.0, -0.392))), LIPS, FACE_SKIN, depth=0.0)
    fringe = (
        (-0.26, -0.62),
        (-0.27, -0.86),
        (-0.1, -0.99),
        (0.14, -0.99),
        (0.27, -0.84),
        (0.26, -0.62),
        (0.20, -0.78),
        (0.02, -0.84),
        (-0.12, -0.80),
    )
    strands = c.shape(fringe)
    c.paint(strands, HAIR, HAIR_CLASS)
    c.folds(
        c.selfie == HAIR_CLASS,
        [((-0.2, -0.72), (-0.08, -0.88), (0.1, -0.92)), ((0.05, -0.95), (0.2, -0.84), (0.25, -0.6))],
        0.02,
        0.2,
    )


def _joints(c: Canvas) -> np.ndarray:
    """BlazePose's 33 points; the left joints (odd numbers) lie at the picture's right."""
    uv = np.tile(np.array((0.0, -0.62)), (33, 1))
    uv[7], uv[8], uv[9], uv[10] = (0.23, -0.6), (-0.23, -0.6), (0.07, -0.42), (-0.07, -0.42)
    for offset, arm, leg in zip((1, 0), ARMS, LEGS, strict=True):
        for number, joint in zip((11, 13, 15, 19, 23, 25, 27), (*arm, *leg), strict=True):
            uv[number + offset] = joint
    return (c.px(uv) / FINER).astype(np.float32)


def draw_garment() -> DrawnGarment:
    """A striped tee with a print, seen from the front: rib, inner back of the collar and label show."""
    c = Canvas(480, 480, (247, 247, 246), (240, 46), 172)
    side = (
        (0.36, 0.0),
        (0.68, 0.085),
        (0.74, 0.15),
        (1.16, 0.80),
        (0.86, 0.98),
        (0.715, 0.72),
        (0.70, 1.5),
        (0.72, 2.25),
    )
    outline = [(-u, v) for u, v in side] + [(u, v) for u, v in side[::-1]]
    back, rib, front = (_neck(depth) for depth in (0.07, 0.24, 0.33))
    body = c.shape(outline, rounded=False) & ~c.shape([*_neck(0.0), (0.3, -0.5), (-0.3, -0.5)], rounded=False)
    c.shade(body, np.ones_like(c.cloth), 0.10, 0.02, 0.03)
    c.paint(body, _stripes(c), CLOTHES, TOP, 0.14)
    c.folds(
        body,
        [((s * 0.68, 0.75), (s * 0.5, 0.9), (s * 0.34, 1.2)) for s in (-1, 1)]
        + [((-0.5, 1.8), (-0.2, 1.9), (0.1, 1.85))],
        0.04,
        0.07,
    )
    collar = c.shape([*_neck(0.0), *front[::-1]], rounded=False)
    c.paint(collar & body, NAVY, CLOTHES, TOP, 0.0)
    inner = c.shape([*back, *rib[::-1]], rounded=False)
    c.paint(inner, LINING, CLOTHES, TOP, 0.0)
    c.paint(
        c.shape(((-0.07, 0.075), (0.07, 0.075), (0.07, 0.15), (-0.07, 0.15)), rounded=False), LABEL, CLOTHES, TOP, 0.0
    )
    for depth, colour in ((0.285, (70, 88, 132)), (0.035, (70, 88, 132))):
        cv2.polylines(c.rgb, [np.rint(c.px(_neck(depth))).astype(np.int32)], False, colour, FINER)
    _print(c)
    rgb, _, cloth = c.finished(11)
    return DrawnGarment(rgb, cloth)


def _neck(depth: float) -> list[tuple[float, float]]:
    return [(float(u) * 0.36, depth * (1 - abs(float(u)) ** 2.2)) for u in np.linspace(-1, 1, 41)]


def _stripes(c: Canvas) -> np.ndarray:
    """Navy stripes on cream, across the trunk and across each sleeve."""
    ys, xs = np.mgrid[0 : c.cloth.shape[0], 0 : c.cloth.shape[1]].astype(np.float32)
    u, v = np.abs(xs - c.zero[0]) / c.unit, (ys - c.zero[1]) / c.unit
    sleeve = u > 0.70 + 0.02 * np.clip((v - 0.2) / 0.5, 0, 1)
    along = np.where(sleeve, 0.55 * (u - 0.7) + 0.84 * v, v)
    dark = (np.mod(along + 0.02, 0.20) < 0.062) & (along > 0.42 * ~sleeve)
    return np.where(dark[..., None], np.array(NAVY, np.float32), np.array(CREAM, np.float32))


def _print(c: Canvas) -> None:
    """A sun over two hills, in a round field."""
    disc = c.oval((0.0, 1.0), (0.30, 0.30))
    c.paint(c.oval((0.0, 1.0), (0.325, 0.325)), NAVY, CLOTHES, TOP, 0.0)
    c.paint(disc, (248, 222, 170), CLOTHES, TOP, 0.0)
    c.paint(c.oval((0.07, 0.90), (0.105, 0.105)), CORAL, CLOTHES, TOP, 0.0)
    for hill, colour in (
        (((-0.5, 1.4), (-0.12, 0.90), (0.3, 1.4)), (52, 120, 112)),
        (((-0.2, 1.4), (0.16, 1.02), (0.5, 1.4)), (86, 160, 140)),
    ):
        c.paint(c.shape(hill, rounded=False) & disc, colour, CLOTHES, TOP, 0.0)
