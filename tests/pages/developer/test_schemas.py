"""Schemas take what the models take, and name what the actions check."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fittingroom.actions.registry import ACTIONS
from fittingroom.pages.developer.schemas import schemas
from fittingroom.pages.developer.words import example_of

NAMED = ACTIONS["2022-12-29"]
PHOTOS = {"ModelUrl": "https://a.example/p.jpg", "ClothesUrl": "https://a.example/g.jpg"}


def valid(action: str, parameters: dict[str, Any]) -> bool:
    made = schemas([each.request for each in NAMED.values()], [])
    whole = {"$ref": f"#/components/schemas/{NAMED[action].request.__name__}", "components": {"schemas": made}}
    Draft202012Validator.check_schema(whole)
    return bool(Draft202012Validator(whole).is_valid(parameters))


@pytest.mark.parametrize("action", list(NAMED))
def test_the_examples_are_valid(action: str) -> None:
    assert valid(action, example_of(action))


@pytest.mark.parametrize("clothes_type", ["Upper-body", "Lower-body", "Dress"])
def test_every_type_and_every_optional_field_is_valid(clothes_type: str) -> None:
    logo = {"LogoUrl": "https://a.example/l.png", "LogoRect": {"X": -3, "Y": 0, "Width": 10, "Height": 10}}
    more = {"LogoAdd": 1, "LogoParam": logo, "RspImgType": "url"}
    assert valid("ChangeClothes", {**PHOTOS, "ClothesType": clothes_type, **more})


@pytest.mark.parametrize(
    "wrong",
    [
        {"ClothesType": "upper-body"},
        {"ClothesType": "Auto"},
        {"RspImgType": "file"},
        {"LogoAdd": "1"},
        {"Shoes": 1},
        {"LogoParam": {"LogoRect": {"Width": 0}}},
    ],
)
def test_what_the_action_refuses_is_not(wrong: dict[str, Any]) -> None:
    assert not valid("ChangeClothes", {**PHOTOS, "ClothesType": "Dress", **wrong})


@pytest.mark.parametrize("missing", ["ModelUrl", "ClothesUrl", "ClothesType"])
def test_required_parameters_are_required(missing: str) -> None:
    good = {**PHOTOS, "ClothesType": "Dress"}
    assert not valid("ChangeClothes", {name: value for name, value in good.items() if name != missing})


def test_outfits_have_their_bounds() -> None:
    garment = {"Url": "https://a.example/g.jpg", "Length": 1.4}
    good = {"ModelUrl": "https://a.example/p.jpg", "Garments": [garment] * 3, "SampleCount": 4, "Seed": 2**32 - 1}
    assert valid("ChangeOutfit", good)
    for wrong in ({"Garments": []}, {"Garments": [garment] * 4}, {"SampleCount": 5}, {"Seed": -1}):
        assert not valid("ChangeOutfit", {**good, **wrong})
        assert not valid("SubmitChangeOutfitJob", {**good, **wrong})
