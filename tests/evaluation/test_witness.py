"""What the engine drew, folded into masks; and a fault in any layer is seen by them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from mannequin import Mannequin

from fittingroom.engines.drape.composite import Kind, Layer
from fittingroom.engines.drape.scene import Scene
from fittingroom.engines.protocol import ClothesType, TryOnResult
from fittingroom.evaluation.measures import skin
from fittingroom.evaluation.witness import witness

UPPER = ClothesType.UPPER


def test_the_masks_are_those_of_the_picture(inspected: tuple[TryOnResult, Scene], stage) -> None:
    result, scene = inspected
    drawn: Mannequin = stage.person
    seen = witness(scene, UPPER, drawn.rgb.shape)
    old = drawn.cloth == 1
    assert (seen.old & old).sum() / (seen.old | old).sum() > 0.93
    assert not (seen.cloth[result.report.mask == 0] > 0.01).any()
    worn = seen.cloth > 0.98
    assert worn.mean() > 0.05
    assert np.abs(np.median(seen.flat[worn], axis=0) - (60, 100, 190)).max() < 8
    assert abs(seen.unit - drawn.sw) / drawn.sw < 0.1
    assert skin.painted(seen.skin, seen.no_skin) == 0
    assert seen.no_skin.sum() > 3000


def test_skin_below_the_garment_would_be_found(inspected: tuple[TryOnResult, Scene], stage) -> None:
    _, scene = inspected
    alpha = np.ones(scene.shape, np.float32)
    naked = Layer(np.zeros((*scene.shape, 3), np.float32), alpha, kind=Kind.SKIN)
    faulty = replace(scene, layers=[naked, *scene.layers])
    seen = witness(faulty, UPPER, stage.person.rgb.shape)
    assert skin.painted(seen.skin, seen.no_skin) == seen.no_skin.sum()


def test_what_lies_over_the_cloth_hides_it(inspected: tuple[TryOnResult, Scene], stage) -> None:
    _, scene = inspected
    cover = Layer(np.zeros((*scene.shape, 3), np.float32), np.ones(scene.shape, np.float32))
    seen = witness(replace(scene, layers=[*scene.layers, cover]), UPPER, stage.person.rgb.shape)
    assert seen.cloth.max() == 0


def test_masks_take_the_size_of_a_larger_photo(inspected: tuple[TryOnResult, Scene], stage) -> None:
    _, scene = inspected
    height, width = scene.shape
    large = witness(scene, UPPER, (2 * height, 2 * width, 3))
    assert large.cloth.shape == large.old.shape == large.no_skin.shape == (2 * height, 2 * width)
    assert large.unit == 2 * witness(scene, UPPER, (height, width, 3)).unit
    assert large.old.dtype == bool


def test_each_type_replaces_its_own_clothes(inspected: tuple[TryOnResult, Scene], stage) -> None:
    _, scene = inspected
    old = {kind: witness(scene, kind, stage.person.rgb.shape).old for kind in ClothesType}
    assert (old[ClothesType.UPPER] & old[ClothesType.LOWER]).mean() < 0.005
    both = old[ClothesType.UPPER] | old[ClothesType.LOWER]
    assert (both & old[ClothesType.DRESS]).sum() > 0.97 * old[ClothesType.DRESS].sum()
