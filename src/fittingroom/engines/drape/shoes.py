"""Where legs under long clothes come out: over the shoes that the photo shows.

BlazePose guesses joints that cloth hides, and a leg painted along a guess may end beside its shoe. What the photo shows
below the hem, neither cloth nor skin, is a shoe, and the ankle is in its upper edge. Invariant: an ankle whose skin
shows or that lies over its shoe stays where it is.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.body import SIDES, Body, Limb
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person

ABOVE, BESIDE = 0.35, 0.55
"""How far above and beside the guessed ankles a shoe is looked for, shoulder distances."""

SMALLEST = 0.006
"""Area of a shoe, squared shoulder distances."""

TOP = 0.10
"""Height of a shoe's upper edge, shoulder distances."""

ANKLE = 0.06
"""How far inside its shoe's ends an ankle lies at least, shoulder distances."""

RAG = 0.04
"""Half the width of what is taken for a hem's blurred edge and not for a shoe, shoulder distances."""


SEEN, AROUND = 0.2, 0.12


def legs_into_shoes(person: Person, body: Body) -> tuple[Limb, Limb]:
    """The body's legs, with each ankle that cloth hides moved sideways over its shoe."""
    shoes = _shoes(person, body)
    legs = [_into(body.legs[side], shoes[side], person, body) for side in SIDES]
    return legs[0], legs[1]


def _into(leg: Limb, shoe: FloatArray | None, person: Person, body: Body) -> Limb:
    if shoe is None or _skin_at(leg.points[-1], person, body) > SEEN:
        return leg
    left, right = shoe[0] + ANKLE * body.sw, shoe[-1] - ANKLE * body.sw
    points = leg.points.copy()
    if not left < points[-1, 0] < right:
        points[-1, 0] = shoe[1]
    return replace(leg, points=points)


def _skin_at(point: FloatArray, person: Person, body: Body) -> float:
    """Share of skin round a point."""
    x, y, radius = int(point[0]), int(point[1]), max(1, int(AROUND * body.sw))
    around = person.skin[max(0, y - radius) : max(0, y + radius + 1), max(0, x - radius) : max(0, x + radius + 1)]
    return float((around > 0.5).mean()) if around.size else 0.0


def _shoes(person: Person, body: Body) -> tuple[FloatArray | None, FloatArray | None]:
    """Of the left and the right shoe: left end, middle of its upper edge and right end, float32 (3,) px; None where it
    is not seen."""
    ankles = [body.legs[side].points[-1] for side in SIDES]
    mask, corner = _below_hem(person, body, ankles)
    if not mask.any():
        return None, None
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    large = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] > SMALLEST * body.sw**2]
    if not large:
        return None, None
    if len(large) == 1:
        return _halves(parts == large[0], body.sw, corner, ankles)
    extents = [_extent(parts == k, body.sw) + corner for k in large]
    found = [min(extents, key=lambda shoe: abs(float(shoe[1] - ankle[0]))) for ankle in ankles]
    near = [s if abs(float(s[1] - a[0])) < BESIDE * body.sw else None for s, a in zip(found, ankles, strict=True)]
    if found[0] is found[1]:
        return None, None
    return near[0], near[1]


def _below_hem(person: Person, body: Body, ankles: list[FloatArray]) -> tuple[NDArray[np.bool_], int]:
    """What is neither cloth nor skin nor hair round both ankles and below, and the first column of that part."""
    height, width = person.alpha.shape
    xs, ys = ([float(a[i]) for a in ankles] for i in (0, 1))
    x0, x1 = (int(np.clip(x, 0, width)) for x in (min(xs) - BESIDE * body.sw, max(xs) + BESIDE * body.sw))
    y0 = int(np.clip(min(ys) - ABOVE * body.sw, 0, height))
    box = np.s_[y0:, x0:x1]
    other = np.maximum(np.maximum(person.cloth[box], person.skin[box]), person.hair[box])
    mask = np.asarray((person.alpha[box] > 0.5) & (other < 0.5), np.uint8)
    if not mask.any():
        return np.asarray(mask > 0), x0
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * int(RAG * body.sw) + 1,) * 2)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel) > 0), x0


def _extent(part: NDArray[np.bool_], sw: float) -> FloatArray:
    """Left end, middle of the topmost pixels and right end of a shoe, px."""
    ys, xs = np.nonzero(part)
    return np.array([xs.min(), xs[ys < ys.min() + TOP * sw].mean(), xs.max()], np.float32)


def _halves(
    part: NDArray[np.bool_], sw: float, corner: int, ankles: list[FloatArray]
) -> tuple[FloatArray | None, FloatArray | None]:
    """Two shoes that touch each other, or one."""
    xs = np.nonzero(part.any(axis=0))[0]
    middle = (xs[0] + xs[-1]) / 2
    apart = [abs(float(corner + middle - a[0])) for a in ankles]
    if xs[-1] - xs[0] < BESIDE * sw:
        only = _extent(part, sw) + corner
        return (only, None) if apart[0] < apart[1] else (None, only)
    columns = np.arange(part.shape[1])[None]
    return _extent(part & (columns <= middle), sw) + corner, _extent(part & (columns > middle), sw) + corner
