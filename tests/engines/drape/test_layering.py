"""An outer layer on a mannequin: what it does not cover of the worn top stays, and no skin is painted."""

import numpy as np
import pytest
from mannequin import OLD_TOP, Look, MannequinNets, draw_mannequin, engine_of, skin_amount

from fittingroom.engines.protocol import ClothesType, TryOnOptions

FOREARM = (0.76, 1.2)
"""u and v of a place on the lower arm."""


@pytest.fixture(scope="module")
def worn(request):
    """The mannequin in long sleeves, and what a short-sleeved garment makes of it as a top and as an outer layer."""
    conftest = request.config.pluginmanager.get_plugin(str(request.path.with_name("conftest.py")))
    garment = conftest.draw_top("short")
    mannequin = draw_mannequin(Look(sleeves="long"))
    done = {}
    for over in (False, True):
        engine = engine_of(MannequinNets(mannequin, garment))
        done[over] = engine.try_on(mannequin.rgb, garment.rgb, ClothesType.UPPER, TryOnOptions(over=over))
    return mannequin, done


def test_a_top_bares_the_forearms_and_an_outer_layer_does_not(worn):
    mannequin, done = worn
    bare = skin_amount(mannequin.rgb) > 0.4
    skin = {over: (skin_amount(done[over].image) > 0.4) & ~bare for over in done}
    assert skin[False].sum() > 200
    assert skin[True].sum() == 0


def test_the_worn_sleeve_stays_past_the_new_cuff(worn):
    mannequin, done = worn
    x, y = (int(mannequin.origin[i] + mannequin.sw * FOREARM[i]) for i in (0, 1))
    assert np.abs(mannequin.rgb[y, x].astype(int) - OLD_TOP).max() < 40
    assert np.array_equal(done[True].image[y, x], mannequin.rgb[y, x])
    assert not np.array_equal(done[False].image[y, x], mannequin.rgb[y, x])


def test_it_is_drawn_over_the_trunk(worn):
    mannequin, done = worn
    x, y = int(mannequin.origin[0]), int(mannequin.origin[1] + 0.8 * mannequin.sw)
    assert done[True].report.mask[y, x] > 0.9
    assert np.abs(done[True].image[y, x].astype(int) - mannequin.rgb[y, x]).max() > 30


def test_outside_its_mask_nothing_changes(worn):
    mannequin, done = worn
    kept = done[True].report.mask == 0
    assert kept.mean() > 0.5
    assert np.array_equal(done[True].image[kept], mannequin.rgb[kept])
