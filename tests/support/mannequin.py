"""A dressed mannequin, drawn with known joints and known classes, and networks that see it exactly.

It lets the whole `drape` engine run without weights and without a photo of anyone. The skin is magenta, a colour that
no garment, hair or backdrop here shows even in part, so that a test can find it wherever it was painted. Nothing is
drawn under the clothes. All lengths are in shoulder widths `sw`: u to the picture's right, v down from the shoulders.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from fittingroom.engines.drape.engine import DrapeEngine
from fittingroom.engines.drape.nets import Pose
from fittingroom.engines.drape.person import Person

BACKDROP, SKIN, HAIR = (205, 208, 212), (240, 20, 200), (45, 38, 30)
OLD_TOP, OLD_BOTTOM, SHOE, PAINTED = (60, 140, 70), (85, 85, 95), (25, 25, 25), (250, 150, 20)
NOTHING, TOP, BOTTOM, FULL = 0, 1, 2, 3
CLEAR, HAIR_CLASS, BODY_SKIN, FACE_SKIN, CLOTHES, OTHER = range(6)

ARMS = {
    "down": ((0.5, 0.0), (0.70, 0.78), (0.80, 1.50), (0.83, 1.74)),
    "raised": ((0.5, 0.0), (1.12, -0.40), (1.40, -0.98), (1.47, -1.16)),
    "hips": ((0.5, 0.0), (1.02, 0.68), (0.60, 1.24), (0.50, 1.38)),
    "out": ((0.5, 0.0), (1.20, 0.12), (1.80, 0.20), (2.02, 0.22)),
}
LEG = ((0.30, 1.55), (0.33, 2.70), (0.35, 3.80))
TORSO = ((0.17, -0.25), (0.56, -0.08), (0.60, 0.16), (0.50, 0.55), (0.44, 1.05), (0.52, 1.62))
HIPS = ((0.43, 1.12), (0.55, 1.60), (0.60, 1.90), (0.04, 1.90), (0.0, 1.78))
SLEEVE_END = {"none": 0.0, "short": 0.38, "long": 1.0}
LEG_END = {"trousers": 1.0, "shorts": 0.40}
HEAD, HEAD_SIZE = (0.0, -0.62), (0.25, 0.33)


@dataclass(frozen=True)
class Look:
    """What to draw. arms: both sides, or (left, right). behind: the person shows the back."""

    sleeves: str = "short"
    bottom: str = "trousers"
    arms: str | tuple[str, str] = "down"
    width: int = 360
    height: int = 480
    behind: bool = False
    textured: bool = False
    long_hair: bool = False


@dataclass
class Mannequin:
    """rgb; cloth and selfie: class numbers (H, W) as of the two networks; points: (33, 2) px; sw: px."""

    rgb: np.ndarray
    cloth: np.ndarray
    selfie: np.ndarray
    points: np.ndarray
    sw: float
    origin: np.ndarray

    def uv(self) -> tuple[np.ndarray, np.ndarray]:
        """u and v of every pixel."""
        ys, xs = np.mgrid[0 : self.rgb.shape[0], 0 : self.rgb.shape[1]].astype(np.float32)
        return (xs - self.origin[0]) / self.sw, (ys - self.origin[1]) / self.sw

    def pose(self) -> Pose:
        """The joints as BlazePose would tell them, all of them seen."""
        mask = np.asarray(self.selfie != CLEAR, np.float32)
        return Pose(self.points.copy(), np.ones(33, np.float32), np.zeros(33, np.float32), mask)

    def person(self) -> Person:
        """What `analyse_person` should find, without its blur."""
        maps = [np.asarray(self.selfie == k, np.float32) for k in (HAIR_CLASS, FACE_SKIN, BODY_SKIN)]
        cloth = [np.asarray(self.cloth == k, np.float32) for k in (TOP, BOTTOM, FULL)]
        return Person(self.rgb, self.pose(), np.asarray(self.selfie != CLEAR, np.float32), *maps, *cloth)

    def flipped(self) -> Mannequin:
        """The same picture in a mirror."""
        points = self.points.copy()
        points[:, 0] = self.rgb.shape[1] - 1 - points[:, 0]
        pictures = (np.ascontiguousarray(a[:, ::-1]) for a in (self.rgb, self.cloth, self.selfie))
        origin = np.array([self.rgb.shape[1] - 1 - self.origin[0], self.origin[1]])
        return Mannequin(*pictures, _swapped(points), self.sw, origin)

    def from_behind(self) -> Mannequin:
        """The same picture, the joints named as of somebody who shows the back."""
        return replace(self, points=_swapped(self.points))


@dataclass
class MannequinNets:
    """Stands for `Nets`: true classes for the mannequin and its crops, and for `garment`'s drawn picture.

    sees: whether BlazePose finds anyone. holes: what was asked of MI-GAN, as (hole, crop of the true classes).
    """

    mannequin: Mannequin
    garment: object
    sees: bool = True
    calls: list[str] = field(default_factory=list)
    holes: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._photo, self._seen = self.mannequin.rgb, self.mannequin

    def pose(self, rgb: np.ndarray) -> Pose | None:
        self.calls.append("pose")
        self._photo, self._seen = rgb, _resized(self.mannequin, rgb)
        return self._seen.pose() if self.sees else None

    def cloth(self, rgb: np.ndarray, area: int = 0) -> np.ndarray:
        self.calls.append("cloth")
        at = _find(rgb, self._photo)
        if at is not None:
            return _certain(self._seen.cloth[at], 4)
        classes = self.garment.classes  # type: ignore[attr-defined]
        return _certain(cv2.resize(classes, rgb.shape[1::-1], interpolation=cv2.INTER_NEAREST), 4)

    def selfie(self, rgb: np.ndarray) -> np.ndarray:
        self.calls.append("selfie")
        at = _find(rgb, self._photo)
        return _certain(self._seen.selfie[at] if at is not None else np.zeros(rgb.shape[:2], np.uint8), 6)

    def inpaint(self, rgb: np.ndarray, hole: np.ndarray) -> np.ndarray:
        self.calls.append("inpaint")
        at = _find(rgb, self._photo)
        assert at is not None, "MI-GAN was shown something that is no part of the photo"
        self.holes.append((hole.copy(), self._seen.selfie[at]))
        return np.where(hole[..., None], np.array(PAINTED, np.uint8), rgb)


def engine_of(nets: object) -> DrapeEngine:
    """A loaded engine that looks through the given networks."""
    engine = DrapeEngine()
    engine._nets = nets  # type: ignore[assignment]
    return engine


def skin_amount(rgb: np.ndarray) -> np.ndarray:
    """0 where no skin shows, 1 where nothing else does; shaded and mixed skin lies between."""
    r, g, b = (rgb[..., i].astype(np.float32) for i in range(3))
    full = (SKIN[0] + SKIN[2]) / 2 - SKIN[1]
    return ((r + b) / 2 - g) / full


def draw_mannequin(look: Look = Look()) -> Mannequin:
    """Draw one."""
    canvas = _Canvas(look)
    sides = (look.arms, look.arms) if isinstance(look.arms, str) else look.arms
    arms = [np.array([(s * u, v) for u, v in ARMS[a]]) for s, a in zip((-1, 1), sides, strict=True)]
    legs = [np.array([(s * u, v) for u, v in LEG]) for s in (-1, 1)]
    canvas.thick(np.array([(0.0, -0.4), (0.0, -0.12)]), (0.15, 0.17), SKIN, BODY_SKIN, NOTHING)
    _draw_bottom(canvas, look, legs)
    torso = [(-u, v) for u, v in TORSO] + [(u, v) for u, v in TORSO[::-1]]
    canvas.fill(torso, OLD_TOP, CLOTHES, TOP)
    for arm in arms:
        canvas.thick(arm, (0.13, 0.10, 0.085), SKIN, BODY_SKIN, NOTHING)
        end = SLEEVE_END[look.sleeves]
        if end:
            canvas.thick(_until(arm[:3], end), (0.17, 0.14) if end < 1 else (0.17, 0.13), OLD_TOP, CLOTHES, TOP)
    canvas.oval(HEAD, (HEAD_SIZE[0] + 0.05, HEAD_SIZE[1] + 0.05), HAIR, HAIR_CLASS)
    if look.long_hair:
        for s in (-1, 1):
            canvas.thick(np.array([(s * 0.26, -0.7), (s * 0.30, 0.45)]), (0.08, 0.08), HAIR, HAIR_CLASS, NOTHING)
    if not look.behind:
        canvas.oval((HEAD[0], HEAD[1] + 0.07), (HEAD_SIZE[0] - 0.02, HEAD_SIZE[1] - 0.06), SKIN, FACE_SKIN)
    return Mannequin(canvas.grained(), canvas.cloth, canvas.selfie, _joints(canvas, arms, legs), canvas.sw, canvas.zero)


class _Canvas:
    def __init__(self, look: Look) -> None:
        self.sw = 0.166 * look.height
        self.zero = np.array([look.width / 2, 0.245 * look.height])
        self.rgb = np.full((look.height, look.width, 3), BACKDROP, np.uint8)
        if look.textured:
            ys, xs = np.mgrid[0 : look.height, 0 : look.width]
            self.rgb[((ys // 3 + xs // 3) % 2) == 0] = (120, 150, 160)
        self.cloth = np.zeros((look.height, look.width), np.uint8)
        self.selfie = np.zeros((look.height, look.width), np.uint8)

    def px(self, points: object) -> np.ndarray:
        return np.rint(np.asarray(points, np.float64) * self.sw + self.zero).astype(np.int32)

    def paint(self, where: np.ndarray, colour: tuple[int, int, int], selfie: int, cloth: int) -> None:
        self.rgb[where], self.selfie[where], self.cloth[where] = colour, selfie, cloth

    def fill(self, points: object, colour: tuple[int, int, int], selfie: int, cloth: int) -> None:
        mask = np.zeros(self.cloth.shape, np.uint8)
        cv2.fillPoly(mask, [self.px(points)], 1)
        self.paint(mask > 0, colour, selfie, cloth)

    def thick(self, line: np.ndarray, radii: tuple[float, ...], *what: object) -> None:
        """A polyline of varying radius, its end cut square by the last circle."""
        mask = np.zeros(self.cloth.shape, np.uint8)
        at = np.linspace(0, len(line) - 1, 120)
        xy = self.px(np.stack([np.interp(at, np.arange(len(line)), line[:, i]) for i in (0, 1)], axis=1))
        size = np.interp(np.linspace(0, 1, 120), np.linspace(0, 1, len(radii)), radii) * self.sw
        for point, radius in zip(xy, size, strict=True):
            cv2.circle(mask, (int(point[0]), int(point[1])), max(1, round(float(radius))), 1, -1)
        self.paint(mask > 0, *what)  # type: ignore[arg-type]

    def oval(
        self, centre: tuple[float, float], size: tuple[float, float], colour: tuple[int, int, int], c: int
    ) -> None:
        mask = np.zeros(self.cloth.shape, np.uint8)
        x, y = self.px([centre])[0]
        cv2.ellipse(mask, (int(x), int(y)), (round(size[0] * self.sw), round(size[1] * self.sw)), 0, 0, 360, 1, -1)
        self.paint(mask > 0, colour, c, NOTHING)

    def grained(self) -> np.ndarray:
        grain = np.random.default_rng(7).integers(-3, 4, self.rgb.shape)
        return np.clip(self.rgb + grain, 0, 255).astype(np.uint8)


def _draw_bottom(canvas: _Canvas, look: Look, legs: list[np.ndarray]) -> None:
    for leg in legs:
        canvas.thick(leg[[2, 2]] + np.array([(0.0, 0.02), (0.0, 0.14)]), (0.13, 0.15), SHOE, OTHER, NOTHING)
        if look.bottom != "trousers":
            canvas.thick(_from(leg, 0.35), (0.17, 0.11), SKIN, BODY_SKIN, NOTHING)
    kind = FULL if look.bottom == "dress" else BOTTOM
    colour = OLD_TOP if look.bottom == "dress" else OLD_BOTTOM
    if look.bottom in LEG_END:
        canvas.fill([(-u, v) for u, v in HIPS] + [(u, v) for u, v in HIPS[::-1]], colour, CLOTHES, kind)
        for leg in legs:
            canvas.thick(_until(leg, LEG_END[look.bottom]), (0.29, 0.20, 0.15), colour, CLOTHES, kind)
    else:
        skirt = [(0.43, 1.12), (0.58, 1.7), (0.72, 2.6)]
        canvas.fill([(-u, v) for u, v in skirt] + [(u, v) for u, v in skirt[::-1]], colour, CLOTHES, kind)


def _joints(canvas: _Canvas, arms: list[np.ndarray], legs: list[np.ndarray]) -> np.ndarray:
    """BlazePose's 33: whoever faces the camera has the left joints (odd numbers) at the picture's right."""
    uv = np.tile(np.array(HEAD), (33, 1)).astype(np.float64)
    uv[7], uv[8], uv[9], uv[10] = (0.25, -0.62), (-0.25, -0.62), (0.08, -0.42), (-0.08, -0.42)
    for offset, arm, leg in zip((1, 0), arms, legs, strict=True):
        for number, joint in zip((11, 13, 15, 17, 19), (*arm[:4], arm[3]), strict=True):
            uv[number + offset] = joint
        for number, joint in zip((23, 25, 27), leg, strict=True):
            uv[number + offset] = joint
        uv[29 + offset], uv[31 + offset] = leg[2] + (0.0, 0.08), leg[2] + (0.0, 0.18)
    return (uv * canvas.sw + canvas.zero).astype(np.float32)


def _swapped(points: np.ndarray) -> np.ndarray:
    out = points.copy()
    for left, right in [(7, 8), (9, 10), *((k, k + 1) for k in range(11, 33, 2))]:
        out[[left, right]] = points[[right, left]]
    return out


def _until(line: np.ndarray, fraction: float) -> np.ndarray:
    at = np.linspace(0, fraction * (len(line) - 1), 12)
    return np.stack([np.interp(at, np.arange(len(line)), line[:, i]) for i in (0, 1)], axis=1)


def _from(line: np.ndarray, fraction: float) -> np.ndarray:
    return _until(line[::-1], 1.0 - fraction)[::-1]


def _resized(drawn: Mannequin, rgb: np.ndarray) -> Mannequin:
    if drawn.rgb.shape == rgb.shape:
        return drawn
    k = rgb.shape[1] / drawn.rgb.shape[1]
    maps = (cv2.resize(m, rgb.shape[1::-1], interpolation=cv2.INTER_NEAREST) for m in (drawn.cloth, drawn.selfie))
    return Mannequin(rgb, *maps, np.asarray(drawn.points * k, np.float32), drawn.sw * k, drawn.origin * k)


def _find(crop: np.ndarray, photo: np.ndarray) -> tuple[slice, slice] | None:
    """Where the crop lies in the photo; its grain makes every place of it unlike all others."""
    (h, w), (height, width) = crop.shape[:2], photo.shape[:2]
    if h > height or w > width:
        return None
    ys, xs = (np.arange(0, last + 1) for last in (height - h, width - w))
    ys, xs = (a.ravel() for a in np.meshgrid(ys, xs, indexing="ij"))
    for y, x in zip(np.linspace(0, h - 1, 23).astype(int), np.linspace(0, w - 1, 23)[::-1].astype(int), strict=True):
        fits = (photo[ys + y, xs + x] == crop[y, x]).all(axis=-1)
        ys, xs = ys[fits], xs[fits]
    return (slice(ys[0], ys[0] + h), slice(xs[0], xs[0] + w)) if len(ys) == 1 else None


def _certain(classes: np.ndarray, count: int) -> np.ndarray:
    return np.eye(count, dtype=np.float32)[classes]
