"""The parsing of a photo as the neural engines get it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from mannequin import Look, MannequinNets, draw_mannequin

from fittingroom.engines.drape.engine import WORK_SIDE
from fittingroom.engines.neural.body import OPENPOSE, BodyReader, openpose
from fittingroom.engines.protocol import ClothesType, NoPersonFound


def test_points_are_openposes():
    drawn = draw_mannequin(Look())
    points, scores = openpose(drawn.pose())
    assert points.shape == (18, 2)
    assert (scores == 1).all()
    assert (points[1] == (drawn.points[11] + drawn.points[12]) / 2).all()
    assert all((points[k] == drawn.points[source]).all() for k, source in enumerate(OPENPOSE) if source is not None)
    assert not openpose(None)[1].any()


def test_a_garment_takes_the_place_of_its_kind_and_of_dresses(dressed):
    body = dressed(Look(), Look()).body
    upper, lower, both = (body.garment(kind) > 0.5 for kind in ClothesType)
    assert upper.any()
    assert lower.any()
    assert not (upper & lower).any()
    assert (both == (upper | lower)).mean() > 0.999
    keep = body.keep(ClothesType.UPPER)
    assert not keep[upper].any()
    assert keep[body.face > 0.9].mean() > 0.7
    assert keep[body.hands > 0.9].mean() > 0.5


def test_large_photos_come_back_at_their_own_size():
    drawn = draw_mannequin(Look())
    factor = (WORK_SIDE + 400) / drawn.rgb.shape[0]
    large = cv2.resize(drawn.rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)
    small, big = (BodyReader(nets=MannequinNets(drawn, None)).read(p) for p in (drawn.rgb, large))
    assert big.upper.shape == big.hands.shape == large.shape[:2]
    assert big.unit == pytest.approx(small.unit * factor, rel=0.03)
    assert np.abs(big.points / factor - small.points).max() < 4


def test_an_empty_room_holds_no_person():
    drawn = draw_mannequin(Look())
    drawn.selfie[:], drawn.cloth[:] = 0, 0
    with pytest.raises(NoPersonFound, match="no dressed person"):
        BodyReader(nets=MannequinNets(drawn, None)).read(drawn.rgb)
