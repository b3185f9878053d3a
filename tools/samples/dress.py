"""One sample person, dressed, in the studio: from bodies, garments and assets to a PNG.

Whatever a garment covers is taken out of the body's mesh before anything is drawn, and nothing of the trunk below the
collar bones is ever kept: there is no bare body in any scene that is rendered.
"""

from pathlib import Path

import bpy
import numpy as np
import scene
from drape import edge_vertices
from fabric import edges, fabric
from fitted import fitted
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from tailor import Sewn

Worn = list[tuple[dict, Sewn, np.ndarray]]


def bare(body: dict[str, np.ndarray], worn: Worn, limbs: np.ndarray, collar: float, shod: float) -> np.ndarray:
    """Return which faces of the body stay: what no garment covers, above the shoes.

    Of the trunk nothing below `collar` (metres) stays, whatever the garments do; of the feet nothing below `shod`.
    """
    faces, points = body["faces"], body["frames"][0].astype(float)
    normals = np.zeros_like(points)
    mine = faces[(faces < 13380).all(1)]
    cross = np.cross(points[mine[:, 2]] - points[mine[:, 0]], points[mine[:, 3]] - points[mine[:, 1]])
    for corner in range(4):
        np.add.at(normals, mine[:, corner], cross)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    shown = np.arange(len(points)) < 13380
    for _, sewn, _ in worn:
        tree = BVHTree.FromPolygons(sewn.points.tolist(), sewn.faces.tolist())
        rim = sewn.points[edge_vertices(sewn.faces)]
        for i in np.flatnonzero(shown & ~np.isin(limbs, ["head", "hand", "foot"])):
            hit = tree.ray_cast(Vector(points[i]), Vector(normals[i]), 0.16)
            if hit[0] is not None and np.linalg.norm(rim - points[i], axis=1).min() > 0.035:
                shown[i] = False
    shown &= ~((limbs == "torso") & (points[:, 2] < collar))
    shown &= ~((limbs == "foot") & (points[:, 2] < shod)) & ~((limbs == "leg") & (points[:, 2] < shod))
    return (faces < 13380).all(1) & shown[faces].all(1)


def show_skin(body: dict[str, np.ndarray], keep: np.ndarray, material: bpy.types.Material) -> None:
    """Put the visible skin into the scene."""
    faces = body["faces"][keep]
    used, turned = np.unique(faces, return_inverse=True)
    item = scene.mesh("skin", body["frames"][-1][used], turned.reshape(faces.shape).tolist())
    scene.unwrap(item, body["texture"], body["texture_faces"][keep].tolist())
    item.modifiers.new("smooth", "SUBSURF").render_levels = 1
    item.data.materials.append(material)


def show_garment(look: dict, sewn: Sewn, points: np.ndarray) -> None:
    """Put a draped garment into the scene, with thickness, and with what its material reads."""
    item = scene.mesh("garment", points, sewn.faces.tolist())
    near = edges(sewn.points, edge_vertices(sewn.faces), sewn.sleeve, look["cut"]["kind"])
    for name, values in near.items():
        scene.attribute(item, name, values)
    scene.attribute(item, "run", np.where(sewn.sleeve > 0.02, 1.37 - 0.27 * sewn.sleeve, sewn.points[:, 2]))
    rest = item.data.attributes.new("rest", "FLOAT_VECTOR", "POINT")
    rest.data.foreach_set("vector", sewn.points.astype(np.float32).ravel())
    smooth = item.modifiers.new("relax", "SMOOTH")
    smooth.factor, smooth.iterations = 0.4, 2
    item.modifiers.new("fine", "SUBSURF").render_levels = 1
    thick = item.modifiers.new("thick", "SOLIDIFY")
    thick.thickness, thick.offset = look.get("thick", 0.0022), 1.0
    item.data.materials.append(fabric({**look, "waist": float(sewn.points[:, 2].max())}))


def show_piece(
    mhclo: Path, frames: np.ndarray, material: bpy.types.Material, fine: int = 0, below: float | None = None
) -> None:
    """Put hair, eyes, brows or lashes into the scene; or shoes, a pair, of which only what is `below` metres stays."""
    piece = fitted(mhclo, frames, pair=below is not None)
    kept = range(len(piece.faces))
    if below is not None:
        kept = [i for i in kept if piece.points[piece.faces[i], 2].mean() < below]
    item = scene.mesh(mhclo.stem, piece.points, [piece.faces[i] for i in kept])
    scene.unwrap(item, piece.texture, [piece.texture_faces[i] for i in kept])
    if fine:
        item.modifiers.new("smooth", "SUBSURF").render_levels = fine
    item.data.materials.append(material)


class Wardrobe:
    """Where the CC0 assets lie: meshes of the release, and its textures."""

    def __init__(self, root: Path) -> None:
        self.base, self.core = root / "mh" / "base", root / "mh" / "makehuman" / "data"
        self.textures = root / "package" / "public" / "data"

    def texture(self, folder: str, name: str) -> Path:
        """Return the one picture of that name in a folder of textures."""
        found = sorted(path for path in (self.textures / folder).rglob("*.png") if path.stem.lower() == name.lower())
        if not found:
            raise FileNotFoundError(f"no texture {name} below {self.textures / folder}")
        return found[0]


def show_head(person: dict, frames: np.ndarray, wardrobe: Wardrobe) -> None:
    """Put eyes, brows, lashes and hair into the scene."""
    hair, dye = person["hair"], tuple(person["dye"])
    brow = person["brow"]
    show_piece(
        wardrobe.core / "eyes/high-poly/high-poly.mhclo",
        frames,
        scene.eyes(wardrobe.texture("proxies/eyes/HighPolyEyes", f"{person['eyes']}_eye")),
    )
    show_piece(
        wardrobe.base / f"eyebrows/{brow}/{brow}.mhclo",
        frames,
        scene.strands(wardrobe.texture("proxies/eyebrows", brow), tuple(person.get("brow_dye", dye)), 0.5),
    )
    show_piece(
        wardrobe.base / "eyelashes/eyelashes01/eyelashes01.mhclo",
        frames,
        scene.strands(wardrobe.texture("proxies/eyelashes", "eyelashes01"), (0.01, 0.008, 0.006)),
    )
    picture = wardrobe.texture("proxies/hair", "afro_diffuse" if hair == "afro01" else f"{hair}_diffuse")
    shade = scene.strands(picture, dye, person.get("dye_range", 0.6), person.get("hair_rough", 0.45))
    show_piece(wardrobe.base / f"hair/{hair}/{hair}.mhclo", frames, shade, 1)


def show_shoes(shoes: dict, frames: np.ndarray, wardrobe: Wardrobe) -> None:
    """Put shoes into the scene."""
    name = shoes["name"]
    picture = wardrobe.texture("proxies/clothes", f"{name}_diffuse")
    material = scene.plain("shoes", tuple(shoes["colour"]), shoes.get("rough", 0.5), picture, shoes.get("wash", 0.6))
    mhclo = wardrobe.base / f"clothes/{name}/{name}.mhclo"
    show_piece(mhclo, frames, material, 1, shoes.get("below", 1.0))
