"""A generator of garment outlines with known marks, and the rasters by which a photo's outline is compared to them.

A garment that lies flat is described well by a dozen numbers (neck width, sleeve angle, hem width ...), so instead of
a trained network `landmarks` searches this family for the member that looks like the photo. A *shape* is a row of
numbers in 0..1, decoded here to polygons and marks. Invariant: the same row and cut always give the same polygons,
so a bank made from a fixed seed is the same on every machine. Units inside: half a shoulder (or waist) width, y down.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.types import Cut

GRID = 56
"""Side of the square raster into which every outline's bounding box is stretched."""

UPPER_NUMBERS = 24
LOWER_NUMBERS = 14

_SLEEVE_LENGTH = {Cut.SHORT_SLEEVE: (0.22, 1.0), Cut.HALF_SLEEVE: (0.95, 1.9), Cut.LONG_SLEEVE: (1.8, 3.6)}
_SLEEVE_ANGLE = {Cut.SHORT_SLEEVE: (8.0, 88.0), Cut.HALF_SLEEVE: (6.0, 75.0), Cut.LONG_SLEEVE: (2.0, 65.0)}


@dataclass(frozen=True, slots=True)
class Outlines:
    """n outlines of one cut. parts: polygons float32 (n, V, 2) whose union is the outline; marks: name -> (n, 2)."""

    parts: tuple[FloatArray, ...]
    marks: dict[str, FloatArray]

    def box(self) -> tuple[FloatArray, FloatArray]:
        """Corner (n, 2) and size (n, 2) of each outline's bounding box."""
        every = np.concatenate(self.parts, axis=1)
        low = every.min(axis=1)
        return low, np.maximum(every.max(axis=1) - low, 1e-6)


def numbers_of(cut: Cut) -> int:
    """How many numbers describe a shape of this cut."""
    return LOWER_NUMBERS if cut in (Cut.TROUSERS, Cut.SHORTS, Cut.SKIRT) else UPPER_NUMBERS


def decode(cut: Cut, shapes: FloatArray, *, dress: bool = False) -> Outlines:
    """The outlines of `shapes` (float32 (n, numbers_of(cut)), each number in 0..1)."""
    if cut is Cut.SKIRT:
        return _skirt(shapes)
    if cut in (Cut.TROUSERS, Cut.SHORTS):
        return _legs(cut, shapes)
    return _top(cut, shapes, dress)


def rasterise(outlines: Outlines) -> tuple[NDArray[np.bool_], FloatArray]:
    """Each outline stretched to GRID x GRID: bool (n, GRID, GRID); and its aspect log(height / width), (n,)."""
    low, size = outlines.box()
    count = len(low)
    out = np.zeros((count, GRID, GRID), np.uint8)
    scaled = [np.rint((p - low[:, None]) / size[:, None] * (GRID * 16) - 8).astype(np.int32) for p in outlines.parts]
    for i in range(count):
        for part in scaled:
            cv2.fillPoly(out[i], [part[i]], 1, shift=4)
    return out.astype(bool), np.log(size[:, 1] / size[:, 0])


def _span(u: NDArray[np.floating], low: float, high: float) -> FloatArray:
    return np.asarray(low + u * (high - low), np.float32)


def _xy(x: NDArray[np.floating], y: NDArray[np.floating]) -> FloatArray:
    return np.stack([x, y], axis=-1).astype(np.float32)


def _turn(parts: list[FloatArray], marks: dict[str, FloatArray], u: FloatArray) -> Outlines:
    """Rotate everything by up to 12 degrees, small angles being the usual case."""
    angle = np.deg2rad(12.0) * (2 * u - 1) ** 3
    c, s = np.cos(angle), np.sin(angle)
    rotation = np.stack([np.stack([c, s], -1), np.stack([-s, c], -1)], -2).astype(np.float32)
    turned = tuple(np.einsum("nvi,nij->nvj", p, rotation) for p in parts)
    return Outlines(turned, {k: np.einsum("ni,nij->nj", m, rotation) for k, m in marks.items()})


def _top(cut: Cut, u: FloatArray, dress: bool) -> Outlines:
    """Tops and dresses. Column meaning follows the order of use below; the last ones make the sides differ."""
    bare = cut is Cut.SLEEVELESS
    neck = _span(u[:, 0], 0.2, 0.93 if bare else 0.72)
    notch = _span(u[:, 1] ** 1.5, -0.06, 1.2 if bare else 0.9)
    v_shape = u[:, 2]
    collar = np.maximum(0, u[:, 3] - 0.65) ** 2 * 8.0
    length = _span(u[:, 10], 2.6, 7.5) if dress else _span(u[:, 10], 1.2, 3.6)
    curve = _span(u[:, 11], -0.15, 0.3)
    marks: dict[str, FloatArray] = {}
    sides: list[dict[str, FloatArray]] = []
    parts: list[FloatArray] = []
    for name, sign in (("left", -1.0), ("right", 1.0)):
        side = _half_top(cut, u, neck, length, sign=sign, dress=dress)
        sides.append(side)
        marks |= {f"{key}_{name}": side[key] for key in ("neck", "shoulder", "armpit", "hem")}
        if not bare:
            sleeve, cuffs = _sleeve(cut, u, side, sign)
            parts.append(sleeve)
            marks |= {f"{key}_{name}": value for key, value in cuffs.items()}
    parts.insert(0, _body(sides, collar, notch, v_shape, curve))
    marks["neck_front"] = _xy(np.zeros_like(notch), np.maximum(notch, 0.25 * neck))
    return _turn(parts, marks, u[:, 16])


