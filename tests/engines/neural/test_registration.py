"""Known drifts are found and undone; absurd ones are not; the cast goes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fittingroom.engines.neural.registration import register


def drifted(picture, dx, dy, zoom):
    height, width = picture.shape[:2]
    warp = np.array([[zoom, 0, (1 - zoom) * width / 2 + dx], [0, zoom, (1 - zoom) * height / 2 + dy]])
    return cv2.warpAffine(picture, warp, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def kept(picture):
    keep = np.ones(picture.shape[:2], np.float32)
    keep[120:300, 80:220] = 0.0
    return keep


@pytest.mark.parametrize(
    ("dx", "dy", "zoom"), [(1.5, 0, 1.0), (20, -12, 1.0), (-7, 9, 1.05), (6, 3, 0.95), (0, 0, 1.0)]
)
def test_a_drift_is_undone_though_the_middle_changed(textured, dx, dy, zoom):
    changed = textured.copy()
    changed[120:300, 80:220] = (200, 30, 60)
    found = register(drifted(changed, dx, dy, zoom), textured, kept(textured))
    assert found.shift == pytest.approx((dx, dy), abs=0.6)
    assert found.zoom == pytest.approx((zoom, zoom), abs=0.005)
    assert found.fine
    assert found.score >= found.before
    inner = np.s_[40:110, 40:260]
    assert np.abs(found.image[inner].astype(int) - textured[inner]).mean() < 4


def test_another_size_is_brought_to_the_photos(textured):
    found = register(cv2.resize(textured, (208, 272), interpolation=cv2.INTER_AREA), textured, kept(textured))
    assert found.image.shape == textured.shape
    assert found.fine
    assert found.shift == pytest.approx((0, 0), abs=0.6)


def test_another_picture_is_not_fine(textured):
    other = np.ascontiguousarray(textured[::-1, ::-1])
    found = register(other, textured, kept(textured))
    assert not found.fine
    assert abs(found.shift[0]) <= 0.13 * 400
    assert abs(found.zoom[0] - 1) <= 0.15


def test_a_cast_is_taken_off(textured):
    cast = np.clip(textured * np.array([1.08, 1.0, 0.9]) + 4, 0, 255).astype(np.uint8)
    found = register(cast, textured, kept(textured))
    assert np.abs(found.image.astype(int) - textured).mean() < 0.4 * np.abs(cast.astype(int) - textured).mean()


def test_with_nothing_to_measure_by_nothing_moves(textured):
    made = drifted(textured, 9, 0, 1.0)
    found = register(made, textured, np.zeros(textured.shape[:2], np.float32))
    assert (found.image == made).all()
    assert not found.fine


@pytest.mark.parametrize("stretch", [1.0, 1.05])
def test_a_head_before_a_plain_ground_tells_where_the_trunk_is(textured, stretch):
    """Also where it was drawn a little longer, which a free affine map would do to the trunk as well."""
    photo, made = (np.full((640, 480, 3), 244, np.uint8) for _ in range(2))
    height = round(100 * stretch)
    photo[20:120, 190:290] = textured[:100, :100]
    made[20 : 20 + height, 190:290] = cv2.resize(textured[:100, :100], (100, height))
    photo[130:600, 120:360], made[130:600, 100:380] = (30, 90, 60), (200, 40, 40)
    keep = np.ones(photo.shape[:2], np.float32)
    keep[125:, 60:420] = 0.0
    found = register(drifted(made, 14, -9, 1.0), photo, keep)
    assert found.fine
    trunk = np.array([240.0, 560.0])
    back = found.warp[:, :2] @ (trunk + np.array([14, -9])) + found.warp[:, 2]
    assert np.linalg.norm(back - trunk) < 14.0


def test_a_plain_ground_alone_tells_nothing(textured):
    photo = np.full((400, 300, 3), 230, np.uint8)
    photo[100:300, 80:220] = textured[100:300, 80:220]
    keep = np.ones(photo.shape[:2], np.float32)
    keep[80:320, 60:240] = 0.0
    made = drifted(photo, 12, 0, 1.0)
    found = register(made, photo, keep)
    assert (found.image == made).all()
    assert not found.fine
