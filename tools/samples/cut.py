"""Garments cut around a resting body: a level set of cloth, opened at neck, cuffs, waist and hem, as one even mesh.

A garment is the surface at which a field is zero. The field is the smooth union of the body grown by an ease and of a
hull that hangs from the widest place above, which is what separates a worn garment from painted skin: cloth bridges
hollows. Because the mesh starts free of the body and in one piece, its drape cannot tear or begin entangled. Lengths
are metres.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pymeshlab
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree
from skimage.measure import marching_cubes

VOXEL = 0.011
DIRECTIONS = np.linspace(0, 2 * np.pi, 96, endpoint=False)


@dataclass(frozen=True)
class Resting:
    """The resting body: dense points with normals, whose limb each is, and the joints by name."""

    points: np.ndarray
    normals: np.ndarray
    limb: np.ndarray  # "torso", "arm", "leg", "neck", "head"
    joints: dict[str, np.ndarray]


def limb_of(bone: str) -> str:
    """Return the part of the body that a bone moves."""
    for limb, starts in {
        "arm": ("upperarm", "lowerarm"),
        "hand": ("wrist", "finger", "metacarpal"),
        "leg": ("upperleg", "lowerleg"),
        "foot": ("foot", "toe"),
        "neck": ("neck",),
        "torso": ("root", "pelvis", "spine", "breast", "clavicle", "shoulder"),
    }.items():
        if bone.startswith(starts):
            return limb
    return "head"


def resting(body: dict[str, np.ndarray], spacing: float = 0.007) -> Resting:
    """Sample the resting body evenly."""
    vertices, faces = body["frames"][0].astype(float), body["faces"]
    faces = faces[(faces < 13380).all(1)]
    names = [limb_of(str(bone)) for bone in body["bones"]]
    limbs = np.array(names)[body["belongs"]]
    triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    cross = np.cross(b - a, c - a)
    area = np.linalg.norm(cross, axis=1) / 2
    draw = np.random.default_rng(1)
    count = int(area.sum() / spacing**2)
    chosen = draw.choice(len(triangles), count, p=area / area.sum())
    u, v = draw.random((2, count, 1))
    flip = u + v > 1
    u, v = np.where(flip, 1 - u, u), np.where(flip, 1 - v, v)
    points = a[chosen] + u * (b - a)[chosen] + v * (c - a)[chosen]
    normals = cross[chosen] / (2 * area[chosen, None] + 1e-12)
    joints = {str(bone): body["joints"][0][i].astype(float) for i, bone in enumerate(body["bones"])}
    return Resting(points, normals, limbs[triangles[chosen, 0]], joints)


def within(rest: Resting, places: np.ndarray) -> np.ndarray:
    """Return whether `places` (n, 3) lie inside the body, told by the normals of the nearest surface."""
    _, nearest = cKDTree(rest.points).query(places, k=5)
    away = places[:, None] - rest.points[nearest]
    return (away * rest.normals[nearest]).sum(2).mean(1) < 0


def grown(rest: Resting, which: np.ndarray, places: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return the signed distance of `places` (n, 3) to the chosen part of the body's surface.

    A part alone is an open surface, which cannot tell its two sides apart at its rim: `inside` is of the whole body.
    """
    distance, _ = cKDTree(rest.points[which]).query(places)
    return np.where(inside, -distance, distance)


