"""The studio in which the sample people are photographed: paper backdrop, soft boxes, camera, and materials.

Everything is made by nodes and numbers, so that no file but the CC0 textures of MakeHuman goes into a picture. Colours
are linear RGB between 0 and 1, lengths metres.
"""

from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

Colour = tuple[float, float, float]


def empty() -> bpy.types.Scene:
    """Return a scene with nothing in it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def mesh(name: str, points: np.ndarray, faces: list[list[int]], smooth: bool = True) -> bpy.types.Object:
    """Return a new object in the scene."""
    data = bpy.data.meshes.new(name)
    data.from_pydata(np.asarray(points, float).tolist(), [], [list(map(int, face)) for face in faces])
    if smooth:
        data.polygons.foreach_set("use_smooth", [True] * len(data.polygons))
    data.update()
    item = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(item)
    return item


def unwrap(item: bpy.types.Object, texture: np.ndarray, texture_faces: list[list[int]]) -> None:
    """Give the object texture coordinates, a corner each of its faces in their order."""
    layer = item.data.uv_layers.new(name="uv")
    corners = [corner for face in texture_faces for corner in face]
    layer.data.foreach_set("uv", np.asarray(texture, float)[corners].ravel())


def attribute(item: bpy.types.Object, name: str, values: np.ndarray) -> None:
    """Give every vertex a number that shaders can read."""
    item.data.attributes.new(name, "FLOAT", "POINT").data.foreach_set("value", np.asarray(values, np.float32))


class Nodes:
    """A material's graph, with the few words that the materials below need."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.shader = self.tree.nodes["Principled BSDF"]

    def add(self, kind: str, /, settings: dict[str, object] | None = None, **inputs: object) -> bpy.types.Node:
        """Add a node; `inputs` are values or sockets, by the input's name with _ for a blank."""
        node = self.tree.nodes.new(kind)
        for key, value in (settings or {}).items():
            setattr(node, key, value)
        for key, value in inputs.items():
            self.put(node, key.replace("_", " "), value)
        return node

    def put(self, node: bpy.types.Node, key: str | int, value: object) -> None:
        """Set an input to a value or link it to a socket."""
        socket = node.inputs[int(key) if str(key).isdigit() else key]
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif isinstance(value, tuple) and len(value) == 3 and socket.type == "RGBA":
            socket.default_value = (*value, 1.0)
        else:
            socket.default_value = value

    def set(self, **inputs: object) -> None:
        """Set inputs of the principled shader."""
        for key, value in inputs.items():
            self.put(self.shader, key.replace("_", " "), value)

    def picture(self, path: Path) -> bpy.types.Node:
        """Add a picture of the texture."""
        return self.add("ShaderNodeTexImage", {"image": bpy.data.images.load(str(path)), "interpolation": "Cubic"})

    def math(self, operation: str, *values: object) -> bpy.types.NodeSocket:
        """Add a calculation."""
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        for index, value in enumerate(values):
            self.put(node, index, value)
        return node.outputs[0]

    def mix(self, how: str, share: object, one: object, two: object) -> bpy.types.NodeSocket:
        """Add a mixture of two colours."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", how
        self.put(node, 0, share)
        self.put(node, 6, one)
        self.put(node, 7, two)
        return node.outputs[2]

    def bump(self, height: object, strength: float, distance: float, normal: object = None) -> bpy.types.NodeSocket:
        """Add a bump and return its normal."""
        node = self.add("ShaderNodeBump", Strength=strength, Distance=distance, Height=height)
        if normal is not None:
            self.put(node, "Normal", normal)
        return node.outputs[0]


def skin(path: Path, tint: Colour, gloss: float = 0.42) -> bpy.types.Material:
    """Return living skin: light that wanders below the surface, pores, a little shine."""
    nodes = Nodes("skin")
    colour = nodes.mix("MULTIPLY", 1.0, nodes.picture(path).outputs[0], tint)
    place = nodes.add("ShaderNodeTexCoord").outputs["Object"]
    mottle = nodes.add("ShaderNodeTexNoise", Vector=place, Scale=55.0, Detail=3.0).outputs[0]
    colour = nodes.mix("SOFT_LIGHT", 0.25, colour, mottle)
    pores = nodes.add("ShaderNodeTexNoise", Vector=place, Scale=900.0, Detail=2.0).outputs[0]
    nodes.set(Base_Color=colour, Roughness=gloss, Normal=nodes.bump(pores, 0.12, 0.0006))
    nodes.set(Subsurface_Weight=0.22, Subsurface_Scale=0.012, Subsurface_Radius=(1.0, 0.36, 0.2))
    nodes.put(nodes.shader, "Specular IOR Level", 0.38)
    return nodes.material


def eyes(path: Path) -> bpy.types.Material:
    """Return wet eyes; the cornea is the clear part of the texture."""
    nodes = Nodes("eyes")
    picture = nodes.picture(path)
    nodes.set(Base_Color=picture.outputs[0], Alpha=picture.outputs[1], Roughness=0.06, Coat_Weight=0.6)
    return nodes.material


def strands(path: Path, colour: Colour, strength: float = 1.0, shine: float = 0.34) -> bpy.types.Material:
    """Return hair, brows or lashes: the drawn strands' light and dark, in a colour of our own."""
    nodes = Nodes("strands")
    picture = nodes.picture(path)
    grey = nodes.add("ShaderNodeRGBToBW", Color=picture.outputs[0]).outputs[0]
    shade = nodes.add("ShaderNodeMapRange", Value=grey)
    for key, value in (("From Min", 0.0), ("From Max", strength), ("To Min", 0.25), ("To Max", 1.35)):
        nodes.put(shade, key, value)
    paint = nodes.mix("MULTIPLY", 1.0, colour, shade.outputs[0])
    nodes.set(Base_Color=paint, Alpha=picture.outputs[1], Roughness=shine, Anisotropic=0.6)
    nodes.put(nodes.shader, "Specular IOR Level", 0.16 if shine < 0.6 else 0.03)
    return nodes.material


