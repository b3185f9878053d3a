"""Where the trunk of a top or dress goes: shoulders, neckline, armholes, side seams, hem.

Lengths come from the garment's own proportions, widths from the body: in a flat photo the cloth shows half of the
way round a body, so its width is no measure of how wide it looks when worn. Invariant: the armholes lie on the body
where the sleeves begin, and the trunk's matte holds nothing of a sleeve beyond a small overlap there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fittingroom.engines.drape.body import SIDES, Body, Side, along, smooth
from fittingroom.engines.drape.girth import CHEST_HALF, Hang, arm_inside, cloth_edges, trunk_rows
from fittingroom.engines.drape.length import Length, dress_length, top_length
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.parts import Part, polygon
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.shoulders import shoulder_half, shoulder_line
from fittingroom.engines.drape.types import Cut, Garment
from fittingroom.engines.protocol import FitStyle, Mask, TryOnOptions, Tuck

TORSO = 1.6
# Distances of shoulder tips and armpits in sw: close-fitting tops, woven dresses.
CLOSE, WOVEN = (1.0, 0.95), (1.12, 1.22)
BOXY, BOXY_SHOULDERS = (1.03, 1.14), 1.20
BOXY_LENGTH, BOXY_CHEST = (1.5, 1.8), 1.12
NECK_HALF = (0.20, 0.50)
SLEEVED_TIP, BARE_TIP = (0.54, 0.61), (0.40, 0.60)
DROPPED = 0.05
DROP = (0.42, 0.74)
PIT_HALF = 0.44
SLEEVE, TRUST, MOST_EASE = 1.02, 0.7, 1.4
"""Shoulder to cuff over the arm's length, how far that is believed, and the largest factor that comes of it."""

NEVER_TUCKED = 0.5
"""Probability of a hood or an open front from which nobody tucks it in."""

CROPPED, AT_HIPS, SEAT = (1.12, 1.3), 0.05, 0.3
"""Lengths over the chest's width below which a top is cropped and above which it is not; where it ends then, and the
seat, in shoulder distances from the hip joints."""

OVER_SLEEVE = 0.05
RAISED_FROM, RAISED_FULL = 0.7, 2.2
OVERLAP, MARGIN, TAIL = 0.10, 0.008, 0.25
MARK_SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Fit:
    """How the garment sits. scale: picture px per garment px for lengths. tips, pits: shoulder tips and armpits in the
    picture (left, right). hem_v: hem in sw below the shoulders. stretched: how much the length was drawn out. slope:
    float32 (N, 2), u and v of the shoulders' silhouette from tip to tip. waist: where a tucked-in top disappears, sw;
    None where it hangs. short: how much it would have to be drawn out to cover the worn top. rolled: long
    sleeves end below the elbow."""

    scale: float
    tips: tuple[FloatArray, FloatArray]
    pits: tuple[FloatArray, FloatArray]
    neck_half: float
    neck_front_v: float
    hem_v: float
    stretched: float
    slope: FloatArray
    waist: float | None = None
    short: float = 1.0
    style: FitStyle = FitStyle.REGULAR
    notes: tuple[str, ...] = ()
    rolled: bool = False

    def shoulder_v(self, u: float) -> float:
        """Height of the shoulder line at u, sw."""
        return float(np.interp(u, self.slope[:, 0], self.slope[:, 1]))


def fit_trunk(garment: Garment, person: Person, body: Body, dress: bool, options: TryOnOptions = TryOnOptions()) -> Fit:
    """Decide scale, shoulder, armpit and hem positions from marks and body."""
    m, sw = garment.marks, body.sw
    scale = _scale(garment, body, dress)
    scale = scale if dress else scale * ease(garment, body, scale)
    tip_half = _tip_half(garment, person, body, scale, options.fit)
    neck_half = float(np.clip(0.55 * _dx(m, "neck") * scale / sw, NECK_HALF[0], min(NECK_HALF[1], tip_half - 0.04)))
    slope = shoulder_line(person, body, tip_half)
    tips = tuple(body.at(sign * tip_half, float(slope[i, 1])) for i, sign in ((0, -1), (-1, 1)))
    drop = float(np.clip((_level(m, "armpit") - _level(m, "shoulder")) * scale / sw, *DROP))
    pits = tuple(_pit(body, side, drop) for side in SIDES)
    own = drop + (_level(m, "hem") - _level(m, "armpit")) * scale / sw
    if options.tuck is Tuck.AUTO and max(garment.traits.hooded, garment.traits.open_front) > NEVER_TUCKED:
        options = replace(options, tuck=Tuck.OUT)
    length = dress_length(own, drop, body, options) if dress else top_length(own, drop, person, body, options)
    front = float((m["neck_front"][1] - _level(m, "neck")) * scale / sw)
    neck_v = float(np.interp((-neck_half, neck_half), slope[:, 0], slope[:, 1]).mean())
    fit = _fit(scale, tips, pits, neck_half, neck_v + front, length, slope, options.fit)
    return replace(fit, rolled=options.rolled_sleeves)


