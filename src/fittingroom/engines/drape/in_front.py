"""What the person carries or wears before the thighs: a bag, a coat's tail, tall boots. It stays in front of new cloth.

No network names these things. They are the person's pixels in front of the legs that are neither cloth nor skin; where
their colour is the old garment's own, the garment network has missed a piece of it instead, and that piece goes the
way of the rest. Invariant: both answers are zero on the garment, the skin and the hair that the networks do see.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import Body, along
from fittingroom.engines.drape.limbs import LimbField
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.protocol import Mask

SEEN = 0.35
RIM = 0.03
SMALLEST = 0.012
SHOE, BOOT = 0.93, 0.80
HELD, BESIDE_PIECE = 0.35, 0.1
BESIDE = 2.6
ALIKE = 26.0
KNEE, ENDS = 0.48, 1.15
OVERLOOKED_SHIN, OVERLOOKED, UNDER_A_SKIRT, LITTLE = 0.7, 0.53, 0.8, 0.3
SHIN, AROUND = (0.55, 0.90), 2.2
TIGHT, LOOSE = 1.15, 1.25
ANKLES, HEELS, TOES = (27, 28), (29, 30), (31, 32)
# Reach of a shoe round ankle, heel and toe, and of what is surely shoe, sw.
FOOT, SOLE, LONGEST, CRUMB = 0.16, 0.09, 0.7, 0.03
BELOW_ANKLE, RIM_OF_HEM = 0.0, 0.02
ABOVE_FOOT, FEW, MANY, SHADES = (0.6, 0.9), 60, 2000, 4
SAME, SAME_COLOUR, LIKE_HEM, UNLIKE, PART = 0.6, 12.0, 0.5, 40.0, 0.35


def in_front(person: Person, body: Body, legs: tuple[LimbField, LimbField], lower: Mask) -> tuple[Mask, Mask]:
    """(things in front, missed pieces of the old garment), float32 (H, W) each.

    lower: the worn lower garment as found. Shoes and socks count as neither; boots that reach up the shin are in front.
    """
    known = np.max([person.upper, person.lower, person.full, person.skin, person.face, person.hair], axis=0)
    near = np.minimum(legs[0].ratio, legs[1].ratio) < BESIDE
    other = np.asarray((person.alpha > 0.6) & (known < SEEN) & near).astype(np.uint8)
    size = 2 * max(1, round(RIM * body.sw)) + 1
    opened = cv2.morphologyEx(other, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    down = np.where(legs[0].ratio < legs[1].ratio, legs[0].fraction, legs[1].fraction)
    lab = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    cloth = np.asarray(lower > 0.8)
    usual = np.median(lab[cloth], axis=0) if cloth.sum() > 50 else None
    front, missed = np.zeros(other.shape, np.uint8), np.zeros(other.shape, np.uint8)
    for k in range(1, count):
        if stats[k, cv2.CC_STAT_AREA] < SMALLEST * body.sw**2:
            continue
        piece = labels == k
        top, bottom = np.percentile(down[piece], (3, 97))
        if bottom > SHOE and top > BOOT:
            continue
        alike = usual is not None and float(np.linalg.norm(np.median(lab[piece], axis=0) - usual)) < ALIKE
        (missed if alike and top < BOOT and bottom < SHOE else front)[piece] = 1
    return _soft(front, person), _soft(missed, person)


def carried(person: Person, body: Body, old: Mask) -> Mask:
    """What a hand holds, float32 (H, W): the person's pixels near a hand that no network has a name for.

    old: the worn garment that goes; what has its colour at the seam is a piece of it that the networks missed. Zero
    where BlazePose saw nobody.
    """
    known = np.max([person.upper, person.lower, person.full, person.skin, person.face, person.hair], axis=0)
    other = np.asarray((person.alpha > 0.6) & (known < SEEN)).astype(np.uint8)
    found = np.zeros(other.shape, np.uint8)
    if person.pose is None or not other.any():
        return np.asarray(found, np.float32)
    size = 2 * max(1, round(RIM * body.sw)) + 1
    opened = cv2.morphologyEx(other, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    lab = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    for k in range(1, count):
        piece = np.asarray(labels == k)
        if stats[k, cv2.CC_STAT_AREA] < SMALLEST * body.sw**2 or not _held(piece, body):
            continue
        seam = _widened(piece, BESIDE_PIECE * body.sw) & (old > 0.8)
        gap = np.median(lab[seam], axis=0) - np.median(lab[piece], axis=0) if seam.sum() > FEW else np.full(3, np.inf)
        if float(np.linalg.norm(gap)) > ALIKE:
            found[piece] = 1
    return _soft(found, person)


def _held(piece: NDArray[np.bool_], body: Body) -> bool:
    """Whether a piece comes close to a hand."""
    ys, xs = np.nonzero(piece)
    near = min(float(np.hypot(xs - x, ys - y).min()) for x, y in np.concatenate(body.hands))
    return near < HELD * body.sw


def legwear(person: Person, body: Body, legs: tuple[LimbField, LimbField]) -> Mask:
    """Boots, socks and stockings, float32 (H, W): what below the knees only selfie_multiclass took for clothes.

    They are worn with dress and skirt alike and stay on. Where u2net-cloth overlooked the thighs as well, or the cloth
    stands off the shins, these are trousers that it did not see, and go with the rest; under a short skirt of another
    colour the thighs may be overlooked, too. Both legs have the same answer: nobody wears one trouser leg.
    """
    out = np.zeros(person.alpha.shape, np.float32)
    shins, thighs = (np.max([leg.band(*ends) for leg in legs], axis=0) for ends in ((KNEE, ENDS), (0.0, KNEE)))
    shin, thigh = _overlooked(person, shins), _overlooked(person, thighs)
    width, most = _width(person, legs), UNDER_A_SKIRT if _two_colours(person, shins, thighs) else OVERLOOKED
    if shin < OVERLOOKED_SHIN or thigh > most or width > LOOSE or (width > TIGHT and thigh > LITTLE):
        return out
    height, across = person.alpha.shape
    ys, xs = np.mgrid[0:height, 0:across].astype(np.float32)
    v = body.coords(np.stack([xs, ys], axis=-1))[..., 1]
    for side, (leg, limb) in enumerate(zip(legs, body.legs, strict=True)):
        knee = body.coords(along(limb.points, np.array([KNEE * limb.length], np.float32))[0])[0, 1]
        # The toes lie beyond the limb's end, so all on this leg's side counts.
        out = np.maximum(out, np.clip((v - knee) / 0.03 + 0.5, 0.0, 1.0) * (leg.ratio <= legs[1 - side].ratio))
    return np.asarray(out, np.float32)


def _two_colours(person: Person, shins: Mask, thighs: Mask) -> bool:
    """Whether much of what u2net-cloth saw at the thighs has another colour than what it overlooked at the shins:
    a skirt, the rest being the stocking between its hem and the knee."""
    if person.overlooked is None:
        return False
    below = (shins > 0.5) & (person.overlooked > 0.5)
    above = (thighs > 0.5) & (np.maximum(person.lower, person.full) > 0.8) & (person.overlooked < 0.5)
    if below.sum() < FEW or above.sum() < FEW:
        return False
    lab = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    gaps = np.linalg.norm(lab[above] - np.median(lab[below], axis=0), axis=1)
    return float((gaps > UNLIKE).mean()) > PART


def _width(person: Person, legs: tuple[LimbField, LimbField]) -> float:
    """Area of the cloth round both shins, over that of the shins themselves."""
    near = np.minimum(legs[0].ratio, legs[1].ratio)
    down = np.where(legs[0].ratio < legs[1].ratio, legs[0].fraction, legs[1].fraction)
    shin = (down > SHIN[0]) & (down < SHIN[1])
    return float((shin & (near < AROUND) & (person.cloth > 0.5)).sum()) / max(1.0, float((shin & (near < 1.0)).sum()))


def footwear(person: Person, body: Body, legs: tuple[LimbField, LimbField], old: Mask) -> Mask:
    """Shoes and feet with the socks and straps round the ankles, float32 (H, W): they always stay the photo's.

    old: the worn garment that goes. Of what lies about a foot only its own cloth goes: all of it above the ankle, below
    it a skirt that hangs over the shoe, but not trousers, which end there, and nothing about a shoe of the trousers'
    colour. Zero where BlazePose saw nobody.
    """
    out = np.zeros(person.alpha.shape, np.uint8)
    if person.pose is None:
        return np.asarray(out, np.float32)
    shoes, tight = out.copy(), out.copy()
    for limb in body.legs:
        foot = _foot(limb.points[-1], person.pose.points, body.sw)
        _draw_hull(shoes, foot, FOOT * body.sw, 0)
        _draw_hull(tight, foot, SOLE * body.sw, round(float(foot[0, 1] + BELOW_ANKLE * body.sw)))
    gap, skirted = _gap(person, old, legs), _skirted(body, old)
    sure = (tight > 0) & (person.alpha > 0.5)
    own = float(np.median(gap[sure])) if sure.any() else 0.0
    # Within the shoe's own outline only what is far from its colour is a hem.
    hem = (gap < min(ALIKE, LIKE_HEM * own)) if own > SAME_COLOUR else np.zeros(gap.shape, bool)
    goes = np.asarray(old > 0.5) & (gap < ALIKE) & ((tight == 0) | skirted | hem)
    ankles = max(0, round(float(np.min([leg.points[-1][1] for leg in body.legs]))))
    if not skirted and sure.any() and (gap[sure] < SAME_COLOUR).mean() > SAME:
        goes[ankles:] = False
    # The bare leg above a shoe is no footwear: trousers cover it, and a painted leg goes on in it.
    goes[:ankles] |= person.skin[:ankles] > 0.5
    kept = np.asarray((shoes > 0) & ~_widened(goes, RIM_OF_HEM * body.sw) & (person.alpha > 0.3), np.uint8)
    size = 2 * max(1, round(CRUMB * body.sw)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    kept = np.asarray(cv2.morphologyEx(kept, cv2.MORPH_OPEN, kernel), np.uint8)
    # A sunlit spot of the old cloth is no part of a shoe.
    _, labels = cv2.connectedComponents(kept)
    return _soft(np.asarray(kept & np.isin(labels, np.unique(labels[tight > 0])), np.uint8), person)


def _gap(person: Person, old: Mask, legs: tuple[LimbField, LimbField]) -> FloatArray:
    """How far (OpenCV's 8-bit Lab) each pixel (H, W) is from the old cloth's colours on the shins; 0 where there is too
    little of it."""
    near = np.max([leg.band(*ABOVE_FOOT, wide=AROUND) for leg in legs], axis=0)
    cloth = np.asarray((old > 0.5) & (near > 0.5))
    if cloth.sum() < FEW:
        return np.zeros(old.shape, np.float32)
    lab = cv2.cvtColor(person.rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    sample = np.ascontiguousarray(lab[cloth][:: max(1, int(cloth.sum()) // MANY)])
    _, _, colours = cv2.kmeans(sample, SHADES, np.empty(0, np.int32), stop, 1, cv2.KMEANS_PP_CENTERS)
    gaps = [np.linalg.norm(lab - colour, axis=-1) for colour in colours]
    return np.asarray(cv2.blur(np.min(gaps, axis=0), (3, 3)), np.float32)


def _skirted(body: Body, old: Mask) -> bool:
    """Whether the old cloth hangs between the shins."""
    low, high = (np.stack([leg.points[at] for leg in body.legs]).mean(axis=0) for at in (-1, -2))
    line = low + np.linspace(0.1, 0.4, 12)[:, None] * (high - low)
    xs, ys = (np.clip(np.rint(line[:, k]).astype(int), 0, old.shape[1 - k] - 1) for k in (0, 1))
    return float((old[ys, xs] > 0.5).mean()) > 0.5


def _widened(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    size = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0)


def _foot(ankle: FloatArray, points: FloatArray, sw: float) -> FloatArray:
    """Ankle, heel and toe of the foot below `ankle`, float32 (3, 2) px, none farther from it than a foot is long."""
    side = int(np.argmin(np.linalg.norm(points[list(ANKLES)] - ankle, axis=1)))
    foot = np.stack([ankle, points[HEELS[side]], points[TOES[side]]])
    away = np.linalg.norm(foot - ankle, axis=1, keepdims=True)
    return np.asarray(ankle + (foot - ankle) * np.minimum(1.0, LONGEST * sw / np.maximum(away, 1e-6)), np.float32)


def _draw_hull(mask: NDArray[np.uint8], points: FloatArray, radius: float, top: int) -> None:
    """Add to `mask` the convex hull of some points, widened by `radius` px, from row `top` downwards."""
    drawn = np.zeros_like(mask)
    hull = cv2.convexHull(np.rint(points).astype(np.int32))
    cv2.fillConvexPoly(drawn, hull, 1)
    cv2.polylines(drawn, [hull], True, 1, max(1, round(2 * radius)))
    first = max(0, top)
    mask[first:] = np.maximum(mask[first:], drawn[first:])


def _overlooked(person: Person, band: Mask) -> float:
    """Share of the cloth within `band` that u2net-cloth overlooked; 0 where there is none."""
    core = (band > 0.5) & (person.cloth > 0.3)
    if person.overlooked is None or not core.any():
        return 0.0
    return float(person.overlooked[core].sum() / person.cloth[core].sum())


def _soft(mask: NDArray[np.uint8], person: Person) -> Mask:
    """Grown back over the rim that opening took, as far as the person reaches, with a soft edge."""
    wide = cv2.GaussianBlur(cv2.dilate(mask, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 1.0)
    return np.asarray(wide * np.clip(person.alpha, 0.0, 1.0), np.float32)
