"""The garments of the sample people: tops, dresses, trousers and skirts, each described by a few numbers.

`sew` turns a description from people.json into a mesh around the resting body. What a description may say: `kind`,
`hem` (metres above the floor), `ease` and `taper` (room, and drawing in a metre), `neck` ("crew", "v", "scoop") with
`deep`, `sleeve` (0 none, 1 to the elbow, 2 to the wrist) with `sleeve_ease`, `waist` (metres above the hip joint),
`flare`.
"""

from dataclasses import dataclass

import numpy as np
from cut import Hull, Resting, clipped, even, grown, surface, union, within
from scipy.spatial import cKDTree


@dataclass(frozen=True)
class Sewn:
    """A garment around the resting body: its mesh, and for every vertex where it runs and how near an edge it is."""

    points: np.ndarray
    faces: np.ndarray
    sleeve: np.ndarray  # 0 on the body of the garment, else along the arm, 0..2
    waist: float  # height above which the garment is held, metres (inf where nothing holds it)


def along_arm(rest: Resting, places: np.ndarray) -> np.ndarray:
    """Return how far along the nearer arm `places` lie: 0 at the shoulder, 1 at the elbow, 2 at the wrist."""
    shoulder, elbow, wrist = (rest.joints[f"{name}.L"] for name in ("upperarm01", "lowerarm01", "wrist"))
    mirrored = places * [1, 1, 1]
    mirrored[:, 0] = abs(mirrored[:, 0])
    best, out = np.full(len(places), np.inf), np.zeros(len(places))
    for start, end, base in ((shoulder, elbow, 0.0), (elbow, wrist, 1.0)):
        way = end - start
        share = (mirrored - start) @ way / (way @ way)
        share = np.clip(share, 0.0 if base else -1.0, 1.5 if base else 1.0)
        off = np.linalg.norm(mirrored - start - share[:, None] * way, axis=1)
        out = np.where(off < best, base + share, out)
        best = np.minimum(best, off)
    return out


def neck_kept(rest: Resting, places: np.ndarray, cut: dict) -> np.ndarray:
    """Return a number above zero where cloth stays at the neck."""
    base = rest.joints["neck01"]
    across = cut.get("wide", 0.0)
    top = base[2] + cut.get("neck_up", 0.035) - across * 0.3 + 0.62 * (places[:, 1] - base[1])
    kept = top - places[:, 2]
    front = places[:, 1] < base[1] + 0.02
    deep = base[2] - cut.get("deep", 0.0)
    if cut["neck"] == "v":
        opening = abs(places[:, 0]) - np.maximum(places[:, 2] - deep, 0) * 0.62
        kept = np.where(front, np.minimum(kept, np.where(places[:, 2] > deep, opening, 1)), kept)
    if cut["neck"] == "scoop":
        x, z = places[:, 0] / (0.085 + across), (places[:, 2] - deep - 0.09) / 0.09
        bowl = (np.sqrt(x**2 + np.minimum(z, 0) ** 2) - 1) * 0.08
        kept = np.where(front, np.minimum(kept, bowl), kept)
    return kept


