"""Garments drawn with known marks, and networks that see them exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from unittest.mock import patch

import cv2
import numpy as np
import pytest
from mannequin import Look, Mannequin, MannequinNets, draw_mannequin

from fittingroom.engines.drape import light, lower, upper
from fittingroom.engines.drape.body import body_of
from fittingroom.engines.drape.composite import Layer, cloth_layer, composite
from fittingroom.engines.drape.garment import analyse_garment
from fittingroom.engines.drape.person import Person, analyse_person
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.drape.types import Garment
from fittingroom.engines.protocol import ClothesType

W, H = 600, 800
BACKGROUND, CLOTH, LINING, LABEL, HANGER = (236, 238, 240), (70, 110, 170), (38, 62, 100), (240, 240, 235), (90, 60, 30)


@dataclass
class Drawn:
    """A picture, its class map (0 background, 1 upper, 2 lower, 3 full), true marks, and the inner back's pixels."""

    rgb: np.ndarray
    classes: np.ndarray
    marks: dict[str, tuple[float, float]] = field(default_factory=dict)
    lining: np.ndarray | None = None


class ExactNets:
    """Stands for `Nets`: the drawn class map as probabilities, and a face where `face` says so."""

    def __init__(self, drawn: Drawn, *, face: float = 0.0) -> None:
        self.drawn = drawn
        self.face = face

    def cloth(self, rgb: np.ndarray) -> np.ndarray:
        hot = np.eye(4, dtype=np.float32)[self.drawn.classes]
        return np.asarray(cv2.resize(hot, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)) * 0.98 + 0.005

    def selfie(self, rgb: np.ndarray) -> np.ndarray:
        out = np.zeros((*rgb.shape[:2], 6), np.float32)
        out[: round(rgb.shape[0] * self.face), :, 3] = 1.0
        return out


def _paint(parts: list[list[tuple[float, float]]], label: int) -> Drawn:
    rgb = np.full((H, W, 3), BACKGROUND, np.uint8)
    classes = np.zeros((H, W), np.uint8)
    shade = (1.0 + 0.06 * np.sin(np.arange(W) / 23.0))[None, :, None]
    for part in parts:
        cv2.fillPoly(classes, [np.rint(np.array(part)).astype(np.int32)], label)
    cloth = np.clip(np.array(CLOTH) * shade, 0, 255).astype(np.uint8)
    rgb[classes > 0] = np.broadcast_to(cloth, rgb.shape)[classes > 0]
    return Drawn(rgb, classes)


def _mirror(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(W - x, y) for x, y in points]


def _curve(depth: float, left: float = 240.0, y: float = 120.0) -> list[tuple[float, float]]:
    return [(left + (W - 2 * left) * t, y + depth * (1 - (2 * t - 1) ** 2)) for t in np.linspace(0, 1, 25)]


def draw_top(kind: str = "short", *, neck: float = 45.0, back: float = 8.0, print_on: bool = False) -> Drawn:
    """A tee, long-sleeved top or sleeveless top; neck and back: depths of front neckline and of the collar's back."""
    hem_y = {"dress": 760.0}.get(kind, 640.0)
    side = [(180.0, 145.0), (185.0, 270.0), (192.0, 450.0), (185.0, hem_y)]
    if kind in ("none", "dress"):
        side[0:1] = [(180.0, 145.0), (200.0, 210.0)]
    top = _curve(back)
    body = [*side[::-1], *top, *_mirror(side)]
    sleeves = {
        "short": [(180.0, 145.0), (92.0, 270.0), (150.0, 305.0), (185.0, 270.0), (205.0, 250.0)],
        "long": [
            (180.0, 145.0),
            (125.0, 350.0),
            (95.0, 600.0),
            (140.0, 607.0),
            (165.0, 400.0),
            (185.0, 270.0),
            (205.0, 250.0),
        ],
    }
    parts = [body]
    if kind in sleeves:
        parts += [sleeves[kind], _mirror(sleeves[kind])]
    drawn = _paint(parts, 3 if kind == "dress" else 1)
    marks = {"neck_left": (240.0, 120.0), "shoulder_left": (180.0, 145.0), "armpit_left": (185.0, 270.0)}
    marks["hem_left"] = (185.0, hem_y)
    if kind in sleeves:
        marks["cuff_out_left"], marks["cuff_in_left"] = {
            "short": ((92.0, 270.0), (150.0, 305.0)),
            "long": ((95.0, 600.0), (140.0, 607.0)),
        }[kind]
    marks |= {k.replace("left", "right"): (W - x, y) for k, (x, y) in marks.items()}
    inner = np.zeros((H, W), np.uint8)
    if neck > back:
        cv2.fillPoly(inner, [np.rint(np.array(_curve(back) + _curve(neck)[::-1])).astype(np.int32)], 1)
        drawn.rgb[inner > 0] = LINING
        cv2.rectangle(drawn.rgb, (286, int(122 + back)), (314, int(136 + back)), LABEL, -1)
        marks["neck_front"] = (300.0, 120.0 + neck)
    if print_on:
        cv2.putText(drawn.rgb, "SALE", (266, 310), cv2.FONT_HERSHEY_SIMPLEX, 0.85, LABEL, 4)
    cv2.line(drawn.rgb, (300, 30), (300, 112), HANGER, 6)
    drawn.marks, drawn.lining = marks, inner > 0
    return drawn


