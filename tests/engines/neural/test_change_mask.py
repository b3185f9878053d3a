"""The new garment wholly shown, the old one wholly gone, everything else the photo."""

from __future__ import annotations

import numpy as np
import pytest
from mannequin import Look

from fittingroom.engines.neural.bareness import bared, is_covered
from fittingroom.engines.neural.change_mask import change_mask
from fittingroom.engines.neural.paste import paste
from fittingroom.engines.protocol import ClothesType

SLEEVES = ["none", "short", "long"]
UPPER = ClothesType.UPPER


@pytest.mark.parametrize("parsed", [True, False], ids=["parsed", "unparsed"])
@pytest.mark.parametrize("new", SLEEVES)
@pytest.mark.parametrize("old", SLEEVES)
def test_the_old_top_goes_and_the_new_one_comes(dressed, old, new, parsed):
    d = dressed(Look(sleeves=old), Look(sleeves=new))
    mask = change_mask(d.made, d.photo, d.body, UPPER, d.after if parsed else None)
    front = np.max([d.body.face, d.body.hair, d.body.hands], axis=0)
    shown = np.asarray(mask > 0.5)
    assert (d.differs & ~shown & (front < 0.3)).sum() <= 0.02 * d.differs.sum()
    assert not mask[front > 0.6].any()
    legs = d.body.coordinates[1] > 2.2
    assert not mask[legs].any()


@pytest.mark.parametrize("arms", ["raised", "hips", "out"])
def test_arms_in_other_poses(dressed, arms):
    d = dressed(Look(sleeves="long", arms=arms), Look(sleeves="none", arms=arms))
    mask = change_mask(d.made, d.photo, d.body, UPPER, d.after)
    front = np.max([d.body.face, d.body.hair, d.body.hands], axis=0)
    assert (d.differs & (mask < 0.5) & (front < 0.3)).sum() <= 0.02 * d.differs.sum()


def test_a_changed_face_and_background_are_not_shown(dressed):
    d = dressed(Look(), Look(sleeves="long"))
    made = d.made.copy()
    made[d.body.face > 0.5] = (90, 200, 90)
    made[:60, :60] = (10, 10, 10)
    out = paste(made, d.photo, change_mask(made, d.photo, d.body, UPPER, d.after))
    kept = np.asarray(d.body.face > 0.6)
    kept[:60, :60] = True
    assert (out[kept] == d.photo[kept]).all()


def test_what_did_not_change_at_all_stays_the_photo(dressed):
    d = dressed(Look(), Look())
    assert not change_mask(d.photo, d.photo, d.body, UPPER, d.body).any()


def test_shapes_that_differ_are_refused(dressed):
    d = dressed(Look(), Look())
    with pytest.raises(ValueError, match="shapes differ"):
        change_mask(d.made[1:], d.photo, d.body, UPPER)


def test_a_bared_trunk_is_told(dressed):
    d = dressed(Look(), Look(sleeves="none"))
    assert is_covered(d.body, d.after)
    _, v = d.body.coordinates
    belly = (v > 0.8) & (v < 1.2) & (d.body.upper > 0.5)
    d.after.upper[belly], d.after.skin[belly] = 0.0, 1.0
    d.after.__dict__.pop("cloth", None)
    assert bared(d.body, d.after) > 0.1
    assert not is_covered(d.body, d.after)
