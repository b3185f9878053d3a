"""The edge of a neck opening: on the photo's edge, of one step of colour, round the inside of a rib."""

from dataclasses import replace

import numpy as np
import pytest

from fittingroom.engines.drape.neck_evidence import Seen, colour_likeness, common_of, evidence
from fittingroom.engines.drape.neck_path import cheapest, trace
from fittingroom.engines.drape.neck_rays import RADII, RAYS, frame_of, lab_of, rays_of

LEFT, RIGHT = np.array([240, 120], np.float32), np.array([360, 120], np.float32)
YS, XS = np.mgrid[0:400, 0:600]
CLOTH, LINING, RIB = (70, 110, 170), (38, 62, 100), (200, 60, 40)


def scoop(depth: float) -> np.ndarray:
    return ((YS - 120) / depth) ** 2 + (np.abs(XS - 300) / 60) ** 2 < 1


def seen_of(rgb: np.ndarray, depth: float, back: np.ndarray | None = None, label: np.ndarray | None = None) -> Seen:
    alpha = np.zeros(rgb.shape[:2], np.float32)
    alpha[120:, 150:450] = 1.0
    empty = np.zeros_like(alpha)
    shown = empty if back is None else back.astype(np.float32)
    tag = empty if label is None else label.astype(np.float32)
    return Seen(frame_of(LEFT, RIGHT), lab_of(rgb, 120.0), alpha, shown, tag, depth / 120, 0.1, False)


def plain(inside: np.ndarray) -> np.ndarray:
    rgb = np.full((400, 600, 3), CLOTH, np.uint8)
    rgb[inside] = LINING
    return rgb


@pytest.mark.parametrize("marked", [54.0, 60.0, 66.0])
def test_it_finds_the_edge_near_a_mark_that_is_a_little_off(marked):
    path = trace(seen_of(plain(scoop(60)), marked), (0.0, marked / 120), 2.0, 1.0)
    assert path.v.max() * 120 == pytest.approx(60, abs=2.5)
    assert path.edge * path.coherence > 0.5


def test_without_an_edge_it_is_not_clear():
    path = trace(seen_of(plain(np.zeros((400, 600), bool)), 60.0), (0.0, 0.5), 2.0, 1.0)
    assert path.edge * path.coherence < 0.05


def test_the_right_shape_costs_least():
    seen = seen_of(plain(scoop(60)), 60.0)
    cost = {power: trace(seen, (0.0, 0.5), power, 1.0).cost for power in (1.0, 2.0, 3.5)}
    assert min(cost, key=lambda power: cost[power]) == 2.0


def test_a_rib_in_the_colour_of_the_rim_stays_with_the_front():
    rgb = plain(scoop(62))
    rgb[scoop(62) & ~scoop(50)] = RIB
    plain_rim = seen_of(rgb, 60.0)
    rgb[120:128, 200:400] = RIB
    rim = seen_of(rgb, 60.0)
    assert trace(rim, (0.0, 0.5), 2.0, 1.0).v.max() * 120 == pytest.approx(50, abs=3)
    assert trace(plain_rim, (0.0, 0.5), 2.0, 1.0).v.max() * 120 == pytest.approx(62, abs=3)


def test_edges_of_a_label_do_not_count():
    rgb = plain(np.zeros((400, 600), bool))
    tag = (np.abs(XS - 300) < 50) & (YS < 170)
    rgb[tag] = (240, 240, 235)
    around = np.abs(np.hypot(XS - 300, YS - 170)) < 70
    rays = rays_of((0.0, 0.5), 3.5, 1.0, standing=False)
    assert evidence(seen_of(rgb, 50.0, label=around), rays).usable[RAYS // 2].max() == 0.0
    assert evidence(seen_of(rgb, 50.0), rays).usable[RAYS // 2].max() == 1.0


def test_what_was_seen_as_inner_back_is_enclosed():
    nothing = plain(np.zeros((400, 600), bool))
    seen = seen_of(nothing, 60.0, back=scoop(60))
    path = trace(seen, (0.0, 0.5), 2.0, 1.0)
    assert path.inside > 0.8
    wider = trace(replace(seen, back=scoop(70).astype(np.float32)), (0.0, 0.5), 2.0, 1.0)
    assert wider.v.max() > path.v.max()


def test_the_cheapest_path_follows_a_bent_valley():
    bend = np.rint(40 + 10 * np.sin(np.linspace(0, np.pi, RAYS))).astype(int)
    cost = np.zeros((RAYS, len(RADII)), np.float32)
    cost[np.arange(RAYS), bend] = -3.0
    path, mean = cheapest(cost)
    assert np.abs(path - bend).max() <= 1
    assert mean < -3.0


def test_colours_are_told_apart_only_where_they_differ():
    lab = np.zeros((40, 40, 3), np.float32)
    lab[:20, :, 0], lab[20:, :, 0] = 30.0, 70.0
    upper = np.zeros((40, 40), bool)
    upper[:20] = True
    told = colour_likeness(lab, upper, ~upper)
    assert told[upper].min() > 0.9
    assert told[~upper].max() < -0.9
    alike = colour_likeness(np.full_like(lab, 50.0), upper, ~upper)
    assert np.abs(alike).max() < 1e-6
    assert not colour_likeness(lab, upper & False, ~upper).any()


def test_steps_of_all_directions_have_nothing_in_common():
    around = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    assert common_of(around)[1] < 0.2
    direction, coherence = common_of(np.tile(np.array([[0.0, 0.0, 9.0]], np.float32), (50, 1)))
    assert direction == pytest.approx([0, 0, 1], abs=1e-5)
    assert coherence > 0.9
    assert common_of(around[:0])[1] == 0.0
