"""Trousers, shorts and skirts for the synthetic training pictures; see `shapes` for units and invariants."""

import numpy as np
from shapes import BACK, FRONT, LABEL, SEAM, Part, Shape, curve, mirrored


def trousers(rng):
    """Trousers or shorts."""
    u = rng.uniform
    cut = "trousers" if rng.random() < 0.6 else "shorts"
    shape = Shape(cut)
    rise = u(0.9, 1.75)
    length = rise + (u(2.6, 5.0) if cut == "trousers" else u(0.2, 2.1))
    hip = np.array([u(1.05, 1.6), rise * 0.7])
    spread = np.deg2rad(u(-3, 16))
    wide = u(0.5, 1.25) if cut == "trousers" else u(0.85, 1.5)
    folded = cut == "trousers" and rng.random() < 0.08
    gap = u(0.0, 0.12)
    crotch = np.array([0.0, rise])
    sag = u(-0.05, 0.14)
    waist = np.array([1.0, 0.0])
    for name, sign in (("left", -1), ("right", 1)):
        turn = spread + np.deg2rad(u(-2, 2)) - (np.deg2rad(u(8, 16)) if folded else 0)
        axis = np.array([np.sin(turn), np.cos(turn)])
        foot = np.array([hip[0] * 0.5, rise]) + axis * (length - rise)
        across = np.array([axis[1], -axis[0]]) * hip[0] * 0.5 * wide
        out, inner = foot + across, foot - across
        if not folded:
            inner[0] = max(inner[0], gap) if rng.random() < 0.85 else inner[0]
        knee = (hip + out) / 2 + (u(-0.12, 0.05), 0)
        polygon = np.vstack([(0, sag), waist, curve(waist, (hip[0] * 0.97, hip[1] * 0.4), hip), curve(hip, knee, out),
                             inner, curve(inner, (inner + crotch) / 2, crotch)])  # fmt: skip
        shape.parts.append(Part(polygon * (sign, 1), FRONT, u(0.94, 1.04)))
        shape.marks |= {f"waist_{name}": waist * (sign, 1), f"hip_{name}": hip * (sign, 1)}
        shape.marks |= {f"hem_out_{name}": out * (sign, 1), f"hem_in_{name}": inner * (sign, 1)}
        back = (np.array([0, rise]) - out) / max(length, 1) * u(0.05, 0.2)
        shape.parts.append(Part(np.array([out + back, inner + back]) * (sign, 1), SEAM, u(0.6, 1.0)))
    if folded:
        shape.traits.add("folded")
    else:
        shape.marks["crotch"] = crotch
    shape.parts.append(Part(np.array([(0, sag), (u(-0.05, 0.05), rise * 0.6), crotch]), SEAM, u(0.5, 0.95)))
    _waistband(rng, shape, sag, 1.0 + 0.25 * (hip[0] - 1))
    return shape


def skirt(rng):
    """A skirt: pencil, A-line, flared, pleated, tiered."""
    u = rng.uniform
    shape = Shape("skirt")
    length = u(1.1, 5.2)
    waist, sag, dip = np.array([1.0, 0.0]), u(-0.04, 0.12), u(-0.1, 0.35)
    flare = u(0.85, 1.4) if rng.random() < 0.45 else u(1.2, 3.2)
    hem = np.array([flare, length])
    bulge = u(-0.1, 0.35)
    side = curve(waist, (1 + (flare - 1) * 0.5 + bulge, length * 0.4), hem, 31)
    hip = side[np.argmin(np.abs(side[:, 1] - length / 3))]
    half = np.vstack([(0, sag), side, curve(hem, (hem[0] * 0.5, length + dip), (0, length + dip))])
    shape.parts.append(Part(np.vstack([half, mirrored(half)])))
    for name, point in (("waist", waist), ("hip", hip), ("hem", hem)):
        shape.marks |= {f"{name}_left": point * (-1, 1), f"{name}_right": point}
    shape.pleats = u(0.1, 0.6) if rng.random() < 0.5 else 0.0
    for share in rng.uniform(0.2, 0.97, rng.integers(0, 4)):
        y = length * share
        x = float(np.interp(y, side[:, 1], side[:, 0]))
        shape.parts.append(Part(curve((-x, y), (0, y + dip * share * 2), (x, y)), SEAM, u(0.5, 1.2)))
    if rng.random() < 0.25:
        shape.parts.append(Part(np.array([(0, sag), (0, length + dip)]), SEAM, u(0.5, 1.2)))
    _waistband(rng, shape, sag, 1.03)
    return shape


def _waistband(rng, shape, sag, wider):
    u = rng.uniform
    if rng.random() < 0.12:
        tone = rng.choice([0.1, 0.4, 0.7, 1.0])
        for sign in (-1, 1):
            x, w, top_y, low = u(0.45, 0.92), u(0.05, 0.16), -u(0.04, 0.25), u(0.02, 0.14)
            clip = np.array([(x - w, top_y), (x + w, top_y), (x + w, low), (x - w, low)]) * (sign, 1)
            shape.parts.append(Part(clip, LABEL, tone))
    if rng.random() < 0.75:
        h = u(0.1, 0.32)
        line = curve((-wider, h), (0, h + 2 * sag), (wider, h))
        shape.parts.append(Part(line, SEAM, u(0.5, 1.0)))
    if rng.random() < 0.55 and sag > 0.02:
        inner = np.vstack([curve((-1, 0), (0, -u(0.0, 0.12)), (1, 0)), curve((1, 0), (0, 2 * sag), (-1, 0))])
        shape.parts.append(Part(inner, BACK, u(0.45, 0.95)))
        if rng.random() < 0.5:
            w = u(0.05, 0.15)
            box = np.array([(-w, 0.01), (w, 0.01), (w, sag * 0.8), (-w, sag * 0.8)])
            shape.parts.append(Part(box, LABEL, rng.choice([0.15, 1.0])))
