"""The edge of a neck opening, traced from one side of the neck to the other.

For every shape that a neckline can have, the path of least cost is found on rays (`neck_rays.py`) by dynamic
programming: it runs along an edge of the photo whose step of colour is the same all along (prints have edges of all
kinds), it encloses what the garment network saw as inner back and what has its colours, its lowest point lies near the
mark of the front neckline, it begins and ends at the neck points, and it is smooth and nearly symmetric. A rib in the
colour of the rim at the back belongs to the front, so the path goes round its inner edge. Invariant: the same evidence
gives the same path, and the path never leaves the radii of the shape it was traced on.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.neck_evidence import Evidence, Seen, common_of, common_step, evidence, rim_colour
from fittingroom.engines.drape.neck_rays import RADII, RAYS, Rays, rays_of
from fittingroom.engines.drape.nets import FloatArray

CLEAR, CLEAREST = 3.0, 1.5
"""An edge is fully clear at CLEAR times the cloth's unrest, and never counts more than CLEAREST."""

BACK_SHARE, AREA = 0.25, 4.0
"""Probability of inner back that is worth enclosing, and what an enclosed neck width of it counts."""

INNER_EDGE = 0.96
"""Where on the way down to the mark the edge is expected: the network tends to the middle of a rib."""

SURE, SPREAD = 0.07, 0.15
"""Tolerance of the mark, in neck widths: at least, and per standard deviation of the mark."""

END = 0.1
"""Tolerance of the ends at the neck points."""

FREE = 0.3
"""Looseness of the whole path: straying FREE of the shape's size costs FREE / 2 on each ray."""

SMOOTH, STEEPEST, EVEN = 1000.0, 3, 3.0
"""Cost of a squared change of radius from ray to ray; the largest change, in radii; over how many rays (standard
deviation) the path is evened out at last."""

SYMMETRY = 0.6
"""Weight of the other side's evidence on each side."""

SETTLE = 0.04
"""How far a traced path may be from the edge that it follows, in neck widths."""

RIB = (0.025, 0.16, 0.008)
"""Widths of ribs that are looked for: from, to, step, in neck widths."""

RIB_CLEAR, RIB_ALIKE, RIB_COHERENT, RIB_STEP = 0.6, 0.5, 0.65, 2.0
"""A rib's inner edge is at least RIB_CLEAR as clear as its outer one and as much opposed to it, coherent, and RIB_STEP
times the cloth's unrest; its colour is closer to the rim's than RIB_ALIKE of its distance from the front's."""


@dataclass(frozen=True, slots=True)
class Path:
    """u, v: float32 (T,) of the edge from the right end to the left one. cost: per ray, for comparison. edge: mean
    clearness of the edge in the direction of its common step, up to CLEAREST. coherence: 0..1, how alike the steps
    are. inside: mean probability of inner back enclosed."""

    u: FloatArray
    v: FloatArray
    cost: float
    edge: float
    coherence: float
    inside: float


def trace(seen: Seen, reach: tuple[float, float], power: float, half: float) -> Path:
    """The best path along the shape of `reach`, `power` and half width `half` (see `rays_of`)."""
    rays = rays_of(reach, power, half, seen.standing)
    found = evidence(seen, rays)
    fixed = enclosed(found, rays) + expected(seen, rays, reach[1])
    size = np.linalg.norm(found.step, axis=2) / (CLEAR * found.noise)
    path, cost = cheapest(fixed - np.clip(size, 0, CLEAREST) * found.usable)
    edge = coherence = 0.0
    for _ in range(2):
        common, coherence = common_step(found, path)
        along = found.step @ common / (CLEAR * found.noise)
        clear = coherence * np.clip(along, -0.5, CLEAREST) + (1 - coherence) * np.clip(size, 0, 0.7)
        path, cost = cheapest(fixed - clear * found.usable)
        edge = _mean(np.clip(along, -1, CLEAREST)[np.arange(RAYS), path], found.usable[np.arange(RAYS), path] > 0.5)
    path = settled(found, rays, within_rib(seen, found, rays, path))
    inside = (np.arange(len(RADII)) < path[:, None]) & found.cloth
    radius = _smoothed(RADII[path]) / RADII[path]
    place = np.arange(RAYS), path
    return Path(rays.u[place] * radius, rays.v[place] * radius, cost, edge, coherence, _mean(found.back, inside))


def enclosed(found: Evidence, rays: Rays) -> FloatArray:
    """Cost (T, R) of enclosing all up to each radius: negative where it was seen as inner back or has its colours."""
    gain = np.where(found.cloth, found.back - BACK_SHARE + found.likeness, 0.0)
    return np.asarray(-AREA * np.cumsum(gain * rays.spacing, axis=1), np.float32)


