"""The split: variants stay together, and nobody's side ever changes."""

from __future__ import annotations

import pytest

from fittingroom.evaluation.split import Split, group, split


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("persons/magento_upper/mh08-brown_main.jpg", "magento:mh08"),
        ("persons/magento_lower/mp01-red_main.jpg", "magento:mp01"),
        ("garments/clean_upper/saleor-polo-shirt-front.png", "saleor:saleor-polo-shirt"),
        ("garments/clean_upper/saleor-blue-hoodie.png", "saleor:saleor-blue-hoodie"),
        ("persons/vitonhd/00034_00.jpg", "vitonhd:00034_00"),
        ("pairs/cloth/vitonhd_00034_00.jpg", "vitonhd:00034_00"),
        ("garments/clean_upper/idm_00034_00.jpg", "vitonhd:00034_00"),
        ("garments/cc0_lower/cc0_pants_0fe5eeb6.jpg", "cc0_lower:cc0_pants_0fe5eeb6"),
        ("parsing/ccp/images/0007.jpg", "images:0007"),
    ],
)
def test_a_photo_s_group(name: str, expected: str) -> None:
    assert group(name) == expected


def test_colours_and_sides_of_one_thing_are_on_one_side() -> None:
    for number in range(50):
        colours = {split(f"persons/magento_upper/wh{number:02d}-{c}_main.jpg") for c in ("red", "blue", "gray")}
        sides = {split(f"garments/clean_upper/saleor-{number}-{s}.png") for s in ("front", "back", "side")}
        pair = {split(f"{folder}/vitonhd_{number:05d}_00.jpg") for folder in ("pairs/cloth", "pairs/image")}
        assert len(colours) == len(sides) == len(pair) == 1


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("persons/vitonhd/08671_00.jpg", Split.TUNING),
        ("persons/vitonhd/06504_00.jpg", Split.FINAL),
        ("garments/clean_upper/saleor-blue-hoodie.png", Split.FINAL),
        ("garments/cc0_lower/cc0_skirt_f443ff4d.jpg", Split.TUNING),
    ],
)
def test_the_side_is_fixed_for_ever(name: str, side: Split) -> None:
    assert split(name) is side


def test_the_sides_are_about_equal() -> None:
    final = sum(split(f"persons/vitonhd/{number:05d}_00.jpg") is Split.FINAL for number in range(2000))
    assert 900 < final < 1100
