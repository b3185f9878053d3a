"""How a lower garment sits: waist, rise, widths at the hips, and how far down each leg it goes.

A flat photo shows half of the way round the hips, the person photo about 0.8 of that; lengths follow from this one
scale, and the rise says where a hidden waistband lies. Invariant: the waist lies above the hip joints, the crotch
below them, and `reach` is told per leg, since a bent leg is drawn shorter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fittingroom.engines.drape.body import Body
from fittingroom.engines.drape.legs import Leg, drawn_fraction
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.types import Cut, Garment
from fittingroom.engines.drape.waist import COLUMNS, NATURAL_WAIST, SWALLOWED, WIDEST, Waist, find_waist, halves
from fittingroom.engines.protocol import FitStyle, Mask, TryOnOptions

AROUND_HIPS = 0.84
"""Visible width over flat width of cloth round hips, elliptic in section, with a little ease."""
AROUND_WAIST = 0.80
NARROW_WAIST = 0.75
"""A body's waist over its hips, both as seen from the front."""
RISE, RISE_RANGE = 0.25, (0.18, 0.40)
HIP_HALF, HIP_JOINTS, THIGH = 0.56, 0.5, 0.30
HIP_ROWS = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
FULL_LENGTH = 0.80
"""Inseam over flat hip width from which trousers are meant to reach the ankle; the flat photo itself is often
foreshortened."""
ANKLE, OLD_FULL = 1.02, (0.94, 1.06)
LONGEST_SKIRT = 0.97
GATHERED = (0.15, 0.40), (1.0, 0.94)
"""Flare of a skirt spread out flat -> its waistband as photographed over the one worn: a flared skirt's is often
gathered, and then lies narrower than it is worn, which made the skirt look longer than it is."""
HIGH_WAIST = 0.48
OVER_BAND, INSIDE_BAND = 0.045, 0.06
HIDDEN_BEND = -0.12
EASE = {FitStyle.SLIM: 0.90, FitStyle.REGULAR: 1.0, FitStyle.OVERSIZED: 1.14}


@dataclass(frozen=True, slots=True)
class LowerFit:
    """waist_v, crotch_v: heights in sw below the shoulders, on the axis. band_u, band_drop: float32 (N,),
    how far (sw) the waistband lies below waist_v at u. sides: float32
    (len(HIP_ROWS), 2), half widths (sw) left and right of the axis from waist to crotch. reach: covered fraction of
    each leg, hip -> ankle, as drawn. scale: picture px per garment px. ease: factor on the width of legs. shown:
    the waistband is in sight. waist_doubt: 0..1, the share of the trunk's width over which no upper edge of the old
    garment was found. old_top: where the waistband is out of sight, the height (sw) at which the old garment comes
    out from under what hides it."""

    waist_v: float
    crotch_v: float
    band_u: FloatArray
    band_drop: FloatArray
    sides: FloatArray
    reach: tuple[float, float]
    scale: float
    ease: float
    shown: bool
    waist_doubt: float = 0.0
    old_top: float | None = None

    def side_at(self, v: FloatArray, side: int) -> FloatArray:
        """Half width (sw) of one side at heights v between waist and crotch."""
        rows = self.waist_v + HIP_ROWS * (self.crotch_v - self.waist_v)
        return np.asarray(np.interp(v, rows, self.sides[:, side]), np.float32)

    def band(self, u: float, t: float) -> float:
        """How far (sw) a row's point at u hangs below the row's height: as the waistband at t = 0, level at t = 1."""
        return (1 - t) * float(np.interp(u, self.band_u, self.band_drop))

    def middle(self, v: float) -> float:
        """u of the middle between both sides."""
        at = np.array([v], np.float32)
        return float(self.side_at(at, 1)[0] - self.side_at(at, 0)[0]) / 2


def fit_lower(
    garment: Garment, person: Person, body: Body, legs: tuple[Leg, Leg], lower: Mask, options: TryOnOptions
) -> LowerFit:
    """Waist height, widths and length from the worn clothes and the garment's marks. lower: the worn garment."""
    old = find_waist(lower, person, body)
    usual_hip = (HIP_HALF + HIP_JOINTS * _joints(body) + THIGH) / 2
    waist_v = old.v - OVER_BAND if old is not None and old.shown else body.hip_v - NATURAL_WAIST
    crotch_v = body.hip_v + RISE
    below = None if old is None or not old.shown else old.v + INSIDE_BAND
    sides = _sides(lower, person, body, (waist_v, crotch_v), usual_hip, below)
    scale = _scale(garment, body, sides, usual_hip)
    if garment.cut is not Cut.SKIRT:
        rise = _rise(garment) * scale / body.sw
        if old is None or not old.shown:
            waist_v = _hidden_waist(crotch_v - rise, body, old)
        crotch_v = body.hip_v + float(np.clip((RISE + waist_v + rise - body.hip_v) / 2, *RISE_RANGE))
        sides = _sides(lower, person, body, (waist_v, crotch_v), usual_hip, below)
    elif old is not None and not old.shown:
        waist_v = _hidden_waist(waist_v, body, old)
    if garment.cut is Cut.SKIRT:
        above = -_drop(garment, body, legs, waist_v, crotch_v, 0.0)
        whole = above + _drop(garment, body, legs, waist_v, crotch_v, scale)
        scale *= min(1.0, (LONGEST_SKIRT + above) / max(whole, 1e-3))
    reach = _reach(garment, body, legs, waist_v, crotch_v, scale, options.length)
    shown = old is not None and old.shown
    top = None if old is None or old.shown else old.v + float(old.drop.min())
    doubt = 1.0 if old is None else 1.0 - len(old.u) / len(COLUMNS)
    u = old.u if old is not None and old.shown else COLUMNS
    drop = old.drop if old is not None and old.shown else HIDDEN_BEND * COLUMNS**2
    return LowerFit(waist_v, crotch_v, u, drop, sides, reach, scale, EASE[options.fit], shown, doubt, top)


