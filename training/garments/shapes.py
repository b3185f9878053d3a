"""Parametric garments: polygons in drawing order with exact marks, the geometry of the synthetic training pictures.

Each function draws one garment at random and returns it in garment units (half a shoulder or waist width, x right,
y down). A Part is a polygon with what it is made of; `painting` turns parts into a picture. Invariant: every mark of
the engine's definition that is visible on the garment is given, a hidden one is left out, and the same generator state
gives the same garment.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

FRONT, BACK, LABEL, SEAM = 1, 2, 3, 0
CUTS = ("sleeveless", "short sleeve", "half sleeve", "long sleeve", "trousers", "shorts", "skirt")
TRAITS = ("straps", "off_shoulder", "open_front", "hooded", "collared", "sheer", "folded", "angled")


@dataclass
class Part:
    """points (n, 2); role FRONT, BACK, LABEL, or SEAM (an open line drawn on what lies below); tone: brightness."""

    points: np.ndarray
    role: int = FRONT
    tone: float = 1.0


@dataclass
class Shape:
    """A garment. trim: whether collar, ribs and cuffs have a colour of their own."""

    cut: str
    parts: list[Part] = field(default_factory=list)
    marks: dict[str, np.ndarray] = field(default_factory=dict)
    traits: set[str] = field(default_factory=set)
    pleats: float = 0.0


def curve(a, c, b, n=11):
    """Quadratic Bezier from a to b drawn towards c, (n, 2)."""
    t = np.linspace(0, 1, n)[:, None]
    a, b, c = (np.asarray(p, float) for p in (a, b, c))
    return (1 - t) ** 2 * a + 2 * t * (1 - t) * c + t**2 * b


def mirrored(points):
    """The same points on the other side, in reverse order so that polygons stay closed."""
    return np.asarray(points, float)[::-1] * (-1, 1)


def top(rng, *, dress=False):
    """A top or a dress."""
    cut = rng.choice(CUTS[:4], p=(0.42, 0.26, 0.12, 0.2) if dress else (0.25, 0.32, 0.12, 0.31))
    shape = Shape(str(cut))
    style = _neck_style(rng, shape, dress)
    frame = _frame(rng, shape.cut, style, dress)
    if style in ("straps", "strapless"):
        _bodice(rng, shape, frame, style)
    else:
        _body_and_sleeves(rng, shape, frame, style)
    for name in ("armpit", "hem"):
        shape.marks |= {f"{name}_left": frame[name] * (-1, 1), f"{name}_right": frame[name]}
    _dress_details(rng, shape, frame, dress)
    return shape


def _neck_style(rng, shape, dress):
    if shape.cut == "sleeveless" and rng.random() < (0.4 if dress else 0.25):
        shape.traits.add("straps" if rng.random() < 0.65 else "off_shoulder")
        return "straps" if "straps" in shape.traits else "strapless"
    styles = ["crew", "v", "scoop", "boat", "square", "turtle", "shirt", "polo", "hood", "open", "wide"]
    odds = np.array([24, 17, 10, 6, 4, 8, 17, 6, 8, 6, 2], float)
    if dress:
        odds[[5, 7, 8, 9]] *= (0.5, 0.5, 0.15, 0.2)
    style = str(rng.choice(styles, p=odds / odds.sum()))
    shape.traits |= {"hood": {"hooded"}, "shirt": {"collared"}, "polo": {"collared"}, "wide": {"off_shoulder"}}.get(
        style, set()
    )
    if style == "open":
        shape.traits.add("open_front")
        if rng.random() < 0.3:
            shape.traits.add("collared")
    return style


NECK_WIDTHS = {
    "crew": (0.3, 0.52), "v": (0.28, 0.58), "scoop": (0.42, 0.72), "boat": (0.58, 0.86), "square": (0.42, 0.7),
    "turtle": (0.26, 0.42), "shirt": (0.24, 0.42), "polo": (0.26, 0.42), "hood": (0.28, 0.48), "open": (0.25, 0.5),
    "wide": (0.86, 0.96), "straps": (0.72, 0.96), "strapless": (0.8, 0.9),
}  # fmt: skip
NECK_DEPTHS = {
    "crew": (0.08, 0.36), "v": (0.35, 1.15), "scoop": (0.3, 0.75), "boat": (0.06, 0.25), "square": (0.3, 0.7),
    "turtle": (0.0, 0.1), "shirt": (0.12, 0.5), "polo": (0.2, 0.6), "hood": (0.1, 0.4), "open": (0.3, 0.5),
    "wide": (0.05, 0.3), "straps": (0.45, 1.0), "strapless": (0.3, 0.9),
}  # fmt: skip


def _frame(rng, cut, style, dress):
    """The numbers of the right side; the left is its mirror image (the warp of `painting` breaks the symmetry)."""
    u = rng.uniform
    bare = cut == "sleeveless"
    neck = u(*NECK_WIDTHS[style])
    if bare and style in ("crew", "v", "scoop", "shirt", "turtle"):
        neck = min(0.85, neck * u(1.1, 1.6))
    drop = u(0.08, 0.62) * (1 - neck) + 0.01
    low = u(0.1, 0.5) if rng.random() < 0.12 else 0.0
    pit = np.array([u(0.95, 1.4) if bare else u(0.84, 1.16), drop + low + u(0.5, 1.15) * (1.1 if bare else 1.0)])
    length = u(2.9, 7.8) if dress else u(1.35, 3.4)
    length = max(length, pit[1] + 0.6)
    waist = np.array([pit[0] * u(0.68, 1.05), pit[1] + (length - pit[1]) * (u(0.15, 0.4) if dress else u(0.3, 0.7))])
    flare = u(0.75, 1.2) if rng.random() < 0.4 else u(1.0, 2.6 if dress else 1.5)
    hem = np.array([max(pit[0], waist[0]) * flare, length])
    return {
        "neck": np.array([neck, 0.0]), "depth": u(*NECK_DEPTHS[style]), "back": u(-0.06, 0.12),
        "shoulder": np.array([1.0, drop]), "armpit": pit, "waist": waist, "hem": hem, "sag": u(-0.12, 0.28),
    }  # fmt: skip


def _side(frame, start):
    """Right side from `start` over armpit, waist and hem to the hem's middle."""
    pit, waist, hem = frame["armpit"], frame["waist"], frame["hem"]
    down = curve(waist, (waist + hem) / 2 + (frame.get("bell", 0.0), 0), hem)
    middle = np.array([0.0, hem[1] + frame["sag"]])
    return np.vstack([start, curve(pit, (waist[0], (pit[1] + waist[1]) / 2), waist), down,
                      curve(hem, (hem[0] * 0.6, middle[1]), middle)])  # fmt: skip


