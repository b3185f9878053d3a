"""The flags of wearing and what the engine gets of them."""

import pytest

from fittingroom.cli.wearing import OptionError, Wearing
from fittingroom.engines.protocol import FitStyle, TryOnOptions, Tuck


def test_no_flag_is_the_default():
    assert Wearing().options() == TryOnOptions()


def test_every_flag_arrives():
    wearing = Wearing(FitStyle.SLIM, Tuck.OUT, 1.2, True, ("neck_front=0.5,0.18", "hem_left=.2,1"))
    assert wearing.options() == TryOnOptions(
        fit=FitStyle.SLIM,
        tuck=Tuck.OUT,
        length=1.2,
        rolled_sleeves=True,
        marks={"neck_front": (0.5, 0.18), "hem_left": (0.2, 1.0)},
    )


@pytest.mark.parametrize("text", ["", "neck_front", "neck_front=", "=0.5,0.5", "neck_front=0.5", "neck_front=a,b"])
def test_a_mark_that_is_none_is_named(text):
    with pytest.raises(OptionError, match="NAME=X,Y"):
        Wearing(mark=(text,)).options()


@pytest.mark.parametrize("mark", ["hem_left=1.01,0.5", "hem_left=0.5,-0.1", "hem_left=nan,0.5"])
def test_a_mark_outside_the_photo(mark):
    with pytest.raises(OptionError, match="hem_left must lie in the photo"):
        Wearing(mark=(mark,)).options()


@pytest.mark.parametrize("length", [0.69, 1.41, float("nan")])
def test_a_length_out_of_bounds(length):
    with pytest.raises(OptionError, match=r"length must be 0\.7 to 1\.4"):
        Wearing(length=length).options()
