"""What a painter made up in the middle of a large hole."""

from __future__ import annotations

import numpy as np

from fittingroom.engines.drape.invented import ANCHORED, invented

SHAPE = (400, 300)


def painted_scene() -> tuple[np.ndarray, np.ndarray]:
    """A wall over a pavement, and the hole where a person stood."""
    scene = np.full((*SHAPE, 3), (150, 60, 50), np.uint8)
    scene[250:] = 140
    hole = np.zeros(SHAPE, bool)
    hole[60:360, 100:200] = True
    return scene, hole


def test_what_is_seen_beside_the_hole_is_not_doubted() -> None:
    scene, hole = painted_scene()
    assert invented(scene, hole).max() < 0.01


def test_a_toy_in_the_middle_is_made_up() -> None:
    scene, hole = painted_scene()
    scene[160:220, 130:170] = (20, 60, 220)
    doubt = invented(scene, hole)
    assert doubt[170:210, 135:165].min() > 0.95
    assert doubt[300:].max() < 0.01


def test_a_colour_of_another_height_is_made_up() -> None:
    scene, hole = painted_scene()
    scene[90:150, 130:170] = 140
    assert invented(scene, hole)[100:140, 140:160].min() > 0.9, "no pavement stands on a wall"


def test_next_to_the_scene_the_painter_is_believed() -> None:
    scene, hole = painted_scene()
    scene[160:220, 100:200] = (20, 60, 220)
    near = int(ANCHORED[0] * SHAPE[0])
    assert near > 0
    assert invented(scene, hole)[:, 100 : 100 + near].max() == 0
    assert invented(scene, hole)[~hole].max() == 0


def test_without_hole_or_scene_nothing_is_doubted() -> None:
    scene, hole = painted_scene()
    assert invented(scene, np.zeros_like(hole)).max() == 0
    assert invented(scene, np.ones_like(hole)).max() == 0
