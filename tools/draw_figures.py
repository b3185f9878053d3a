"""Makes the figures of docs/drape.md: every stage of the engine `drape` at work on a drawn person and a drawn garment.

    python tools/draw_figures.py [folder]        (default: docs/figures)

The engine is the real one. Only its networks are replaced, by the tests' (`MannequinNets`), which know what was drawn,
so that neither weights nor anybody's photo are needed. What passes between the stages is read off their calls.
Invariant: the same code makes the same pictures; none shows the person without clothes on trunk or hips.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tools")]

from drawn_pictures import DrawnGarment, draw_garment, draw_person  # noqa: E402
from mannequin import Mannequin, MannequinNets, engine_of  # noqa: E402

from fittingroom.engines.drape import light, upper  # noqa: E402
from fittingroom.engines.drape.composite import Kind, Layer, visible_box  # noqa: E402
from fittingroom.engines.drape.engine import DrapeEngine  # noqa: E402
from fittingroom.engines.drape.parts import Part  # noqa: E402
from fittingroom.engines.drape.scene import Scene  # noqa: E402
from fittingroom.engines.drape.types import Garment  # noqa: E402
from fittingroom.engines.protocol import ClothesType, FitStyle, TryOnOptions, Tuck  # noqa: E402

WIDTH, MOST_BYTES, CAPTION = 900, 80_000, 30
BLUE, RED, GREEN, YELLOW, PURPLE, INK = (
    (31, 110, 190),
    (214, 64, 52),
    (40, 150, 90),
    (236, 176, 30),
    (140, 80, 170),
    (40, 40, 44),
)
STAGES = ((upper, "draw"), (upper, "remove_top"), (light, "proxy"), (light, "read_relief"), (light, "cloth_light"))
WEARING = (
    ("as it is", TryOnOptions()),
    ("fit: slim", TryOnOptions(fit=FitStyle.SLIM)),
    ("fit: oversized", TryOnOptions(fit=FitStyle.OVERSIZED)),
    ("tuck: in", TryOnOptions(tuck=Tuck.IN)),
    ("length: 1.3", TryOnOptions(length=1.3)),
)
Panel = tuple[np.ndarray, str]


@contextmanager
def recorded() -> Iterator[dict[str, list[tuple[tuple[Any, ...], Any]]]]:
    """Within it every call of a stage leaves its arguments and its answer in the yielded dict, by the stage's name."""
    calls: dict[str, list[tuple[tuple[Any, ...], Any]]] = {name: [] for _, name in STAGES}

    def watched(name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            answer = stage(*args, **more)
            calls[name].append((args, answer))
            return answer

        return call

    watches = [patch.object(module, name, watched(name, getattr(module, name))) for module, name in STAGES]
    for one in watches:
        one.start()
    try:
        yield calls
    finally:
        for one in watches:
            one.stop()


def main(folder: Path) -> None:
    """Write all figures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    person, garment = draw_person(), draw_garment()
    engine = engine_of(MannequinNets(person, garment))
    with recorded() as calls:
        result, scene = engine.inspect(person.rgb, garment.rgb, ClothesType.UPPER)
    figures = {
        "result": [(person.rgb, "person photo"), (garment.rgb, "garment photo"), (result.image, "result")],
        "person": of_person(scene),
        "garment": of_garment(garment, scene.garment),
        "warp": of_warp(scene, [args[0] for args, _ in calls["draw"]]),
        "removal": cropped(of_removal(scene, calls["remove_top"][0][1])),
        "light": cropped(of_light(scene, calls)),
        "layers": of_layers(scene),
        "options": of_options(engine, person, garment),
    }
    for name, panels in figures.items():
        save(sheet(panels), folder / f"{name}.png")


def of_person(scene: Scene) -> list[Panel]:
    """The maps of the networks, and the frame of the body that the joints give."""
    p, body = scene.person, scene.body
    maps = p.rgb
    for mask, colour in ((p.upper, BLUE), (p.lower, GREEN), (p.skin, RED), (p.face, YELLOW), (p.hair, PURPLE)):
        maps = tinted(maps, mask, colour, 0.62)
    frame = tinted(p.rgb, np.ones_like(p.alpha), (255, 255, 255), 0.45)
    for limb in (*body.arms, *body.legs):
        polyline(frame, limb.points, BLUE, 2)
        dots(frame, limb.points, BLUE)
    polyline(frame, axis(body, (-0.9, 0.0), (0.9, 0.0)), RED, 2)
    polyline(frame, axis(body, (0.0, -0.1), (0.0, 2.0)), RED, 2)
    for v in (0.5, 1.0, 1.5, 2.0):
        polyline(frame, axis(body, (-0.06, v), (0.06, v)), RED, 2)
    limbs = tinted(p.rgb, np.ones_like(p.alpha), (255, 255, 255), 0.45)
    for field, colour in zip((*scene.arms, *scene.legs), (RED, BLUE, YELLOW, GREEN), strict=True):
        limbs = tinted(limbs, np.asarray(field.band(0.0, 1.0), np.float32), colour, 0.6)
    return [
        (maps, "top, trousers, skin, face, hair"),
        (frame, "joints; axes in shoulder distances"),
        (limbs, "arms and legs as fields"),
    ]


def axis(body: Any, *uv: tuple[float, float]) -> np.ndarray:
    """Picture px of points (u, v) of the body's frame."""
    return np.stack([body.at(*one) for one in uv])


def of_garment(drawn: DrawnGarment, garment: Garment) -> list[Panel]:
    """Marks on the outline, the cut-out, the inner back of the collar enlarged."""
    photo = cv2.resize(drawn.rgb, garment.alpha.shape[::-1], interpolation=cv2.INTER_AREA)
    marks = tinted(photo, np.ones_like(garment.alpha), (255, 255, 255), 0.4)
    outline, _ = cv2.findContours((garment.alpha > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(marks, outline, -1, BLUE, 4, cv2.LINE_AA)
    dots(marks, np.stack(list(garment.marks.values())), RED, 11)
    cut = over_checks(garment.rgb, garment.alpha)
    neck = np.mean([garment.marks["neck_left"], garment.marks["neck_right"]], axis=0)
    half = 0.75 * float(np.linalg.norm(garment.marks["neck_right"] - garment.marks["neck_left"]))
    back = photo if garment.back is None else tinted(photo, garment.back, RED, 0.6)
    x0, y0 = max(0, int(neck[0] - half)), max(0, int(neck[1] - 0.6 * half))
    collar = back[y0 : int(y0 + 2 * half), x0 : int(x0 + 2 * half)]
    return [(marks, f"outline and marks: {garment.cut.value}"), (cut, "cut out"), (collar, "inner back of the collar")]


def of_warp(scene: Scene, parts: list[Part]) -> list[Panel]:
    """Control points of each part in both pictures, and what the map makes of a square grid."""
    own = tinted(scene.garment.rgb, 1.0 - scene.garment.alpha, (255, 255, 255), 1.0)
    own = tinted(own, np.ones_like(scene.garment.alpha), (255, 255, 255), 0.45)
    worn = tinted(scene.person.rgb, np.ones(scene.shape, np.float32), (255, 255, 255), 0.45)
    squares = worn.copy()
    cells = np.indices(scene.garment.alpha.shape) // 44
    grid = np.where((cells.sum(axis=0) % 2)[..., None] == 1, np.uint8(255), np.uint8(70)).repeat(3, axis=2)
    for part, colour in zip([p for p in parts if p.name != "back"], (BLUE, RED, GREEN), strict=False):
        dots(own, part.source, colour, 9)
        dots(worn, part.target, colour, 3)
        drawn = UNWATCHED_DRAW(part, tinted(grid, np.ones(grid.shape[:2], np.float32), colour, 0.45), scene.shape)
        squares = blended(squares, drawn.rgb, drawn.alpha)
    return [(own, "control points: trunk, sleeves"), *cropped([(worn, "where they go"), (squares, "squares, warped")])]


UNWATCHED_DRAW = upper.draw


def of_removal(scene: Scene, removal: Any) -> list[Panel]:
    """What the old top is, and what becomes of it where the new one leaves it uncovered."""
    old = tinted(scene.person.rgb, upper.old_garment(scene, False), BLUE, 0.6)
    cover = np.max([layer.alpha for layer in scene.layers if layer.kind is Kind.CLOTH], axis=0)
    fate = scene.person.rgb
    fate = tinted(fate, np.asarray(removal.plate * (1.0 - removal.skin), np.float32), GREEN, 0.65)
    fate = tinted(fate, removal.front, RED, 0.65)
    fate = tinted(fate, removal.behind, PURPLE, 0.65)
    covered = tinted(fate, np.asarray(cover, np.float32), (255, 255, 255), 0.82)
    return [
        (old, "the worn top"),
        (fate, "background, arms, neck; else it stays"),
        (covered, "white: what new cloth covers"),
    ]


def of_light(scene: Scene, calls: dict[str, Any]) -> list[Panel]:
    """The relief of the body, the folds that the photo shows, and the factor by which cloth is brightened."""
    figure = calls["proxy"][0][1]
    size = scene.shape[::-1]
    normal = cv2.resize(np.uint8(np.clip(127.5 + 127.5 * figure.normal, 0, 255)), size, interpolation=cv2.INTER_LINEAR)
    flat = np.clip(cv2.resize(figure.depth, size) / 0.03, 0.0, 1.0)
    normal = blended(np.full((*scene.shape, 3), 255, np.uint8), normal.astype(np.float32), flat)
    relief = next(answer for args, answer in calls["read_relief"] if args[0] is scene.person.rgb)
    folds = np.clip(128 + 420 * cv2.resize(relief.folds, size), 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    (_, drawn, _, _), shades = calls["cloth_light"][0]
    lit = np.full((*scene.shape, 3), 255, np.uint8)
    for part, shade in zip(drawn, shades, strict=True):
        lit = blended(lit, 190.0 * shade[..., None].repeat(3, axis=2), part.alpha)
    return [(normal, "normals of the body's relief"), (folds, "folds of the worn top"), (lit, "light on the new cloth")]


def of_layers(scene: Scene) -> list[Panel]:
    """What is seen of each layer in the end, from back to front."""
    names = {Kind.FILL: "fill", Kind.SKIN: "skin", Kind.CLOTH: "cloth"}
    shown, clear = [], np.ones(scene.shape, np.float32)
    for layer in scene.layers[::-1]:
        seen = replace(layer, alpha=np.asarray(layer.alpha * clear, np.float32))
        if (seen.alpha > 0.3).sum() > 40:
            shown.append(seen)
        clear = clear * (1.0 - layer.alpha)
    area = visible_box(np.max([layer.alpha for layer in shown], axis=0))
    return [(_alone(layer, area), f"{i + 1} {names[layer.kind]}") for i, layer in enumerate(shown[::-1])]


def _alone(layer: Layer, area: tuple[slice, slice]) -> np.ndarray:
    rgb = layer.rgb if layer.light is None else layer.rgb * layer.light[..., None]
    return over_checks(rgb[area], layer.alpha[area], 8)


def cropped(panels: list[Panel]) -> list[Panel]:
    """The upper half of the drawn person."""
    h, w = panels[0][0].shape[:2]
    return [(picture[int(0.05 * h) : int(0.62 * h), int(0.17 * w) : int(0.83 * w)], name) for picture, name in panels]


def of_options(engine: DrapeEngine, person: Mannequin, garment: DrawnGarment) -> list[Panel]:
    """The same garment worn in other ways."""
    tried = [(engine.try_on(person.rgb, garment.rgb, ClothesType.UPPER, o), name) for name, o in WEARING]
    return cropped([(result.image, name) for result, name in tried])


def tinted(rgb: np.ndarray, mask: np.ndarray, colour: tuple[int, int, int], strength: float) -> np.ndarray:
    """`rgb` mixed with a colour where the mask is."""
    return blended(rgb, np.full(rgb.shape, colour, np.float32), mask * strength)


def blended(rgb: np.ndarray, other: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """`other` over `rgb`."""
    out = rgb + (other - rgb.astype(np.float32)) * alpha[..., None]
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def over_checks(rgb: np.ndarray, alpha: np.ndarray, size: int = 24) -> np.ndarray:
    """`rgb` over a chequered ground, which stands for nothing."""
    checks = np.where((np.indices(alpha.shape) // size).sum(axis=0) % 2 == 1, 255, 232).astype(np.uint8)
    return blended(checks[..., None].repeat(3, axis=2), np.asarray(rgb, np.float32), alpha)


def dots(rgb: np.ndarray, points: np.ndarray, colour: tuple[int, int, int], radius: int = 5) -> None:
    """Discs with a white rim."""
    for x, y in np.rint(np.asarray(points) * 16).astype(int):
        for r, c in ((radius + max(1, radius // 3), (255, 255, 255)), (radius, colour)):
            cv2.circle(rgb, (int(x), int(y)), r * 16, c, -1, cv2.LINE_AA, 4)


def polyline(rgb: np.ndarray, points: np.ndarray, colour: tuple[int, int, int], wide: int) -> None:
    """An open line."""
    cv2.polylines(rgb, [np.rint(np.asarray(points) * 16).astype(np.int32)], False, colour, wide, cv2.LINE_AA, 4)


def sheet(panels: list[Panel]) -> Image.Image:
    """Panels of one height in rows of five at most, each with a caption, WIDTH px wide at most."""
    per_row = -(-len(panels) // -(-len(panels) // 5))
    rows = [_row(panels[i : i + per_row]) for i in range(0, len(panels), per_row)]
    out = Image.new("RGB", (max(r.width for r in rows), sum(r.height for r in rows)), (255, 255, 255))
    for i, row in enumerate(rows):
        out.paste(row, (0, sum(r.height for r in rows[:i])))
    return out


def _row(panels: list[Panel]) -> Image.Image:
    gap = 8
    room = WIDTH - gap * (len(panels) + 1)
    height = int(min(400, room / sum(p.shape[1] / p.shape[0] for p, _ in panels)))
    small = [Image.fromarray(p) for p, _ in panels]
    small = [p.resize((int(height * p.width / p.height), height), Image.Resampling.LANCZOS) for p in small]
    size = (sum(p.width for p in small) + gap * (len(panels) + 1), height + CAPTION + gap)
    out = Image.new("RGB", size, (255, 255, 255))
    pen, font, x = ImageDraw.Draw(out), ImageFont.load_default(15), gap
    for picture, (_, caption) in zip(small, panels, strict=True):
        out.paste(picture, (x, gap))
        pen.text((x + picture.width / 2, height + gap + 6), caption, INK, font, anchor="ma")
        x += picture.width + gap
    return out


def save(picture: Image.Image, path: Path) -> None:
    """As a PNG with a palette, of as many colours as MOST_BYTES allow; the camera's grain, which costs most, goes."""
    quiet = Image.fromarray(cv2.bilateralFilter(np.asarray(picture), 5, 9, 3))
    for colours in (256, 160, 96, 64, 40):
        quiet.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            return
    raise RuntimeError(f"{path} does not fit into {MOST_BYTES} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "figures")
