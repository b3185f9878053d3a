"""Hair, shoes, eyes, brows, lashes and teeth: meshes of the CC0 release of MakeHuman, fitted to an anny body.

A `.mhclo` file says for each vertex of its mesh which three vertices of the body carry it, with what weights, and how
far off it lies. The fit is made on the resting body and then carried along as one piece by the rigid motion of the
vertices it hangs on, so that a head may be turned without the hair being sheared.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

DECIMETRE = 0.1


@dataclass(frozen=True)
class Piece:
    """A mesh: `points` (n, 3) metres, `faces` lists of indices, `texture` (m, 2), `texture_faces` beside `faces`."""

    points: np.ndarray
    faces: list[list[int]]
    texture: np.ndarray
    texture_faces: list[list[int]]


def read_obj(path: Path) -> Piece:
    """Return the mesh of a Wavefront file, in the file's own units."""
    points, texture, faces, texture_faces = [], [], [], []
    for line in path.read_text("utf-8").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "v":
            points.append([float(word) for word in words[1:4]])
        elif words[0] == "vt":
            texture.append([float(word) for word in words[1:3]])
        elif words[0] == "f":
            corners = [word.split("/") for word in words[1:]]
            faces.append([int(corner[0]) - 1 for corner in corners])
            texture_faces.append([int(corner[1]) - 1 for corner in corners])
    return Piece(np.array(points), faces, np.array(texture), texture_faces)


def rigid(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rotation (3, 3) and shift (3,) that bring `source` (n, 3) nearest to `target`."""
    middle, goal = source.mean(0), target.mean(0)
    u, _, vt = np.linalg.svd((source - middle).T @ (target - goal))
    turn = (vt.T * [1, 1, np.linalg.det(vt.T @ u.T)]) @ u.T
    return turn, goal - turn @ middle


def carried(points: np.ndarray, carriers: np.ndarray, rest: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Move points fitted at rest, as one piece, the way the vertices that carry them have moved."""
    used = np.unique(carriers)
    turn, shift = rigid(rest[used], last[used])
    return points @ turn.T + shift


def read_fit(mhclo: Path, rest: np.ndarray) -> tuple[Path, np.ndarray, np.ndarray]:
    """Return a fit's mesh, its table (n, 9: three carriers, their weights, the way off) and its scale (3,) here."""
    scale, rows, obj = np.full(3, DECIMETRE), [], None
    axes = {"x_scale": 0, "z_scale": 1, "y_scale": 2}  # MakeHuman's y is up: ours is (x, -z, y)
    head, _, body = mhclo.read_text("utf-8").partition("verts 0\n")
    for words in map(str.split, head.splitlines() + body.splitlines()):
        if words[:1] == ["obj_file"]:
            obj = mhclo.with_name(words[1])
        elif words and words[0] in axes:
            axis = axes[words[0]]
            scale[axis] = abs(rest[int(words[1]), axis] - rest[int(words[2]), axis]) / float(words[3])
    for words in map(str.split, body.partition("delete_verts")[0].splitlines()):
        if words and words[0].isdigit():
            numbers = [float(word) for word in words]
            rows.append([numbers[0]] * 3 + [1, 0, 0, 0, 0, 0] if len(numbers) == 1 else numbers[:9])
    if obj is None:
        raise ValueError(f"{mhclo} names no mesh")
    return obj, np.array(rows), scale


def fitted(mhclo: Path, frames: np.ndarray, pair: bool = False) -> Piece:
    """Return the piece on the last stance of `frames` (steps, 19158, 3); a `pair` moves as a left and a right one."""
    rest, last = frames[0].astype(float), frames[-1].astype(float)
    obj, table, scale = read_fit(mhclo, rest)
    carriers, weights, off = table[:, :3].astype(int), table[:, 3:6], table[:, 6:9]
    off = np.stack([off[:, 0], -off[:, 2], off[:, 1]], 1) * scale
    points = (rest[carriers] * weights[:, :, None]).sum(1) + off
    sides = points[:, 0] > 0 if pair else np.ones(len(points), bool)
    out = points.copy()
    for chosen in (sides, ~sides):
        if chosen.any():
            out[chosen] = carried(points[chosen], carriers[chosen], rest, last)
    mesh = read_obj(obj)
    if len(mesh.points) != len(points):
        raise ValueError(f"{mhclo} places {len(points)} vertices, its mesh has {len(mesh.points)}")
    return Piece(out, mesh.faces, mesh.texture, mesh.texture_faces)