def trunk_part(garment: Garment, person: Person, body: Body, fit: Fit, dress: bool) -> Part:
    """Control points and matte of the trunk."""
    m = garment.marks
    target: list[FloatArray] = []
    source: list[FloatArray] = []
    for side in SIDES:
        name, sign = MARK_SIDES[side], (-1.0, 1.0)[side]
        tip, pit = fit.tips[side], fit.pits[side]
        tip_u = abs(float(body.coords(tip)[0]))
        for t in (0.0, 0.33, 0.67, 1.0):
            u = sign * ((1 - t) * fit.neck_half + t * tip_u)
            target.append(body.at(u, fit.shoulder_v(u)))
            source.append((1 - t) * m[f"neck_{name}"] + t * m[f"shoulder_{name}"])
        target.append((tip + pit) / 2 + 0.03 * body.sw * (-sign) * body.ux)
        source.append(_armhole_mid(garment, name, sign))
    target.append(body.at(0.0, fit.neck_front_v))
    source.append(m["neck_front"])
    hang = Hang(body.coords(np.stack(fit.pits)), fit.hem_v, fit.stretched, fit.scale)
    rows_target, rows_source = trunk_rows(garment, person, body, hang, dress, fit.style)
    return Part(
        "trunk",
        np.asarray(np.concatenate([np.stack(target), rows_target]), np.float32),
        np.asarray(np.concatenate([np.stack(source), rows_source]), np.float32),
        trunk_matte(garment),
    )


def trunk_matte(garment: Garment) -> Mask:
    """The garment without its sleeves, a little overlap kept at the armholes."""
    if garment.cut is Cut.SLEEVELESS:
        return garment.alpha
    height = garment.alpha.shape[0]
    wide = _dx(garment.marks, "armpit")
    edges = cloth_edges(garment, np.linspace(0.0, 1.0, 12))
    outline = []
    for side, sign in zip(SIDES, (-1.0, 1.0), strict=True):
        name, across = MARK_SIDES[side], np.array([sign, 0.0], np.float32)
        tip = garment.marks[f"shoulder_{name}"] + OVERLAP * wide * across
        pit = garment.marks[f"armpit_{name}"] + 0.3 * OVERLAP * wide * across
        down = edges[side][1:] + MARGIN * wide * across
        # A collar or hood stands above the shoulders, a shirt's tails hang below the corners of the hem.
        tail = down[-1] + TAIL * wide * np.array([[0.0, 0.15], [-sign, 1.0]], np.float32)
        ends = [np.array([[tip[0], -height]]), tip[None], pit[None], down, tail]
        outline.append(np.concatenate(ends)[:: -1 if side else 1])
    return np.asarray(garment.alpha * polygon(np.concatenate(outline), garment.alpha.shape, soft=1.5), np.float32)


def _scale(garment: Garment, body: Body, dress: bool) -> float:
    """Picture px per garment px for lengths, from the distances of shoulders and armpits in both.

    A close-fitting top's chest is as wide as the body's; a boxy one and a woven dress are wider, so that there the
    shoulder seams, which lie on the shoulders in every cut, say more.
    """
    m = garment.marks
    # A turned person's shoulders look narrow while the trunk keeps its length.
    unit = max(body.sw, body.hip_v * body.sw / TORSO)
    shoulders, chest = max(_dx(m, "shoulder"), 1.0), max(_dx(m, "armpit"), 1.0)
    if garment.cut is Cut.SLEEVELESS:
        long = (_level(m, "hem") - _level(m, "neck")) / chest
        return unit / chest * (WOVEN[1] if dress else float(np.interp(long, BOXY_LENGTH, (BOXY_CHEST, CLOSE[1]))))
    widths = WOVEN if dress else CLOSE
    close = unit * float(np.sqrt(widths[0] * widths[1] / (shoulders * chest)))
    boxy = 0.0 if dress else float(np.interp(shoulders / chest, BOXY, (1.0, 0.0)))
    return float(close ** (1.0 - boxy) * (unit * BOXY_SHOULDERS / shoulders) ** boxy)


