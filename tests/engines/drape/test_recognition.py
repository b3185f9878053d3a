"""Types of drawn garments, seen exactly: what the odds say, and when a garment is worn."""

import numpy as np
import pytest

from fittingroom.engines.drape.engine import DrapeEngine
from fittingroom.engines.drape.nets import PERSON_AREA
from fittingroom.engines.drape.recognition import TYPES, features, recognise
from fittingroom.engines.protocol import ClothesType, GarmentReader, NoGarmentFound


class Looking:
    """Drawn classes, which the small view may miss."""

    def __init__(self, exact, *, small: bool = True) -> None:
        self.exact, self.small, self.areas = exact, small, []

    def cloth(self, rgb, area):
        self.areas.append(area)
        if area == PERSON_AREA and not self.small:
            return np.eye(4, dtype=np.float32)[np.zeros(rgb.shape[:2], int)]
        return self.exact.cloth(rgb)

    def selfie(self, rgb):
        return self.exact.selfie(rgb)


DRAWN = {
    "short": ClothesType.UPPER,
    "long": ClothesType.UPPER,
    "dress": ClothesType.DRESS,
    "trousers": ClothesType.LOWER,
    "shorts": ClothesType.LOWER,
}


def test_drape_reads_garments():
    assert isinstance(DrapeEngine(), GarmentReader)


@pytest.mark.parametrize("kind", DRAWN)
def test_the_type_of_a_plain_case(kind, top, bottom, nets):
    drawn = bottom(kind) if DRAWN[kind] is ClothesType.LOWER else top(kind)
    looking = Looking(nets(drawn))
    seen = recognise(drawn.rgb, looking)
    assert max(seen.odds, key=lambda one: seen.odds[one]) is DRAWN[kind]
    assert sum(seen.odds.values()) == pytest.approx(1.0)
    assert (seen.worn, looking.areas) == (False, [PERSON_AREA])


def test_what_speaks_for_it(top, nets):
    drawn = top("short")
    found, _ = features(drawn.rgb, Looking(nets(drawn)))
    assert found[:3] == pytest.approx([0.99, 0.005, 0.005], abs=0.02)
    assert found[3] == pytest.approx(np.log(520 / 416), abs=0.05)
    assert TYPES[int(found[4:].argmin())] is ClothesType.LOWER


def test_a_face_beside_the_garment_is_a_wearer(top, nets):
    drawn = top("short")
    assert recognise(drawn.rgb, Looking(nets(drawn, face=0.1))).worn


def test_what_the_small_view_misses_is_looked_at_again(top, nets):
    drawn = top("short")
    looking = Looking(nets(drawn), small=False)
    assert recognise(drawn.rgb, looking).odds[ClothesType.UPPER] > 0.5
    assert len(looking.areas) == 2


def test_an_empty_picture_is_no_garment(top, nets):
    drawn = top("short")
    drawn.classes[:] = 0
    with pytest.raises(NoGarmentFound):
        recognise(drawn.rgb, Looking(nets(drawn)))
