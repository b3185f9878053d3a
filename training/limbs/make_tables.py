"""Makes `limbs.npz`: how arms and legs are shaped and coloured, as tables over their length and width.

    python make_tables.py BODIES TEXTURES [limbs.npz]

BODIES: folder of `tools/samples/bodies.py` (.npz of the sample people). TEXTURES: folder of MakeHuman's skin textures
(`*_skinned_*_diffuse*.png`, CC0; tools/samples/README.md says where from). Of each body only the surface of upper arm,
forearm, thigh and shin is drawn, from the front, into a table over the fraction of the limb and the place across it,
together with each skin texture of that sex. The tables are the means over bodies, textures and both sides, so no
single body or skin is in them. Needs numpy and OpenCV. Invariant: the same folders give the same file.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PEOPLE = {"anna": "female", "helen": "female", "jonas": "male", "mei": "female", "ravi": "male", "zuri": "female"}
BODY_VERTICES = 13380
ROWS, COLUMNS = 96, 33
FIRST, LAST = 0.06, 0.93
"""The stretch of a limb that the tables cover: from below the shoulder or the groin to the wrist or ankle."""

PIXELS = 900.0
"""Pixels to a metre."""

DARKER = 0.45
EMPTY = 0.5
"""Points that a cell of a table needs."""

BARYCENTRIC = np.array([(i, j, 24 - i - j) for i in range(25) for j in range(25 - i)]) / 24.0
LIMBS = {"arm": ("upperarm01", "lowerarm01", "wrist"), "leg": ("upperleg01", "lowerleg01", "foot")}
PARTS = {"arm": ("upperarm", "lowerarm", "shoulder", "wrist"), "leg": ("upperleg", "lowerleg", "foot")}


@dataclass
class Body:
    """One body in its stance: vertices (V, 3) in metres, joints by bone name, triangles, texture coordinates."""

    points: Array
    joints: dict[str, Array]
    triangles: NDArray[np.int64]
    texture: Array
    texture_triangles: NDArray[np.int64]
    bone_of: NDArray[np.str_]
    normals: Array


def load(path: Path) -> Body:
    """The body of one .npz, its last stance."""
    with np.load(path) as file:
        faces, uv_faces = (triangles(file[name]) for name in ("faces", "texture_faces"))
        skin = (faces < BODY_VERTICES).all(axis=1)
        points, bones = file["frames"][-1].astype(float), file["bones"]
        joints = dict(zip((str(b) for b in bones), file["joints"][-1].astype(float), strict=True))
        faces, uv_faces = faces[skin], uv_faces[skin]
        return Body(points, joints, faces, file["texture"], uv_faces, bones[file["belongs"]], normals_of(points, faces))


def triangles(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Quads cut in two."""
    return faces if faces.shape[1] == 3 else np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])


def normals_of(points: Array, faces: NDArray[np.int64]) -> Array:
    """Vertex normals, (V, 3)."""
    flat = np.cross(points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]])
    out = np.zeros_like(points)
    for corner in range(3):
        np.add.at(out, faces[:, corner], flat)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)


def front(body: Body, limb: str, side: str) -> tuple[Array, Array, Array]:
    """What the camera in front sees of a limb: places (N, 2) in metres, x to the picture's right and y down; normals
    (N, 3) in the same axes, z towards the camera; texture coordinates (N, 2)."""
    mine = np.array([b.startswith(PARTS[limb]) and b.endswith(side) for b in body.bone_of])
    faces = mine[body.triangles].all(axis=1)
    spread = [
        np.einsum("bk,fkd->fbd", BARYCENTRIC, values[index[faces]]).reshape(-1, values.shape[1])
        for values, index in (
            (body.points, body.triangles),
            (body.normals, body.triangles),
            (body.texture, body.texture_triangles),
        )
    ]
    points, normals, texture = spread
    cell = np.floor(points[:, [0, 2]] * PIXELS).astype(int)
    cell -= cell.min(axis=0)
    # The nearest point of each cell: sorted from behind, the last one wins.
    nearest = np.full(cell.max(axis=0) + 1, -1)
    order = np.argsort(-points[:, 1])
    nearest[cell[order, 0], cell[order, 1]] = order
    seen = nearest[nearest >= 0]
    seen = seen[normals[seen, 1] < 0]
    axes = normals[seen][:, [0, 2, 1]] * np.array([1.0, -1.0, -1.0])
    return points[seen][:, [0, 2]] * np.array([1.0, -1.0]), axes, texture[seen]


