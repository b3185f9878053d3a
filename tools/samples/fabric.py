"""Cloth as the camera sees it: colour and pattern, weave, sewn edges, and the soft rim of fibres in the light."""

import bpy
import numpy as np
from scene import Colour, Nodes
from scipy.spatial import cKDTree

FAR = 1.0


def edges(points: np.ndarray, open_vertices: np.ndarray, sleeve: np.ndarray, kind: str) -> dict[str, np.ndarray]:
    """Return each vertex's distance in the cut, metres, to the hem or cuffs and to the neck or waistband."""
    rim = points[open_vertices]
    high = points[:, 2].max()
    if kind in ("trousers", "skirt"):
        upper = rim[:, 2] > high - 0.12
    else:
        upper = (sleeve[open_vertices] < 0.2) & (rim[:, 2] > high - 0.3)
    out = {}
    for name, chosen in (("upper", upper), ("lower", ~upper)):
        out[name] = cKDTree(rim[chosen]).query(points)[0] if chosen.any() else np.full(len(points), FAR)
    return out


def named(nodes: Nodes, name: str, output: str = "Fac") -> bpy.types.NodeSocket:
    """Return a vertex attribute."""
    return nodes.add("ShaderNodeAttribute", {"attribute_name": name}).outputs[output]


def between(nodes: Nodes, value: object, low: float, high: float) -> bpy.types.NodeSocket:
    """Return 1 where low < value < high, else 0."""
    return nodes.math("MULTIPLY", nodes.math("GREATER_THAN", value, low), nodes.math("LESS_THAN", value, high))


def pattern(nodes: Nodes, look: dict, colour: Colour, place: object) -> object:
    """Return the dyed colour."""
    second: Colour = tuple(look.get("second", colour))
    if look.get("pattern") == "stripes":
        wave = nodes.math("FRACT", nodes.math("DIVIDE", named(nodes, "run"), look["every"]))
        return nodes.mix("MIX", nodes.math("LESS_THAN", wave, look.get("share", 0.4)), colour, second)
    if look.get("pattern") == "dots":
        cells = nodes.add("ShaderNodeTexVoronoi", Vector=place, Scale=1 / look["every"], Randomness=0.6)
        return nodes.mix("MIX", nodes.math("LESS_THAN", cells.outputs[0], 0.22), colour, second)
    if look.get("pattern") == "flowers":
        cells = nodes.add("ShaderNodeTexVoronoi", Vector=place, Scale=1 / look["every"], Randomness=0.9)
        petals = nodes.add("ShaderNodeTexNoise", Vector=place, Scale=120.0, Detail=2.0).outputs[0]
        size = nodes.math("ADD", cells.outputs[0], nodes.math("MULTIPLY", nodes.math("SUBTRACT", petals, 0.5), 0.5))
        bloom = nodes.mix("MIX", nodes.math("LESS_THAN", size, 0.30), colour, second)
        return nodes.mix("MIX", nodes.math("LESS_THAN", size, 0.12), bloom, tuple(look.get("third", second)))
    if look.get("pattern") == "denim":
        fade = nodes.add("ShaderNodeTexNoise", Vector=place, Scale=9.0, Detail=6.0, Roughness=0.7).outputs[0]
        return nodes.mix("MIX", fade, colour, second)
    return colour


def tailoring(nodes: Nodes, waist: float) -> bpy.types.NodeSocket:
    """Return 1 on the sewn lines at the front of trousers: the fly, its stitching, and two slanted pockets."""
    split = nodes.add("ShaderNodeSeparateXYZ", Vector=named(nodes, "rest", "Vector")).outputs
    side, down = nodes.math("ABSOLUTE", split[0]), nodes.math("SUBTRACT", waist, split[2])
    right = nodes.math("ABSOLUTE", nodes.math("SUBTRACT", split[0], 0.034))
    fly = nodes.math("MULTIPLY", nodes.math("LESS_THAN", side, 0.0016), between(nodes, down, 0.042, 0.20))
    stitch = nodes.math("MULTIPLY", nodes.math("LESS_THAN", right, 0.0013), between(nodes, down, 0.042, 0.17))
    slant = nodes.math("SUBTRACT", nodes.math("SUBTRACT", side, 0.075), nodes.math("MULTIPLY", down, 0.42))
    pocket = nodes.math("LESS_THAN", nodes.math("ABSOLUTE", slant), 0.0022)
    pocket = nodes.math("MULTIPLY", pocket, between(nodes, down, 0.042, 0.19))
    front = nodes.math("LESS_THAN", split[1], -0.05)
    return nodes.math("MULTIPLY", front, nodes.math("MAXIMUM", nodes.math("MAXIMUM", fly, stitch), pocket))


def fabric(look: dict) -> bpy.types.Material:
    """Return the material of a garment whose mesh carries `rest`, `run`, `upper` and `lower`."""
    nodes = Nodes("fabric")
    place = named(nodes, "rest", "Vector")
    colour = pattern(nodes, look, tuple(look["colour"]), place)
    thread = nodes.add("ShaderNodeTexNoise", Vector=place, Scale=look.get("thread", 700.0), Detail=3.0).outputs[0]
    uneven = nodes.add("ShaderNodeTexNoise", Vector=place, Scale=30.0, Detail=3.0).outputs[0]
    colour = nodes.mix("OVERLAY", look.get("melange", 0.22), colour, thread)
    colour = nodes.mix("SOFT_LIGHT", 0.14, colour, uneven)
    upper, lower = named(nodes, "upper"), named(nodes, "lower")
    band, hem = look.get("band", 0.02), look.get("hem", 0.022)
    lines = nodes.math("ADD", between(nodes, upper, band, band + 0.0035), between(nodes, lower, hem, hem + 0.0028))
    if look["cut"]["kind"] == "trousers":
        lines = nodes.math("MAXIMUM", lines, tailoring(nodes, look["waist"]))
    colour = nodes.mix("MULTIPLY", nodes.math("MULTIPLY", lines, look.get("stitch", 0.2)), colour, (0.0, 0.0, 0.0))
    height = nodes.math("SUBTRACT", nodes.math("MULTIPLY", thread, 0.25), nodes.math("MULTIPLY", lines, 1.0))
    height = nodes.math("ADD", height, nodes.math("MULTIPLY", nodes.math("LESS_THAN", upper, band), 0.9))
    hanging = nodes.add("ShaderNodeMapping", Vector=place, Scale=(1.0, 1.0, look.get("hang", 0.4))).outputs[0]
    creases = nodes.add(
        "ShaderNodeTexNoise", Vector=hanging, Scale=look.get("crease", 11.0), Detail=3.0, Distortion=0.6
    )
    normal = nodes.bump(creases.outputs[0], look.get("crumple", 0.3), 0.035)
    normal = nodes.bump(height, 0.5, 0.0012, normal)
    nodes.set(Base_Color=colour, Roughness=look.get("rough", 0.85), Normal=normal)
    nodes.set(Sheen_Weight=look.get("sheen", 0.12), Sheen_Roughness=0.5)
    nodes.put(nodes.shader, "Specular IOR Level", look.get("shine", 0.18))
    return nodes.material