def _front_edge(style, frame):
    """The front neckline's right half from the middle to the neck point."""
    neck, depth = frame["neck"], frame["depth"]
    if style == "square":
        return np.array([(0, depth), (neck[0] * 0.92, depth), neck])
    if style == "v":
        return curve((0, depth), (neck[0] * 0.5, depth * 0.42), neck)
    return curve((0, depth), (neck[0] * 0.85, depth), neck)


def _body_and_sleeves(rng, shape, frame, style):
    neck, shoulder, pit = frame["neck"], frame["shoulder"], frame["armpit"]
    bare = shape.cut == "sleeveless"
    reach = rng.uniform(0.72, 1.0) * min(1.0, pit[0])
    hole = curve(shoulder, (reach, pit[1] * 0.85) if bare else (0.93, (shoulder[1] + pit[1]) / 2), pit)
    side = _side(frame, np.vstack([neck, hole]))
    edge = _front_edge(style, frame)
    back_top = curve((0, frame["back"]), (neck[0] * 0.8, frame["back"]), neck)
    behind = rng.random() < 0.25 and not bare
    sleeves = [] if bare else _sleeves(rng, shape, frame)
    inner_end = side if style == "open" else edge[::-1] + (0, 0.1)
    inner = np.vstack([back_top, inner_end])
    shape.parts.append(Part(np.vstack([mirrored(inner), inner]), BACK, rng.uniform(0.45, 0.95)))
    _label(rng, shape, frame, style)
    if rng.random() < 0.14:
        hanger(rng, shape, neck)
    behind = behind and not _hides_cuffs(shape, np.vstack([edge, side]))
    if behind:
        shape.parts += sleeves
    _front(rng, shape, frame, style, edge, side)
    if not behind:
        shape.parts += sleeves
    if not bare:
        for seam in (hole, mirrored(hole)):
            shape.parts.append(Part(seam, SEAM, rng.uniform(0.6, 1.05)))
    shape.marks |= {"neck_right": neck, "neck_left": neck * (-1, 1)}
    shape.marks |= {"shoulder_right": shoulder, "shoulder_left": shoulder * (-1, 1)}
    _collars(rng, shape, frame, style)