def ease(garment: Garment, body: Body, scale: float) -> float:
    """Factor >= 1 of a top's scale: dropped shoulders and wide cuts make the shoulders' distance too small a measure.

    A long sleeve that lies flat is as long as the arm, and an ordinary top ends at the hips; only one that is short
    for its own chest is cropped. No top is lengthened beyond the seat for that.
    """
    m = garment.marks
    drop = float(np.clip((_level(m, "armpit") - _level(m, "shoulder")) * scale / body.sw, *DROP))
    own = drop + (_level(m, "hem") - _level(m, "armpit")) * scale / body.sw
    factor = 1.0
    if garment.cut is Cut.LONG_SLEEVE:
        arm = float(np.mean([limb.length for limb in body.arms if limb.seen] or [limb.length for limb in body.arms]))
        sleeves = [np.linalg.norm(m[f"cuff_out_{side}"] - m[f"shoulder_{side}"]) for side in MARK_SIDES]
        factor = float(np.clip((SLEEVE * arm / max(float(np.mean(sleeves)) * scale, 1.0)) ** TRUST, 1.0, MOST_EASE))
    long = (_level(m, "hem") - _level(m, "neck")) / max(_dx(m, "armpit"), 1.0)
    hips = float(np.interp(long, CROPPED, (own, max(own, body.hip_v - AT_HIPS))))
    seat = max(1.0, (body.hip_v + SEAT) / own)
    return min(max(factor, min(hips / own, MOST_EASE)), seat)


def _tip_half(garment: Garment, person: Person, body: Body, scale: float, style: FitStyle) -> float:
    """Half the distance of the shoulder tips, sw: the garment's, within what shoulders can carry."""
    bounds = BARE_TIP if garment.cut is Cut.SLEEVELESS else SLEEVED_TIP
    half = float(np.clip(0.5 * _dx(garment.marks, "shoulder") * scale / body.sw, *bounds))
    half = min(half, max(0.42, shoulder_half(person, body) - 0.04))
    return half + (DROPPED if style is FitStyle.OVERSIZED else 0.0)


def _pit(body: Body, side: Side, drop: float) -> FloatArray:
    """The armpit in the picture: where the arm leaves the trunk; a raised arm lifts it."""
    limb = body.arms[side]
    tangent = along(smooth(limb.points), np.array([0.2 * limb.length], np.float32))[1][0]
    angle = float(np.arccos(np.clip(tangent @ body.uy, -1.0, 1.0)))
    raised = float(np.clip((angle - RAISED_FROM) / (RAISED_FULL - RAISED_FROM), 0.0, 1.0))
    v = drop * (1.0 - 0.4 * raised) + float(body.coords(body.shoulders[side])[1])
    half = float(np.clip(arm_inside(body, side, v) + OVER_SLEEVE, PIT_HALF, CHEST_HALF))
    return body.at((-1.0, 1.0)[side] * half, v)


def _fit(
    scale: float,
    tips: tuple[FloatArray, ...],
    pits: tuple[FloatArray, ...],
    neck_half: float,
    neck_front_v: float,
    length: Length,
    slope: FloatArray,
    style: FitStyle,
) -> Fit:
    return Fit(
        scale=scale,
        tips=(tips[0], tips[1]),
        pits=(pits[0], pits[1]),
        neck_half=neck_half,
        neck_front_v=neck_front_v,
        hem_v=length.hem_v,
        stretched=length.stretched,
        slope=slope,
        waist=length.waist,
        short=length.short,
        style=style,
        notes=length.notes,
    )


def _armhole_mid(garment: Garment, name: str, sign: float) -> FloatArray:
    """Middle of the armhole in the photo; for sleeveless cuts the outline curves inwards there."""
    m = garment.marks
    mid = (m[f"shoulder_{name}"] + m[f"armpit_{name}"]) / 2
    return np.asarray(mid - sign * 0.03 * _dx(m, "armpit") * np.array([1.0, 0.0]), np.float32)


def _level(marks: dict[str, FloatArray], name: str) -> float:
    return float(marks[f"{name}_left"][1] + marks[f"{name}_right"][1]) / 2


def _dx(marks: dict[str, FloatArray], name: str) -> float:
    return float(np.linalg.norm(marks[f"{name}_right"] - marks[f"{name}_left"]))
