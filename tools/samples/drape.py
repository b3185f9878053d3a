"""The drape: a sewn garment falls on the body while it moves from rest into its stance (Blender's cloth solver)."""

import bpy
import numpy as np
from scene import empty, mesh
from tailor import Sewn

CLOTHS = {  # mass kg/m2-ish, tension, shear, bending, how much the cloth is longer than its cut
    "jersey": (0.18, 12.0, 8.0, 0.15, 0.035),
    "cotton": (0.25, 18.0, 14.0, 0.6, 0.025),
    "denim": (0.45, 40.0, 30.0, 3.0, 0.012),
    "wool": (0.4, 20.0, 15.0, 1.5, 0.02),
    "silk": (0.15, 15.0, 8.0, 0.08, 0.03),
}
MOVING, STILL = 24, 30


def edge_vertices(faces: np.ndarray) -> np.ndarray:
    """Return the vertices on the open edges of a triangle mesh."""
    pairs = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    found, count = np.unique(pairs, axis=0, return_counts=True)
    return np.unique(found[count == 1])


def collider(item: bpy.types.Object, outer: float) -> None:
    """Let cloth rest on an object."""
    item.modifiers.new("collision", "COLLISION")
    item.collision.thickness_outer = outer
    item.collision.cloth_friction = 12.0


def moving_body(frames: np.ndarray, faces: np.ndarray) -> None:
    """Put the body into the scene as something to fall on; it is never drawn."""
    keep = faces[(faces < 13380).all(1)]
    item = mesh("support", frames[0, :13380], keep.tolist())
    item.shape_key_add(name="rest")
    for step in range(1, len(frames)):
        key = item.shape_key_add(name=str(step))
        key.data.foreach_set("co", frames[step, :13380].astype(np.float32).ravel())
        for frame, value in ((step - 1, 0.0), (step, 1.0), (step + 1, 0.0 if step < len(frames) - 1 else 1.0)):
            key.value = value
            key.keyframe_insert("value", frame=1 + frame * MOVING // (len(frames) - 1))
    for layer in item.data.shape_keys.animation_data.action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                for curve in bag.fcurves:
                    for point in curve.keyframe_points:
                        point.interpolation = "LINEAR"
    collider(item, 0.002)


def solved(item: bpy.types.Object, cloth: str) -> bpy.types.ClothModifier:
    """Give an object the cloth solver with the numbers of a kind of cloth."""
    solver = item.modifiers.new("cloth", "CLOTH")
    mass, tension, shear, bending, longer = CLOTHS[cloth]
    settings = solver.settings
    settings.quality, settings.mass, settings.air_damping = 6, mass, 1.5
    settings.tension_stiffness = settings.compression_stiffness = tension
    settings.shear_stiffness, settings.bending_stiffness = shear, bending
    settings.tension_damping = settings.compression_damping = settings.shear_damping = 6.0
    settings.shrink_min = settings.shrink_max = -longer
    settings.vertex_group_mass, settings.pin_stiffness = "held", 1.0
    solver.collision_settings.distance_min = 0.003
    solver.collision_settings.collision_quality = 2
    solver.collision_settings.use_self_collision = False
    return solver


def drape(
    body: dict[str, np.ndarray], sewn: Sewn, cloth: str, under: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Return where the garment's vertices come to lie; `under` are garments (points, faces) already worn below it."""
    scene = empty()
    moving_body(body["frames"], body["faces"])
    for points, faces in under:
        collider(mesh("under", points, faces.tolist()), 0.002)
    item = mesh("garment", sewn.points, sewn.faces.tolist())
    held = item.vertex_groups.new(name="held")
    if np.isfinite(sewn.waist):
        held.add(np.flatnonzero(sewn.points[:, 2] > sewn.waist).tolist(), 1.0, "REPLACE")
    solver = solved(item, cloth)
    scene.frame_start, scene.frame_end = 1, 1 + MOVING + STILL
    solver.point_cache.frame_start, solver.point_cache.frame_end = 1, 1 + MOVING + STILL
    for frame in range(1, 2 + MOVING + STILL):
        scene.frame_set(frame)
    worn = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    out = np.empty(len(worn.vertices) * 3, np.float32)
    worn.vertices.foreach_get("co", out)
    return out.reshape(-1, 3)