def _hides_cuffs(shape, half):
    """Whether a body whose right half is `half` would lie over a cuff: such a sleeve could not be told from none."""
    outline = half.astype(np.float32)[:, None]
    cuffs = [point for name, point in shape.marks.items() if name.startswith("cuff")]
    return any(cv2.pointPolygonTest(outline, (float(abs(x)), float(y)), True) > 0.0 for x, y in cuffs)


def hanger(rng, shape, neck):
    """A hanger's shoulders, seen in the neckline, and sometimes its hook; like a label it is to be removed."""
    u = rng.uniform
    thick, rise = u(0.03, 0.12), u(0.0, 0.25)
    arm = np.array([neck[0] + u(-0.05, 0.15), neck[1] + u(0.05, 0.2)])
    upper = curve((0, arm[1] - rise - thick), (arm[0] * 0.5, arm[1] - rise * 0.7 - thick), arm - (0, thick))
    half = np.vstack([upper, upper[::-1] + (0, thick)])
    tone = rng.choice([0.1, 0.35, 0.6, 1.0])
    shape.parts.append(Part(np.vstack([half, mirrored(half)]), LABEL, tone))
    if rng.random() < 0.4:
        w, top_y = u(0.015, 0.04), upper[0, 1] - u(0.15, 0.45)
        shape.parts.append(Part(np.array([(-w, top_y), (w, top_y), (w, upper[0, 1]), (-w, upper[0, 1])]), LABEL, tone))


def _front(rng, shape, frame, style, edge, side):
    if style == "open":
        gap, low = rng.uniform(0.05, 0.5), frame["hem"][1]
        inside = curve(frame["neck"] * (0.95, 1), (gap * 0.4, low * 0.3), (gap, low + frame["sag"] * 0.6))
        half = np.vstack([side[:-3], inside[::-1]])
        shape.parts += [Part(half), Part(mirrored(half))]
        return
    half = np.vstack([edge, side])
    shape.parts.append(Part(np.vstack([half, mirrored(half)])))
    shape.marks["neck_front"] = np.array([0.0, frame["depth"]])
    if rng.random() < 0.6:
        width = rng.uniform(0.04, 0.12)
        rib = edge * (1 + width / max(frame["neck"][0], 0.3), 1) + (0, width)
        shape.parts.append(Part(np.vstack([mirrored(rib), rib]), SEAM, rng.uniform(0.65, 1.1)))
    if style in ("shirt", "polo") or rng.random() < 0.15:
        _placket(rng, shape, frame, whole=style != "polo")


def _placket(rng, shape, frame, *, whole):
    top_y, low = frame["depth"], frame["hem"][1] + frame["sag"] * 0.9
    end = low if whole else top_y + rng.uniform(0.4, 0.8)
    for x in (rng.uniform(0.04, 0.1), -rng.uniform(0.0, 0.1)):
        shape.parts.append(Part(np.array([(x, top_y), (x, end)]), SEAM, rng.uniform(0.55, 0.95)))
    for y in np.arange(top_y + 0.15, end, rng.uniform(0.22, 0.5)):
        angle = np.linspace(0, 2 * np.pi, 9)[:-1]
        dot = np.stack([0.03 + 0.028 * np.cos(angle), y + 0.028 * np.sin(angle)], 1)
        shape.parts.append(Part(dot, SEAM, rng.uniform(0.3, 1.5)))


def _label(rng, shape, frame, style):
    if style in ("turtle",) or rng.random() < 0.35 or frame["depth"] < frame["back"] + 0.1:
        return
    w, h = rng.uniform(0.06, 0.16), rng.uniform(0.05, 0.16)
    y = frame["back"] + rng.uniform(0.0, 0.06)
    box = np.array([(-w, y), (w, y), (w, y + h), (-w, y + h)]) + (rng.uniform(-0.04, 0.04), 0)
    shape.parts.append(Part(box, LABEL, rng.choice([0.1, 0.25, 1.0, 1.0])))


