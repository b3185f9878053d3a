"""The photo is exact outside the mask, the made picture inside it."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.neural.paste import feathered, paste


def test_outside_the_mask_is_the_photo_bit_for_bit(textured):
    made = 255 - textured
    mask = np.zeros(textured.shape[:2], np.float32)
    mask[100:300, 50:250] = 1.0
    out = paste(made, textured, mask, 6.0)
    assert (out[mask == 0] == textured[mask == 0]).all()
    assert (out[110:290, 60:240] == made[110:290, 60:240]).all()
    assert out.dtype == np.uint8


def test_it_fades_in_from_the_border_but_not_from_the_pictures():
    mask = np.zeros((100, 80), np.float32)
    mask[:, 30:] = 1.0
    soft = feathered(mask, 8.0)
    assert (np.diff(soft[50, 30:40]) >= 0).all()
    assert 0 < soft[50, 31] < 0.3
    assert soft[0, 79] == soft[99, 79] == soft[50, 60] == 1.0
    assert (feathered(mask, 0.0) == mask).all()


def test_shapes_that_differ_are_refused(textured):
    mask = np.ones(textured.shape[:2], np.float32)
    with pytest.raises(ValueError, match="shapes differ"):
        paste(textured[1:], textured, mask)
    with pytest.raises(ValueError, match="shapes differ"):
        paste(textured, textured, mask[1:])
