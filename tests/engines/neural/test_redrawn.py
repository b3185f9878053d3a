"""bench/pasting.py measures by pictures redrawn with a known drift: that they moved by the drift that is told."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fittingroom.engines.neural.registration import register

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def redrawn(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    return __import__("redrawn")


def test_a_redrawn_picture_has_moved_by_the_map_that_is_told(redrawn, textured):
    drift = redrawn.Drift(zoom=1.02, shift=(0.015, -0.01), cast=(2.0, 3.0, -3.0), seed=3)
    still = np.zeros(textured.shape[:2], np.float32)
    drawn = redrawn.redrawn(textured, still, still, drift)
    found = register(drawn, textured, np.ones_like(still))
    places = np.array([[60.0, 60.0], [240.0, 60.0], [60.0, 340.0], [240.0, 340.0]])
    there = cv2.transform(places[None], drift.warp(textured.shape))
    back = cv2.transform(there, found.warp)[0]
    assert np.linalg.norm(back - places, axis=1).max() < 1.0
    assert np.linalg.norm(there[0] - places, axis=1).max() > 4.0


def test_one_drift_redraws_one_picture(redrawn, textured):
    still = np.zeros(textured.shape[:2], np.float32)
    drift = redrawn.Drift.drawn(7)
    assert drift == redrawn.Drift.drawn(7)
    assert np.array_equal(*(redrawn.redrawn(textured, still, still, drift) for _ in range(2)))
    assert (redrawn.redrawn(textured, still, still, redrawn.Drift.drawn(8)) != textured).any()


def test_a_cast_is_part_of_the_drawing(redrawn):
    grey = np.full((64, 64, 3), 128, np.uint8)
    still = np.zeros((64, 64), np.float32)
    drawn = redrawn.redrawn(grey, still, still, redrawn.Drift(cast=(0.0, 0.0, 8.0)))
    assert drawn[..., 0].mean() - drawn[..., 2].mean() > 8
