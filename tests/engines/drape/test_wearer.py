"""A mannequin's clothes cut out of its picture: nothing of the mannequin comes along, and what was hidden is told."""

import numpy as np
import pytest
from mannequin import OLD_BOTTOM, OLD_TOP, PAINTED, Look, MannequinNets, draw_mannequin, skin_amount

from fittingroom.engines.drape.wearer import MADE_UP, OWN_FITS, cut_from_wearer
from fittingroom.engines.protocol import ClothesType, NoGarmentFound


class Nets(MannequinNets):
    """MI-GAN paints one colour, whatever it is shown."""

    def inpaint(self, rgb, hole):
        self.holes.append((hole.copy(), rgb))
        return np.where(hole[..., None], np.array(PAINTED, np.uint8), rgb)


def cut(look: Look, clothes_type: ClothesType, **changes):
    mannequin = draw_mannequin(look)
    nets = Nets(mannequin, None, **changes)
    return cut_from_wearer(mannequin.rgb, clothes_type, nets), nets


def share(picture, colour) -> float:
    return float((np.abs(picture.astype(int) - np.array(colour)).max(axis=-1) < 30).mean())


@pytest.mark.parametrize(
    ("clothes_type", "own", "other"),
    [(ClothesType.UPPER, OLD_TOP, OLD_BOTTOM), (ClothesType.LOWER, OLD_BOTTOM, OLD_TOP)],
)
def test_one_garment_on_white(clothes_type, own, other):
    found, _ = cut(Look(sleeves="long"), clothes_type)
    assert share(found.photo, own) > 0.25
    assert share(found.photo, other) < 0.01
    assert skin_amount(found.photo).max() < 0.25
    border = np.concatenate([found.photo[0], found.photo[-1], found.photo[:, 0], found.photo[:, -1]])
    assert (border == 255).all()
    assert found.warnings[0] == OWN_FITS


def test_a_dress_is_all_that_is_worn():
    found, _ = cut(Look(sleeves="none"), ClothesType.DRESS)
    assert share(found.photo, OLD_TOP) > 0.05
    assert share(found.photo, OLD_BOTTOM) > 0.05


def test_nothing_is_made_up_where_nothing_is_hidden():
    found, _ = cut(Look(sleeves="short"), ClothesType.UPPER)
    assert found.hidden < MADE_UP
    assert len(found.warnings) == 1
    assert share(found.photo, PAINTED) < 0.01


def test_hair_over_a_top_is_told_and_painted():
    plain, _ = cut(Look(sleeves="short"), ClothesType.UPPER)
    found, nets = cut(Look(sleeves="short", long_hair=True), ClothesType.UPPER)
    assert found.hidden > plain.hidden + MADE_UP
    assert nets.holes
    assert any("made up" in warning for warning in found.warnings)
    assert share(found.photo, PAINTED) > 0.01


def test_bare_skin_in_the_neckline_is_not_filled():
    found, _ = cut(Look(sleeves="none"), ClothesType.UPPER)
    middle = found.photo.shape[1] // 2
    column = found.photo[:, middle - 3 : middle + 3].mean(axis=1)
    top = int(np.flatnonzero(np.abs(column - 255).max(axis=1) > 40)[0])
    rows = np.flatnonzero((np.abs(found.photo.astype(int) - 255).max(axis=-1) > 40).any(axis=1))
    assert top > rows[0]


def test_nobody_is_refused():
    mannequin = draw_mannequin(Look())
    mannequin.selfie[:] = 0
    with pytest.raises(NoGarmentFound, match="nobody"):
        cut_from_wearer(mannequin.rgb, ClothesType.UPPER, Nets(mannequin, None, sees=False))


def test_a_garment_that_is_not_worn_is_refused():
    mannequin = draw_mannequin(Look())
    mannequin.cloth[:] = 0
    mannequin.selfie[mannequin.selfie == 4] = 2
    with pytest.raises(NoGarmentFound, match="covers only"):
        cut_from_wearer(mannequin.rgb, ClothesType.UPPER, Nets(mannequin, None))