def _hidden_waist(wanted: float, body: Body, old: Waist | None) -> float:
    """A waistband behind a top: at the garment's own rise, above the first old cloth in sight."""
    limit = body.hip_v - 0.24 if old is None else min(old.v - 0.08, body.hip_v - 0.24)
    return float(np.clip(wanted, body.hip_v - HIGH_WAIST, limit))


def _joints(body: Body) -> float:
    """Mean distance of the hip joints from the axis, sw, kept to a body's."""
    u = np.abs(body.coords(np.stack(body.hips))[:, 0])
    return float(np.clip(u.mean(), 0.2, 0.36))


def _sides(
    lower: Mask, person: Person, body: Body, ends: tuple[float, float], usual_hip: float, below: float | None
) -> FloatArray:
    """`LowerFit.sides` between the heights `ends`. below: where inside the old waistband its width is to be measured,
    as the new one begins above it; None where it is out of sight."""
    vs = np.asarray(ends[0] + HIP_ROWS * (ends[1] - ends[0]), np.float32)
    usual = usual_hip * np.interp(vs, [body.hip_v - 0.6, body.hip_v - 0.1, body.hip_v + 0.3], [0.84, 1.0, 1.0])
    worn = np.asarray(lower > 0.5)
    # A dress or coat, of which only the part below the waist is meant, says little of the hips under it.
    full = float((worn & (person.full > 0.5)).sum()) > 0.5 * float(worn.sum())
    at = vs if below is None else np.maximum(vs, np.float32(below))
    out = halves(worn, person, body, at, np.asarray(usual, np.float32), SWALLOWED if full else WIDEST)
    # A jag of the old outline must not become one of the new.
    padded = np.pad(out, ((1, 1), (0, 0)), mode="edge")
    return np.asarray(0.25 * padded[:-2] + 0.5 * out + 0.25 * padded[2:], np.float32)


def _scale(garment: Garment, body: Body, sides: FloatArray, usual_hip: float) -> float:
    """A skirt's hips may be any width, its waistband is the waist's; of trousers the hips are the safer measure."""
    m = garment.marks
    if garment.cut is Cut.SKIRT:
        flat = float(np.linalg.norm(m["waist_right"] - m["waist_left"]))
        gathered = float(np.interp(_flare(garment), *GATHERED))
        return 2 * gathered * NARROW_WAIST * usual_hip * body.sw / AROUND_WAIST / max(flat, 1.0)
    flat = _hips(garment)
    return float(sides[3:].sum(axis=1).mean()) * body.sw / AROUND_HIPS / max(flat, 1.0)


def _flare(garment: Garment) -> float:
    """How far each side of a skirt runs outward on its way down."""
    m = garment.marks
    down = float((m["hem_left"] + m["hem_right"] - m["waist_left"] - m["waist_right"])[1]) / 2
    widths = [float(np.linalg.norm(m[f"{n}_right"] - m[f"{n}_left"])) for n in ("waist", "hem")]
    return (widths[1] - widths[0]) / 2 / max(down, 1.0)


def _hips(garment: Garment) -> float:
    """Flat width at the hips, px; no trousers are narrower there than at the waist, so that a mark astray is seen."""
    m = garment.marks
    return max(float(np.linalg.norm(m[f"{n}_right"] - m[f"{n}_left"])) for n in ("hip", "waist"))


def _rise(garment: Garment) -> float:
    """Waist to crotch in the garment photo, px."""
    m = garment.marks
    return float(np.linalg.norm(m["crotch"] - (m["waist_left"] + m["waist_right"]) / 2))


def _drop(garment: Garment, body: Body, legs: tuple[Leg, Leg], waist_v: float, crotch_v: float, scale: float) -> float:
    """How far below the hip joints the garment goes, as a share of the true leg."""
    m = garment.marks
    true = max(*(leg.limb.length for leg in legs), 1.0)
    if garment.cut is Cut.SKIRT:
        top, hem = ((m[f"{n}_left"] + m[f"{n}_right"]) / 2 for n in ("waist", "hem"))
        return (float(np.linalg.norm(hem - top)) * scale - (body.hip_v - waist_v) * body.sw) / true
    return ((crotch_v - body.hip_v) * body.sw + _inseam(garment) * scale) / true


def _inseam(garment: Garment) -> float:
    m = garment.marks
    return float(np.mean([np.linalg.norm(m[f"hem_in_{n}"] - m["crotch"]) for n in ("left", "right")]))


def _reach(
    garment: Garment, body: Body, legs: tuple[Leg, Leg], waist_v: float, crotch_v: float, scale: float, length: float
) -> tuple[float, float]:
    """Covered fraction of each leg as drawn. Trousers of about full length end where full-length trousers do."""
    hips = _hips(garment)
    if garment.cut is not Cut.SKIRT and _inseam(garment) > FULL_LENGTH * hips:
        return _full(legs[0], length), _full(legs[1], length)
    reach = _drop(garment, body, legs, waist_v, crotch_v, scale * length)
    shortest = 0.08 if garment.cut is Cut.SKIRT else 0.22
    ends = [drawn_fraction(leg.limb, float(np.clip(reach, shortest, 1.08))) for leg in legs]
    return ends[0], ends[1]


def _full(leg: Leg, length: float) -> float:
    """End of full-length trousers: where the old ones ended over the shoe, else just past the ankle."""
    end = min(leg.worn_to, OLD_FULL[1]) if leg.worn_to >= OLD_FULL[0] else ANKLE
    return float(np.clip(end * length, 0.3, 1.1))