def along_limb(places: Array, line: Array) -> tuple[Array, Array]:
    """Fraction of the line (K, 2) nearest to each place, going on straight beyond its ends, and the distance from it,
    positive to the picture's right of a limb that hangs down."""
    steps = np.diff(line, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    best, fraction, across = np.full(len(places), np.inf), np.zeros(len(places)), np.zeros(len(places))
    for i, (a, step) in enumerate(zip(line[:-1], steps, strict=True)):
        rel = places - a
        t = rel @ step / lengths[i] ** 2
        t = np.clip(t, 0.0 if i else -0.3, 1.0 if i < len(steps) - 1 else 1.3)
        off = rel - t[:, None] * step
        away = np.linalg.norm(off, axis=1)
        closer = away < best
        best[closer] = away[closer]
        fraction[closer] = (starts[i] + t[closer] * lengths[i]) / lengths.sum()
        across[closer] = ((rel[:, 0] * step[1] - rel[:, 1] * step[0]) / lengths[i])[closer]
    return fraction, across


def tables(body: Body, limb: str, side: str, skins: list[NDArray[np.uint8]]) -> dict[str, Array]:
    """normal (ROWS, COLUMNS, 3), log_skin (ROWS, COLUMNS, 3), edge (ROWS, 2): distances of the outer and the inner
    outline from the joints' line, in shoulder distances. Outer is +1 across; 'joint' is the fraction of its joint."""
    places, normals, texture = front(body, limb, side)
    line = np.array([body.joints[f"{b}.{side}"][[0, 2]] * np.array([1.0, -1.0]) for b in LIMBS[limb]])
    fraction, across = along_limb(places, line)
    # The body's left side, L, is at the picture's right; there outer is right.
    outwards = 1.0 if line[0, 0] > 0 else -1.0
    across, normals = across * outwards, normals * np.array([outwards, 1.0, 1.0])
    rows = np.linspace(FIRST, LAST, ROWS)
    width = np.linalg.norm(body.joints["upperarm01.L"] - body.joints["upperarm01.R"])
    edge = np.stack([outline(fraction, way * across, rows) for way in (1.0, -1.0)], axis=1)
    shift, half = (edge[:, 0] - edge[:, 1]) / 2, edge.sum(axis=1) / 2
    place = (across - np.interp(fraction, rows, shift)) / np.interp(fraction, rows, half)
    cell = (fraction - FIRST) / (LAST - FIRST) * (ROWS - 1), (place + 1.0) / 2.0 * (COLUMNS - 1)
    colours = [np.log(sampled(skin, texture) + 8.0) for skin in skins]
    lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
    return {
        "normal": gridded(cell, normals),
        "log_skin": np.mean([even(gridded(cell, colour)) for colour in colours], axis=0),
        "edge": edge / width,
        "joint": np.array(lengths[0] / lengths.sum()),
    }


def outline(fraction: Array, across: Array, rows: Array) -> Array:
    """The farthest place across at each row, smoothed over two rows."""
    index = np.rint(np.interp(fraction, rows, np.arange(ROWS), left=-1, right=-1)).astype(int)
    far = np.array([np.percentile(across[index == row], 99.5) for row in range(ROWS)])
    return cv2.GaussianBlur(far[:, None], (1, 9), 1.5, borderType=cv2.BORDER_REPLICATE)[:, 0]


def gridded(cell: tuple[Array, Array], values: Array) -> Array:
    """Means of values (N, C) in cells of a table, linearly shared between neighbours."""
    out, weight = np.zeros((ROWS, COLUMNS, values.shape[1])), np.full((ROWS, COLUMNS, 1), 1e-9)
    low = [np.floor(c).astype(int) for c in cell]
    for dr in (0, 1):
        for dc in (0, 1):
            r, c = low[0] + dr, low[1] + dc
            share = (1 - np.abs(cell[0] - r)) * (1 - np.abs(cell[1] - c))
            ok = (r >= 0) & (r < ROWS) & (c >= 0) & (c < COLUMNS)
            np.add.at(out, (r[ok], c[ok]), share[ok, None] * values[ok])
            np.add.at(weight, (r[ok], c[ok]), share[ok, None])
    return filled(out / weight, weight[..., 0] > EMPTY)


def filled(table: Array, known: NDArray[np.bool_]) -> Array:
    """The table with its unknown cells taken from the nearest known one of their column."""
    rows = np.arange(ROWS)
    out = table.copy()
    for column in range(COLUMNS):
        seen = np.flatnonzero(known[:, column])
        out[:, column] = table[seen[np.argmin(np.abs(rows[:, None] - seen[None]), axis=1)], column]
    return out


def sampled(skin: NDArray[np.uint8], texture: Array) -> Array:
    """Colours (N, 3) RGB of a texture at coordinates (N, 2), whose origin is its lower left corner."""
    height, width = skin.shape[:2]
    x, y = (np.clip(texture[:, 0], 0, 1) * (width - 1), (1 - np.clip(texture[:, 1], 0, 1)) * (height - 1))
    at = [np.asarray(v, np.float32).reshape(1, -1) for v in (x, y)]
    chunks = [np.s_[:, k : k + 30000] for k in range(0, at[0].shape[1], 30000)]
    parts = [cv2.remap(skin, at[0][c], at[1][c], cv2.INTER_LINEAR)[0] for c in chunks]
    return np.concatenate(parts).astype(float)


def even(table: Array) -> Array:
    """A table of log colours about its own middle, with what the skins share: more blood makes redder and darker. The
    textures' blue, of other hue at knees, is their cameras', and their darkness there partly shadow."""
    apart = table - np.median(table, axis=(0, 1))
    red = apart[..., :1] - apart[..., 1:].mean(axis=-1, keepdims=True)
    return DARKER * apart.mean(axis=-1, keepdims=True) + red * np.array([2.0, -1.0, -1.0]) / 3.0


def main(bodies: Path, textures: Path, out: Path | None) -> None:
    """Make the tables, and write them where `out` is given."""
    means: dict[str, Array] = {}
    for limb in LIMBS:
        found = []
        for name, sex in PEOPLE.items():
            body = load(bodies / f"{name}.npz")
            paths = sorted(p for p in textures.rglob(f"*skinned_{sex}_diffuse*.png") if not p.name.startswith("old"))
            skins = [cv2.cvtColor(cv2.imread(str(p)), cv2.COLOR_BGR2RGB) for p in paths]
            found += [tables(body, limb, side, skins) for side in "LR"]
        for key in found[0]:
            means[f"{limb}_{key}"] = np.mean([f[key] for f in found], axis=0)
    for name, table in means.items():
        print(name, table.shape, np.round(np.ravel(table)[:3], 3))
    if out is not None:
        np.savez_compressed(out, **{name: table.astype(np.float16) for name, table in means.items()})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
