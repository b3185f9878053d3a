"""Prompts: one for each type, words for the options, and nothing that undresses."""

import itertools

import pytest

from fittingroom.engines.neural.editing_prompts import prompt_for
from fittingroom.engines.protocol import ClothesType, FitStyle, TryOnOptions, Tuck


def test_each_type_has_its_own_prompt_that_keeps_the_rest() -> None:
    prompts = [prompt_for(clothes_type) for clothes_type in ClothesType]
    assert len(set(prompts)) == 3
    for prompt in prompts:
        assert "image 1" in prompt
        assert "image 2" in prompt
        assert all(word in prompt for word in ("face", "hair", "hands", "pose", "background", "light", "fully dressed"))
    assert "trousers or skirt, shoes" in prompt_for(ClothesType.UPPER)
    assert "top, shoes" in prompt_for(ClothesType.LOWER)


@pytest.mark.parametrize(
    ("clothes_type", "options", "word"),
    [
        (ClothesType.UPPER, TryOnOptions(fit=FitStyle.SLIM), "close to the body"),
        (ClothesType.LOWER, TryOnOptions(fit=FitStyle.OVERSIZED), "oversized"),
        (ClothesType.UPPER, TryOnOptions(tuck=Tuck.IN), "tucked into"),
        (ClothesType.UPPER, TryOnOptions(tuck=Tuck.OUT), "not tucked in"),
        (ClothesType.DRESS, TryOnOptions(rolled_sleeves=True), "rolled up"),
        (ClothesType.LOWER, TryOnOptions(length=0.8), "shorter"),
        (ClothesType.DRESS, TryOnOptions(length=1.3), "longer"),
        (ClothesType.UPPER, TryOnOptions(over=True), "over the clothes that are worn"),
    ],
)
def test_an_option_says_its_word(clothes_type: ClothesType, options: TryOnOptions, word: str) -> None:
    assert word in prompt_for(clothes_type, options)
    assert word not in prompt_for(clothes_type)


def test_what_means_nothing_for_the_type_and_what_is_of_no_weight_is_left_out() -> None:
    assert prompt_for(ClothesType.DRESS, TryOnOptions(tuck=Tuck.IN)) == prompt_for(ClothesType.DRESS)
    assert prompt_for(ClothesType.LOWER, TryOnOptions(rolled_sleeves=True)) == prompt_for(ClothesType.LOWER)
    assert prompt_for(ClothesType.UPPER, TryOnOptions(length=1.04, seed=9)) == prompt_for(ClothesType.UPPER)


def test_every_combination_fits_the_encoder_and_asks_for_a_dressed_person() -> None:
    for kind, fit, tuck, rolled, over in itertools.product(ClothesType, FitStyle, Tuck, (True, False), (True, False)):
        prompt = prompt_for(kind, TryOnOptions(fit=fit, tuck=tuck, rolled_sleeves=rolled, over=over, length=0.7))
        assert len(prompt.split()) < 250
        assert "The person stays fully dressed." in prompt