def _half_top(
    cut: Cut, u: FloatArray, neck: FloatArray, length: FloatArray, *, sign: float, dress: bool
) -> dict[str, FloatArray]:
    """The points of one side, from the neck down to the hem."""
    bare = cut is Cut.SLEEVELESS
    drop = _span(u[:, 4], 0.02, 0.5) * (1 - neck) / 0.6 + sign * _span(u[:, 17], -0.06, 0.06)
    pit_y = drop + _span(u[:, 6], 0.35, 1.35 if bare else 1.05)
    pit_x = _span(u[:, 7], 0.8, 1.7 if bare else 1.15)
    waist_x = pit_x * _span(u[:, 8], 0.68, 1.12)
    hem_x = pit_x * (_span(u[:, 9], 0.65, 2.4) if dress else _span(u[:, 9], 0.7, 1.6))
    hem_x = hem_x * (1 + sign * _span(u[:, 18], -0.12, 0.12))
    hem_y = length * (1 + sign * _span(u[:, 19], -0.05, 0.05))
    waist_y = pit_y + (hem_y - pit_y) * _span(u[:, 5], 0.2, 0.7)
    hole_x = np.minimum(1.0, pit_x) * _span(u[:, 12], 0.7, 1.02) if bare else np.ones_like(neck)
    return {
        "neck": _xy(sign * neck, np.zeros_like(neck)),
        "shoulder": _xy(np.full_like(neck, sign), drop),
        "hole": _xy(sign * hole_x, drop + 0.55 * (pit_y - drop)),
        "armpit": _xy(sign * pit_x, pit_y),
        "waist": _xy(sign * waist_x, waist_y),
        "hem": _xy(sign * hem_x, hem_y),
    }


def _sleeve(
    cut: Cut, u: FloatArray, side: dict[str, FloatArray], sign: float
) -> tuple[FloatArray, dict[str, FloatArray]]:
    angle = np.deg2rad(_span(u[:, 12], *_SLEEVE_ANGLE[cut]) + sign * _span(u[:, 20], -14, 14))
    reach = _span(u[:, 13], *_SLEEVE_LENGTH[cut]) * (1 + sign * _span(u[:, 21], -0.1, 0.1))
    bend = np.deg2rad(_span(u[:, 15], -28, 28) + sign * _span(u[:, 22], -12, 12)) * float(cut is not Cut.SHORT_SLEEVE)
    depth = np.linalg.norm(side["armpit"] - side["shoulder"], axis=1)
    narrow = cut is Cut.LONG_SLEEVE
    cuff = depth * (_span(u[:, 14], 0.22, 0.85) if narrow else _span(u[:, 14], 0.45, 1.15))

    def along(turn: NDArray[np.floating]) -> FloatArray:
        return _xy(sign * np.sin(turn), np.cos(turn))

    upper, lower = along(angle), along(angle + bend)
    inward = np.stack([-sign * lower[:, 1], sign * lower[:, 0]], axis=-1)
    elbow = side["shoulder"] + upper * (0.52 * reach)[:, None]
    out = elbow + lower * (0.48 * reach)[:, None]
    inner = out + inward * cuff[:, None] + lower * (cuff * _span(u[:, 23], -0.15, 0.3))[:, None]
    cross = (inward + np.stack([-sign * upper[:, 1], sign * upper[:, 0]], axis=-1)) / 2
    elbow_in = elbow + cross * (0.5 * (cuff + depth * 0.85))[:, None]
    middle = elbow_in if cut is not Cut.SHORT_SLEEVE else (inner + side["armpit"]) / 2
    chest = side["armpit"] * np.array([0.8, 1.0], np.float32)
    polygon = np.stack([side["shoulder"], elbow, out, inner, middle, side["armpit"], chest], axis=1)
    return polygon, {"cuff_out": out, "cuff_in": inner}