def _collars(rng, shape, frame, style):
    neck, depth = frame["neck"], frame["depth"]
    if "collared" in shape.traits:
        height = rng.uniform(0.06, 0.3)
        throat = np.array([0.0 if style != "open" else neck[0] * 0.5, depth if style != "open" else depth * 1.5])
        tip = throat + (rng.uniform(0.12, 0.5), rng.uniform(0.05, 0.35))
        rise = neck * (0.85, 1) + (0, -height)
        stand = np.vstack([curve((0, rise[1]), (rise[0] * 0.7, rise[1]), rise), neck, (0, depth * 0.7)])
        shape.parts.insert(1, Part(np.vstack([mirrored(stand), stand]), BACK, rng.uniform(0.6, 1.0)))
        flap = np.vstack([curve(throat + (0.01, 0), (neck[0] * 0.75, depth * 0.55), rise), neck + (0.05, 0.03), tip])
        shape.parts += [Part(flap, FRONT, rng.uniform(0.9, 1.1)), Part(mirrored(flap), FRONT, rng.uniform(0.9, 1.1))]
    elif style == "turtle":
        height, narrow = rng.uniform(0.1, 0.7), rng.uniform(0.78, 1.0)
        upper = neck * (narrow, 1) + (0, -height)
        dip = rng.uniform(0.0, 0.08)
        column = np.vstack([curve((0, -height + dip), (upper[0] * 0.6, -height + dip), upper), neck + (0.02, 0.02),
                            (0, neck[0] * 0.3 + 0.05)])  # fmt: skip
        rim = curve((0, -height - dip), (upper[0] * 0.6, -height - dip), upper)
        inside = np.vstack([rim, (0, -height + dip)])
        shape.parts.append(Part(np.vstack([mirrored(inside), inside]), BACK, rng.uniform(0.5, 0.9)))
        shape.parts.append(Part(np.vstack([column, mirrored(column)]), FRONT, rng.uniform(0.93, 1.05)))
        shape.marks["neck_front"] = np.array([0.0, -height + dip])
    elif style == "hood":
        _hood(rng, shape, frame)


def _hood(rng, shape, frame):
    neck, depth = frame["neck"], frame["depth"]
    height, width = rng.uniform(0.35, 1.35), rng.uniform(0.5, 0.95)
    foot = neck + (0.06, 0.04)
    outer = np.vstack([curve((0, -height), (width, -height), (width, -height * 0.45)),
                       curve((width, -height * 0.45), (width * 0.9, -0.05), foot), (0.02, depth + 0.12)])  # fmt: skip
    shape.parts.append(Part(np.vstack([outer, mirrored(outer)])))
    inset, cap = width * rng.uniform(0.5, 0.85), -height * rng.uniform(0.55, 0.9)
    opening = np.vstack([curve((0, cap), (inset, cap), (inset, cap * 0.5)),
                         curve((inset, cap * 0.5), (inset * 0.8, depth * 0.3), (0, depth))])  # fmt: skip
    shape.parts.append(Part(np.vstack([opening, mirrored(opening)]), BACK, rng.uniform(0.4, 0.85)))
    for x in (-0.12, 0.12):
        if rng.random() < 0.7:
            line = np.array([(x, depth), (x * rng.uniform(0.8, 1.8), depth + rng.uniform(0.3, 0.9))])
            shape.parts.append(Part(line, SEAM, rng.uniform(0.4, 1.5)))


def _bodice(rng, shape, frame, style):
    neck, depth = frame["neck"], frame["depth"]
    strap = max(0.04, 1 - neck[0])
    base = np.array([min(frame["armpit"][0], 1.0) * rng.uniform(0.55, 0.95), depth * rng.uniform(0.55, 1.0)])
    if style == "strapless":
        base = frame["armpit"] * (1, 1) - (0.0, 0.0)
        depth = base[1] + rng.uniform(-0.05, 0.2)
    frame["armpit"][1] = max(frame["armpit"][1], base[1])
    edge = curve((0, depth), (base[0] * 0.5, base[1] + rng.uniform(-0.3, 0.15)), base - (strap, 0))
    side = _side(frame, np.vstack([base, curve(base, (base[0], frame["armpit"][1]), frame["armpit"])]))
    half = np.vstack([edge, side])
    back = np.vstack([(0, depth - rng.uniform(0.0, 0.3)), base - (strap * 0.5, 0), (0, depth + 0.2)])
    shape.parts.append(Part(np.vstack([mirrored(back), back]), BACK, rng.uniform(0.5, 0.9)))
    shape.parts.append(Part(np.vstack([half, mirrored(half)])))
    shape.marks["neck_front"] = np.array([0.0, depth])
    if style == "straps":
        band = np.array([neck, (1.0, 0.0), base + (0, 0.05), base - (strap, -0.05)])
        shape.parts += [Part(band), Part(mirrored(band))]
        shape.marks |= {"neck_right": neck, "neck_left": neck * (-1, 1)}
        shape.marks |= {"shoulder_right": np.array([1.0, 0.0]), "shoulder_left": np.array([-1.0, 0.0])}