def draw_bottom(kind: str = "trousers") -> Drawn:
    """Trousers, shorts or a skirt."""
    if kind == "skirt":
        drawn = _paint([[(220, 100), (380, 100), (420, 260), (450, 520), (150, 520), (180, 260)]], 3)
        drawn.marks = {"waist_left": (220, 100), "hem_left": (150, 520)}
    else:
        end = 730.0 if kind == "trousers" else 400.0
        leg = [
            (210.0, 90.0),
            (180.0, 230.0),
            (165.0, end),
            (262.0 if kind == "trousers" else 280.0, end),
            (300.0, 290.0),
        ]
        drawn = _paint([[*leg, (300.0, 90.0)], [*_mirror(leg), (300.0, 90.0)]], 2)
        drawn.marks = {"waist_left": leg[0], "hem_out_left": leg[2], "hem_in_left": leg[3], "crotch": (300.0, 290.0)}
    drawn.marks |= {k.replace("left", "right"): (W - x, y) for k, (x, y) in drawn.marks.items()}
    return drawn


@pytest.fixture
def top() -> Callable[..., Drawn]:
    return draw_top


@pytest.fixture
def bottom() -> Callable[..., Drawn]:
    return draw_bottom


@pytest.fixture
def nets() -> type[ExactNets]:
    return ExactNets


@pytest.fixture
def empty() -> Drawn:
    """A picture of a wall."""
    return Drawn(np.full((H, W, 3), BACKGROUND, np.uint8), np.zeros((H, W), np.uint8))


BOTTOMS = ("trousers", "shorts", "skirt")


@dataclass
class Dressed:
    """A mannequin in a new garment. new: where the garment's parts were drawn; layers: what `composite` was given;
    arms: distance from the nearer arm's centre line over its radius; signals: the scene's."""

    mannequin: Mannequin
    image: np.ndarray
    mask: np.ndarray
    new: np.ndarray
    layers: list[Layer]
    nets: MannequinNets
    arms: np.ndarray
    signals: dict[str, float]


def type_of(kind: str) -> ClothesType:
    if kind in BOTTOMS:
        return ClothesType.LOWER
    return ClothesType.DRESS if kind == "dress" else ClothesType.UPPER


@cache
def _drawn(kind: str) -> Drawn:
    return draw_bottom(kind) if kind in BOTTOMS else draw_top("short" if kind == "crop" else kind)


def _cropped(top: Garment) -> Garment:
    """The top cut off a hand's breadth below the armpits."""
    marks = dict(top.marks)
    line = round(float(0.7 * marks["armpit_left"][1] + 0.3 * marks["hem_left"][1]))
    alpha = top.alpha.copy()
    alpha[line:] = 0.0
    for side in ("left", "right"):
        marks[f"hem_{side}"] = np.array([marks[f"hem_{side}"][0], line], np.float32)
    return replace(top, alpha=alpha, marks=marks)


@cache
def _worn(kind: str) -> Garment:
    if kind == "crop":
        return _cropped(_worn("short"))
    return analyse_garment(_drawn(kind).rgb, type_of(kind), ExactNets(_drawn(kind)))


@cache
def _mannequin(look: Look) -> Mannequin:
    return draw_mannequin(look)


@cache
def _person(look: Look) -> Person:
    mannequin = _mannequin(look)
    return analyse_person(mannequin.rgb, MannequinNets(mannequin, None))


def _scene(look: Look, kind: str, seed: int = 0) -> Scene:
    person, nets = _person(look), MannequinNets(_mannequin(look), _drawn(kind))
    return Scene(person, body_of(person.pose), _worn(kind), nets, np.random.default_rng(seed))


@cache
def _dressed(look: Look, kind: str) -> Dressed:
    scene = _scene(look, kind)
    new, seen = np.zeros(scene.shape, bool), []

    def noting(drawn, *rest):
        np.logical_or(new, drawn.alpha > 0.02, out=new)
        return cloth_layer(drawn, *rest)

    def keeping(photo, layers):
        seen.extend(layers)
        return composite(photo, layers)

    room = lower if kind in BOTTOMS else upper
    with patch.object(light, "cloth_layer", noting), patch.object(room, "composite", keeping):
        dress = lower.dress_lower if kind in BOTTOMS else upper.dress_upper
        image, mask = dress(scene, type_of(kind), lambda stage: None)
    arms = np.min([a.ratio for a in scene.arms], axis=0)
    return Dressed(_mannequin(look), image, mask, new, seen, scene.nets, arms, scene.signals)


@pytest.fixture(scope="session")
def garment_drawing() -> Callable[[str], Drawn]:
    """Kind -> drawn garment photo: short, long, none (sleeves), crop, dress, trousers, shorts, skirt."""
    return _drawn


@pytest.fixture(scope="session")
def worn() -> Callable[[str], Garment]:
    """Kind -> the drawn garment as `analyse_garment` understands it; analysed once for all tests."""
    return _worn


@pytest.fixture(scope="session")
def mannequin() -> Callable[[Look], Mannequin]:
    """Look -> drawn mannequin, to be left unchanged."""
    return _mannequin


@pytest.fixture(scope="session")
def person() -> Callable[[Look], Person]:
    """Look -> the mannequin as `analyse_person` understands it."""
    return _person


@pytest.fixture(scope="session")
def scene() -> Callable[..., Scene]:
    """Look, kind, seed -> a fresh scene."""
    return _scene


@pytest.fixture(scope="session")
def dressed() -> Callable[[Look, str], Dressed]:
    """Look, kind -> the mannequin dressed in it; drawn once for all tests."""
    return _dressed