def top(rest: Resting, cut: dict) -> Sewn:
    """Sew a top or, with a hem below the hips, a dress."""
    torso, arm = rest.limb == "torso", rest.limb == "arm"
    trunk = torso | ((rest.limb == "leg") & (rest.points[:, 2] > cut["hem"] - 0.05))
    shoulder, hip = rest.joints["upperarm01.L"], rest.joints["upperleg01.L"]
    hull = Hull(rest.points[trunk], cut["hem"] - 0.05, shoulder[2] + 0.07)
    bust, waist = shoulder[2] - 0.16, hip[2] + 0.17
    flare = cut.get("flare")
    hull.hang(bust, cut["taper"], waist if flare is not None else -1.0)
    if flare is not None:
        hull.hang(hip[2] + 0.02, -flare)
    ease, room = cut["ease"], cut.get("sleeve_ease", 0.018)
    reach = cut["sleeve"]

    def field(places: np.ndarray) -> np.ndarray:
        inside = within(rest, places)
        low = np.clip((shoulder[2] - 0.05 - places[:, 2]) / 0.12, 0, 1)
        cloth = hull.field(places, 0.006 + (ease - 0.006) * low)
        cloth = np.where(places[:, 2] > shoulder[2] - 0.02, np.maximum(cloth, 0.004), cloth)
        cloth = union(cloth, grown(rest, torso, places, inside) - np.minimum(ease, 0.011))
        if reach > 0:
            cloth = union(cloth, grown(rest, arm, places, inside) - room, 0.03)
        return cloth

    span = abs(rest.points[rest.limb == "arm"][:, 0]).max() + 0.08 if reach else abs(rest.points[torso][:, 0]).max()
    deep = abs(hull.reach).max() + 0.08
    width, middle = max(span + 0.06, deep), hull.axis[1]
    box = np.array([-width, middle - deep, cut["hem"] - 0.04]), np.array([width, middle + deep, shoulder[2] + 0.12])
    points, faces = surface(field, *box)
    points, faces = clipped(points, faces, points[:, 2] - cut["hem"])
    points, faces = clipped(points, faces, neck_kept(rest, points, cut))
    if reach > 0:
        _, nearest = cKDTree(rest.points).query(points)
        beyond = (abs(points[:, 0]) > shoulder[0] + 0.02) & np.isin(rest.limb[nearest], ["arm", "hand"])
        outer = np.where(beyond, (reach - along_arm(rest, points)) * 0.25, 1.0)
        points, faces = clipped(points, faces, outer)
    else:
        depth = np.clip((shoulder[2] + 0.03 - points[:, 2]) / 0.16, 0, 1)
        hole = shoulder[0] * (cut.get("strap", 0.82) + 0.5 * depth**3) - abs(points[:, 0])
        points, faces = clipped(points, faces, hole)
    points, faces = even(points, faces, cut.get("size", 0.015))
    _, nearest = cKDTree(rest.points).query(points)
    worn = np.isin(rest.limb[nearest], ["arm", "hand"]) & (abs(points[:, 0]) > shoulder[0] + 0.02)
    arms = np.where(worn, np.clip(along_arm(rest, points), 0.03, 2), 0)
    return Sewn(points, faces, arms if reach else arms * 0, np.inf)


def bottom(rest: Resting, cut: dict) -> Sewn:
    """Sew trousers or, where the cut says how it flares, a skirt."""
    hip, torso, leg = rest.joints["upperleg01.L"], rest.limb == "torso", rest.limb == "leg"
    below = rest.points[:, 2] < hip[2] + cut["waist"] + 0.05
    trunk = (torso | leg) & below
    ease, waist, crotch = cut["ease"], hip[2] + cut["waist"], hip[2] - cut.get("crotch", 0.075)
    seat = Hull(rest.points[trunk & (rest.points[:, 2] > crotch - 0.1)], crotch - 0.05, waist + 0.04)
    skirt = Hull(rest.points[trunk], cut["hem"] - 0.05, waist + 0.04)
    if "flare" in cut:
        skirt.hang(hip[2] + 0.02, -cut["flare"])
    legs = []
    for side in (1, -1):
        mine = leg & (rest.points[:, 0] * side > 0) & (rest.points[:, 2] < crotch + 0.03)
        legs.append(Hull(rest.points[mine], cut["hem"] - 0.05, crotch + 0.02))
        legs[-1].hang(crotch - 0.03, cut.get("taper", 0.1))

    def field(places: np.ndarray) -> np.ndarray:
        tight = 0.006 + (ease - 0.006) * np.clip((waist - 0.02 - places[:, 2]) / 0.12, 0, 1)
        if "flare" in cut:
            return skirt.field(places, tight)
        skin = grown(rest, trunk, places, within(rest, places)) - np.minimum(tight, 0.012)
        cloth = union(np.maximum(seat.field(places, tight * 0.6), crotch - places[:, 2]), skin)
        for hull in legs:
            cloth = union(cloth, hull.field(places, ease), 0.012)
        gap = 0.006 * np.clip((crotch - places[:, 2]) / 0.03, 0, 1)
        return np.where(places[:, 2] < crotch, np.maximum(cloth, gap - abs(places[:, 0])), cloth)

    wide = abs(skirt.reach).max() + 0.08
    middle = skirt.axis[1]
    low, high = np.array([-wide, middle - wide, cut["hem"] - 0.04]), np.array([wide, middle + wide, waist + 0.04])
    points, faces = surface(field, low, high)
    points, faces = clipped(points, faces, points[:, 2] - cut["hem"])
    points, faces = clipped(points, faces, waist - points[:, 2] + 0.15 * (points[:, 1] - hip[1]))
    points, faces = even(points, faces, cut.get("size", 0.015))
    return Sewn(points, faces, np.zeros(len(points)), waist - 0.045)


def sew(rest: Resting, cut: dict) -> Sewn:
    """Sew whatever the description says."""
    return bottom(rest, cut) if cut["kind"] in ("trousers", "skirt") else top(rest, cut)