def expected(seen: Seen, rays: Rays, depth: float) -> FloatArray:
    """Cost (T, R) of straying from the mark, from the neck points and from the shape."""
    lowest = np.exp(-(((rays.angles - np.pi / 2) / 0.5) ** 2))[:, None]
    tolerance = (SURE + SPREAD * seen.spread) / depth
    cost = lowest * np.minimum(((RADII - INNER_EDGE) / tolerance) ** 2 / 2, 8.0)
    if not seen.standing:
        beside = np.minimum(np.abs(rays.angles), np.abs(rays.angles - np.pi))
        ends = np.exp(-((beside / 0.3) ** 2))[:, None]
        cost = cost + ends * np.minimum(((RADII - 1.0) / END) ** 2, 8.0)
    return np.asarray((cost + FREE * ((RADII - 1.0) / FREE) ** 2) / 2, np.float32)


def cheapest(cost: FloatArray) -> tuple[NDArray[np.intp], float]:
    """The path of least cost over (T, R), an index of RADII per ray, and its mean cost per ray."""
    cost = cost + SYMMETRY * cost[::-1]
    count = cost.shape[1]
    bends = range(-STEEPEST, STEEPEST + 1)
    toll = np.array([SMOOTH * (k * float(RADII[1] - RADII[0])) ** 2 for k in bends])[:, None]
    total, came = cost[0].astype(np.float64), np.zeros(cost.shape, np.intp)
    for ray in range(1, len(cost)):
        wide = np.pad(total, STEEPEST, constant_values=np.inf)
        options = np.stack([wide[STEEPEST + k : STEEPEST + k + count] for k in bends]) + toll
        best = options.argmin(axis=0)
        came[ray] = best - STEEPEST
        total = options[best, np.arange(count)] + cost[ray]
    path = np.zeros(len(cost), np.intp)
    path[-1] = int(total.argmin())
    for ray in range(len(cost) - 1, 0, -1):
        path[ray - 1] = path[ray] + came[ray, path[ray]]
    return path, float(total.min()) / len(cost)


def settled(found: Evidence, rays: Rays, path: NDArray[np.intp]) -> NDArray[np.intp]:
    """`path` moved onto the steepest place of the edge that it follows: a strong edge is clear on both its sides. The
    neighbouring rays move together."""
    common, coherence = common_step(found, path)
    if coherence < RIB_COHERENT:
        return path
    ray = np.arange(RAYS)
    moved = [rays.farther(path, float(d)) for d in np.linspace(-SETTLE, SETTLE, 13)]
    fine = np.stack([(found.fine[ray, m] @ common) * found.usable[ray, m] for m in moved]).astype(np.float32)
    steep = cv2.GaussianBlur(fine, (0, 0), sigmaX=6.0, sigmaY=0.5, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.stack(moved)[steep.argmax(axis=0), ray], np.intp)


def within_rib(seen: Seen, found: Evidence, rays: Rays, path: NDArray[np.intp]) -> NDArray[np.intp]:
    """The inner edge of the rib whose outer edge `path` follows, if it does: a band whose inner edge is an equally
    clear, opposite step, of the colour of the rim at the back and not of the front's; else `path`."""
    low = np.sin(rays.angles) > 0.34
    place = np.arange(RAYS), path
    common, _ = common_step(found, path)
    clear = _mean(found.step[place] @ common, low & (found.usable[place] > 0.5))
    width, inner, opposite = max(
        (_rib_edge(found, rays.farther(path, -w), low, common, w) for w in np.arange(*RIB)), key=lambda edge: edge[1]
    )
    if inner < max(RIB_CLEAR * clear, RIB_STEP * found.noise) or opposite > -RIB_CLEAR * inner:
        return path
    ray = np.arange(RAYS)
    band = np.median(found.lab[ray, rays.farther(path, -width / 2)][low], axis=0)
    front = np.median(found.lab[ray, rays.farther(path, 0.06)][low], axis=0)
    if np.linalg.norm(band - rim_colour(seen)) > RIB_ALIKE * np.linalg.norm(band - front):
        return path
    moved = rays.farther(path, -width)
    return np.clip(np.rint(_smoothed(moved.astype(np.float32))), 0, len(RADII) - 1).astype(np.intp)


def _rib_edge(
    found: Evidence, path: NDArray[np.intp], low: NDArray[np.bool_], common: FloatArray, width: float
) -> tuple[float, float, float]:
    """`width`; the mean step along `path` where `low`, CIELAB units, 0 if incoherent; its part along `common`."""
    place = np.arange(RAYS), path
    steps = found.step[place][low & (found.usable[place] > 0.5)]
    if len(steps) < 0.6 * low.sum() or common_of(steps)[1] < RIB_COHERENT:
        return width, 0.0, 0.0
    mean = steps.mean(axis=0)
    return width, float(np.linalg.norm(mean)), float(mean @ common)


def _mean(values: FloatArray, where: NDArray[np.bool_]) -> float:
    return float(values[where].mean()) if where.any() else 0.0


def _smoothed(values: FloatArray) -> FloatArray:
    """Radii (T,) freed of steps between neighbouring rays."""
    row = np.ascontiguousarray(values, np.float32)[None]
    return np.asarray(cv2.GaussianBlur(row, (0, 0), EVEN, borderType=cv2.BORDER_REPLICATE)[0], np.float32)