class Hull:
    """Cloth that hangs around a set of points: per height, how far it reaches in each direction from the axis."""

    def __init__(self, points: np.ndarray, low: float, high: float, slack: float = 0.012) -> None:
        self.heights = np.arange(low, high, 0.008)
        self.axis = points[:, :2].mean(0)
        self.reach = np.full((len(self.heights), len(DIRECTIONS)), np.nan)
        ways = np.stack([np.cos(DIRECTIONS), np.sin(DIRECTIONS)])
        for row, height in enumerate(self.heights):
            near = points[abs(points[:, 2] - height) < slack]
            if len(near) > 8:
                self.reach[row] = ((near[:, :2] - self.axis) @ ways).max(0)
        known = ~np.isnan(self.reach[:, 0])
        rows = np.arange(len(self.heights))
        for way in range(len(DIRECTIONS)):
            self.reach[:, way] = np.interp(rows, rows[known], self.reach[known, way])
        self.reach = gaussian_filter1d(self.reach, 1.5, axis=0)

    def hang(self, start: float, taper: float, end: float = -1.0) -> "Hull":
        """Let the cloth fall from `start` down to `end`, drawing in by `taper` a metre (negative: flaring out)."""
        for row in range(len(self.heights) - 2, -1, -1):
            if end < self.heights[row] < start:
                above = self.reach[row + 1] - taper * (self.heights[1] - self.heights[0])
                self.reach[row] = np.maximum(self.reach[row], above)
        return self

    def field(self, places: np.ndarray, ease: np.ndarray | float) -> np.ndarray:
        """Return how far outside the cloth `places` (n, 3) are."""
        row = np.clip((places[:, 2] - self.heights[0]) / 0.008, 0, len(self.heights) - 1.001)
        low, share = row.astype(int), row % 1
        out = np.full(len(places), -np.inf)
        for way, angle in enumerate(DIRECTIONS):
            reach = self.reach[low, way] * (1 - share) + self.reach[low + 1, way] * share
            along = (places[:, 0] - self.axis[0]) * np.cos(angle) + (places[:, 1] - self.axis[1]) * np.sin(angle)
            np.maximum(out, along - reach, out=out)
        ends = np.maximum(self.heights[0] - places[:, 2], places[:, 2] - self.heights[-1])
        return np.maximum(out - ease, ends)


def union(one: np.ndarray, two: np.ndarray, soft: float = 0.015) -> np.ndarray:
    """Return the smooth union of two fields."""
    share = np.clip(0.5 + 0.5 * (two - one) / soft, 0, 1)
    return two * (1 - share) + one * share - soft * share * (1 - share)


def clipped(points: np.ndarray, faces: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut a triangle mesh where `keep` (a number a vertex) falls below zero; the edge is exact."""
    out, result, new = list(points), [], {}

    def middle(i: int, j: int) -> int:
        key = (min(i, j), max(i, j))
        if key not in new:
            share = keep[i] / (keep[i] - keep[j])
            new[key] = len(out)
            out.append(points[i] + share * (points[j] - points[i]))
        return new[key]

    for face in faces:
        inside = [keep[i] >= 0 for i in face]
        if all(inside):
            result.append(face)
        elif any(inside):
            ring: list[int] = []
            for k in range(3):
                i, j = int(face[k]), int(face[(k + 1) % 3])
                if keep[i] >= 0:
                    ring.append(i)
                if (keep[i] >= 0) != (keep[j] >= 0):
                    ring.append(middle(i, j))
            result += [[ring[0], ring[k], ring[k + 1]] for k in range(1, len(ring) - 1)]
    return np.array(out), np.array(result)


def even(points: np.ndarray, faces: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest piece of a mesh with triangles of one size."""
    meshes = pymeshlab.MeshSet()
    meshes.add_mesh(pymeshlab.Mesh(points, faces))
    meshes.meshing_remove_duplicate_vertices()
    meshes.meshing_remove_unreferenced_vertices()
    meshes.meshing_remove_connected_component_by_face_number(mincomponentsize=len(faces) // 6)
    meshes.meshing_isotropic_explicit_remeshing(targetlen=pymeshlab.PureValue(size), iterations=6, adaptive=False)
    done = meshes.current_mesh()
    return done.vertex_matrix(), done.face_matrix()


def surface(
    field: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mesh at which `field` (a function of places) is zero within a box."""
    axes = [np.arange(a, b, VOXEL) for a, b in zip(low, high, strict=True)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    values = field(places.reshape(-1, 3)).reshape(places.shape[:3])
    points, faces, _, _ = marching_cubes(values, 0.0)
    return points * VOXEL + low, faces