def _sleeves(rng, shape, frame):
    u = rng.uniform
    long, short = shape.cut == "long sleeve", shape.cut == "short sleeve"
    depth = np.linalg.norm(frame["armpit"] - frame["shoulder"])
    length = u(0.35, 1.2) if short else u(1.95, 3.3) if long else u(1.15, 1.95)
    angle, bend = (u(15, 85), 0.0) if short else _pose(rng)
    bell = rng.random() < 0.12
    cuff = depth * (u(0.4, 1.1) if short else u(0.8, 1.6) if bell else u(0.22, 0.8))
    puff = u(0.05, 0.3) if rng.random() < 0.15 else 0.0
    folded = 0 if short or rng.random() > 0.1 else int(rng.integers(1, 4))
    if folded:
        shape.traits.add("folded")
    rolled = u(0.04, 0.15) if rng.random() < 0.5 else 0.0
    parts = []
    for i, (name, sign) in enumerate((("left", -1), ("right", 1))):
        turn = u(95, 165) if folded & (i + 1) else bend + u(-7, 7)
        side = _sleeve(
            frame, np.deg2rad([angle + u(-5, 5), turn * (-1 if folded & (i + 1) else 1)]), length, cuff, puff
        )
        polygon, out, inner = side
        for name2, point in (("cuff_out", out), ("cuff_in", inner)):
            shape.marks[f"{name2}_{name}"] = point * (sign, 1)
        parts.append(Part(polygon * (sign, 1), FRONT, u(0.88, 1.04)))
        if angle < 0 or abs(bend) > 30:
            parts += [Part(np.vstack([polygon, polygon[:1]]) * (sign, 1), SEAM, u(0.3, 0.7)) for _ in range(2)]
        if rolled:
            back = (polygon[0] - out) / max(np.linalg.norm(polygon[0] - out), 1e-6) * rolled
            parts.append(Part(np.array([out + back, inner + back]) * (sign, 1), SEAM, u(0.6, 1.0)))
    return parts


def _pose(rng):
    """Angle of the upper sleeve from straight down and bend at the elbow, degrees: spread, hanging, laid on the body or
    with the forearms across it."""
    u, pick = rng.uniform, rng.random()
    if pick < 0.42:
        return u(10, 70), u(-30, 25)
    if pick < 0.78:
        return u(-6, 18), u(-25, 8)
    if pick < 0.92:
        return u(-26, -4), u(-10, 14)
    return u(-8, 30), u(-110, -35)


def _sleeve(frame, turns, length, cuff, puff):
    """Polygon and cuff ends of the right sleeve; turns: angle from straight down and bend at the elbow, radians."""
    shoulder, pit = frame["shoulder"], frame["armpit"]
    a, b = turns[0], turns[0] + turns[1]
    upper, lower = np.array([np.sin(a), np.cos(a)]), np.array([np.sin(b), np.cos(b)])
    across, inward = np.array([-upper[1], upper[0]]), np.array([-lower[1], lower[0]])
    elbow = shoulder + upper * length * 0.5
    out = elbow + lower * length * 0.5
    inner = out + inward * cuff
    middle = elbow + (across + inward) / max(np.linalg.norm(across + inward), 0.4) * (
        0.5 * (cuff + np.linalg.norm(pit - shoulder) * 0.85)
    )
    outer = np.vstack([curve(shoulder, (shoulder + elbow) / 2 - across * puff, elbow, 7),
                       curve(elbow, (elbow + out) / 2 - inward * puff, out, 7)])  # fmt: skip
    below = np.vstack([curve(inner, (inner + middle) / 2, middle, 5), curve(middle, (middle + pit) / 2, pit, 5)])
    return np.vstack([outer, below, (pit + shoulder) / 2 * (0.97, 1)]), out, inner


def _dress_details(rng, shape, frame, dress):
    waist, hem = frame["waist"], frame["hem"]
    if rng.random() < (0.6 if dress else 0.12):
        line = curve(waist * (-1, 1), (0, waist[1] + rng.uniform(-0.05, 0.15)), waist)
        shape.parts.append(Part(line, SEAM, rng.uniform(0.4, 1.2)))
    if rng.random() < 0.6:
        gap = rng.uniform(0.05, 0.2)
        y = hem[1] - gap
        line = curve((-hem[0], y), (0, y + 1.6 * frame["sag"]), (hem[0], y))
        shape.parts.append(Part(line, SEAM, rng.uniform(0.6, 1.0)))
    shape.pleats = rng.uniform(0.1, 0.5) if dress and rng.random() < 0.5 else 0.0