def plain(
    name: str, colour: Colour, roughness: float, path: Path | None = None, wash: float = 0.0
) -> bpy.types.Material:
    """Return leather, rubber or canvas: a colour, or a texture washed with it by `wash` (0..1)."""
    nodes = Nodes(name)
    paint: object = colour
    if path is not None:
        paint = nodes.mix("MIX", wash, nodes.picture(path).outputs[0], colour)
    nodes.set(Base_Color=paint, Roughness=roughness)
    return nodes.material


def studio(paper: Colour, warm: float = 0.0) -> None:
    """Build the backdrop of paper and three soft boxes."""
    bend = [(-0.0 + 1.4 + 0.9 * np.sin(a), 0.9 - 0.9 * np.cos(a)) for a in np.linspace(0, np.pi / 2, 16)]
    line = [(-6.0, 0.0), *bend, (2.3, 6.0)]
    points = [(x, y, z) for y, z in line for x in (-6.0, 6.0)]
    faces = [[2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2] for i in range(len(line) - 1)]
    sheet = mesh("paper", np.array(points), faces)
    nodes = Nodes("paper")
    nodes.set(Base_Color=paper, Roughness=0.95)
    nodes.put(nodes.shader, "Specular IOR Level", 0.1)
    sheet.data.materials.append(nodes.material)
    box("key", (-2.9, -2.3, 2.6), (0, 0, 1.1), (1.2, 1.9), 265.0, (1.0, 0.965, 0.92))
    box("fill", (2.8, -2.8, 1.6), (0, 0, 0.9), (2.2, 2.4), 32.0, (0.95, 0.975, 1.0))
    box("rim", (2.2, 1.3, 2.5), (0, 0, 1.3), (0.7, 1.6), 75.0, (1.0, 1.0, 1.0))
    box("top", (0.0, 0.4, 3.4), (0, 0.6, 0.0), (3.0, 2.0), 38.0, (1.0, 1.0, 1.0))
    world = bpy.data.worlds.new("room")
    bpy.context.scene.world = world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs[0].default_value = (1.0 + warm, 1.0, 1.0 - warm, 1.0)
    background.inputs[1].default_value = 0.17


def aim(item: bpy.types.Object, target: tuple[float, float, float]) -> None:
    """Turn a light or a camera towards a point."""
    item.rotation_euler = (Vector(target) - item.location).to_track_quat("-Z", "Y").to_euler()


def box(name: str, place: tuple, target: tuple, size: tuple, power: float, colour: Colour) -> None:
    """Hang a soft box."""
    light = bpy.data.lights.new(name, "AREA")
    light.shape, light.size, light.size_y = "RECTANGLE", *size
    light.energy, light.color = power, colour
    item = bpy.data.objects.new(name, light)
    item.location = place
    bpy.context.scene.collection.objects.link(item)
    aim(item, target)


def camera(low: float, high: float, size: tuple[int, int], shift: float = 0.0) -> None:
    """Frame the heights `low` to `high` (metres) of a person on the origin."""
    data = bpy.data.cameras.new("camera")
    data.sensor_fit, data.sensor_height, data.lens = "VERTICAL", 36.0, 85.0
    middle, away = (low + high) / 2, (high - low) / 2 / (18.0 / 85.0)
    item = bpy.data.objects.new("camera", data)
    item.location = (shift, -away, middle)
    bpy.context.scene.collection.objects.link(item)
    aim(item, (shift, 0.0, middle))
    scene = bpy.context.scene
    scene.camera = item
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100


def photograph(path: Path, samples: int, threads: int = 2) -> None:
    """Render with Cycles, take the noise away with Open Image Denoise and write a PNG."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.seed = "CPU", samples, 7
    scene.cycles.use_adaptive_sampling = True
    scene.cycles.adaptive_threshold, scene.cycles.adaptive_min_samples = 0.06, 3
    scene.cycles.use_denoising, scene.cycles.denoiser = True, "OPENIMAGEDENOISE"
    scene.cycles.max_bounces, scene.cycles.diffuse_bounces, scene.cycles.transparent_max_bounces = 4, 2, 20
    scene.cycles.sample_clamp_indirect = 4.0
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.view_settings.view_transform, scene.view_settings.look = "AgX", "AgX - High Contrast"
    scene.view_settings.exposure = 0.15
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