def _body(
    sides: list[dict[str, FloatArray]], collar: FloatArray, notch: FloatArray, v_shape: FloatArray, curve: FloatArray
) -> FloatArray:
    left, right = sides
    order = ("shoulder", "hole", "armpit", "waist", "hem")
    up = _xy(np.zeros_like(collar), -collar)
    neck_l, neck_r = left["neck"] * 0.97 + up, right["neck"] * 0.97 + up
    points = [left[k] for k in order[::-1]] + [left["neck"], neck_l]
    for t in (-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75):
        fall = v_shape * (1 - abs(t)) + (1 - v_shape) * (1 - t * t)
        x = neck_l[:, 0] * (1 - t) / 2 + neck_r[:, 0] * (1 + t) / 2
        points.append(_xy(x, (notch + collar) * fall - collar))
    points += [neck_r, right["neck"]] + [right[k] for k in order]
    middle = (left["hem"] + right["hem"]) / 2
    for t in (0.5, 0.0, -0.5):
        along = middle + (right["hem"] - left["hem"]) * (t / 2)
        points.append(along + _xy(np.zeros_like(curve), curve * (1 - t * t)))
    return np.stack(points, axis=1)


def _legs(cut: Cut, u: FloatArray) -> Outlines:
    """Trousers and shorts: two legs that meet in the crotch."""
    rise = _span(u[:, 0], 0.75, 2.3)
    hip_x = _span(u[:, 1], 0.95, 1.6)
    hip_y = rise * _span(u[:, 2], 0.5, 0.9)
    inseam = _span(u[:, 3], 1.5, 6.5) if cut is Cut.TROUSERS else _span(u[:, 3] ** 1.5, 0.05, 1.8)
    spread = np.deg2rad(_span(u[:, 4] ** 1.5, -2, 24))
    hem = hip_x * (_span(u[:, 5], 0.25, 1.0) if cut is Cut.TROUSERS else _span(u[:, 5], 0.6, 1.25))
    crotch = _xy(_span(u[:, 6], -0.15, 0.15), rise)
    dip = _span(u[:, 7], -0.12, 0.22)
    waist_drop = _span(u[:, 8], -0.08, 0.08)
    marks = {"crotch": crotch}
    parts = []
    centre_top = _xy(np.zeros_like(dip), dip)
    for name, sign in (("left", -1.0), ("right", 1.0)):
        turn = spread + np.deg2rad(sign * _span(u[:, 9], -7, 7))
        along = _xy(sign * np.sin(turn), np.cos(turn))
        across = np.stack([sign * along[:, 1], -sign * along[:, 0]], axis=-1)
        inner = crotch + along * (inseam * (1 + sign * _span(u[:, 10], -0.05, 0.05)))[:, None]
        outer = inner + across * hem[:, None] + along * (hem * _span(u[:, 11], -0.25, 0.25))[:, None]
        waist = _xy(np.full_like(rise, sign), sign * waist_drop)
        hip = _xy(sign * hip_x, hip_y)
        knee = hip + (outer - hip) * 0.5 + across * (hem * _span(u[:, 12], -0.25, 0.15))[:, None]
        parts.append(np.stack([centre_top, waist, hip, knee, outer, inner, crotch], axis=1))
        marks |= {f"waist_{name}": waist, f"hip_{name}": hip, f"hem_out_{name}": outer, f"hem_in_{name}": inner}
    return _turn(parts, marks, u[:, 13])


def _skirt(u: FloatArray) -> Outlines:
    length = _span(u[:, 0] ** 1.5, 0.9, 6.0)
    hip_x = _span(u[:, 1], 1.0, 2.0)
    hip_y = length * _span(u[:, 2], 0.2, 0.45)
    curve = _span(u[:, 3], -0.2, 0.5)
    dip = _span(u[:, 4], -0.15, 0.25)
    marks: dict[str, FloatArray] = {}
    sides = []
    for name, sign in (("left", -1.0), ("right", 1.0)):
        hem_x = hip_x * _span(u[:, 5], 0.7, 2.0) * (1 + sign * _span(u[:, 6], -0.12, 0.12))
        waist = _xy(np.full_like(length, sign), sign * _span(u[:, 7], -0.08, 0.08))
        hip = _xy(sign * hip_x, hip_y)
        hem = _xy(sign * hem_x, length * (1 + sign * _span(u[:, 8], -0.07, 0.07)))
        marks |= {f"waist_{name}": waist, f"hip_{name}": hip, f"hem_{name}": hem}
        sides.append((waist, hip, hem))
    (waist_l, hip_l, hem_l), (waist_r, hip_r, hem_r) = sides
    sag = _xy(np.zeros_like(curve), curve)
    bottom = [(hem_r * (1 - t) + hem_l * t) + sag * (4 * t * (1 - t)) for t in (0.2, 0.5, 0.8)]
    top = [(waist_l + waist_r) / 2 + _xy(np.zeros_like(dip), dip)]
    polygon = np.stack([hem_l, hip_l, waist_l, *top, waist_r, hip_r, hem_r, *bottom], axis=1)
    return _turn([polygon], marks, u[:, 13])
