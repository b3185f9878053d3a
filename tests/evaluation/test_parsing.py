"""Parsing against label maps: their classes in ours, and what is counted."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fittingroom.evaluation import parsing
from fittingroom.evaluation.parsing import CLASSES, ROOT
from fittingroom.evaluation.photos import EvaluationError, Photos, write_rgb

WORDS = [word for words in CLASSES.values() for word in words.split()]
NUMBER = {word: number for number, word in enumerate([*WORDS, "bag"])}


@pytest.fixture
def street(tmp_path: Path, stage) -> Photos:
    """The mannequin as a street photo with a label map: true classes, and a bag over a part of the top."""
    root = tmp_path / "street"
    for part in ("images", "labels"):
        (root / ROOT / part).mkdir(parents=True)
    (root / ROOT / "classes.txt").write_text("".join(f"{number}\t{word}\n" for word, number in NUMBER.items()))
    drawn = stage.person
    labels = np.full(drawn.cloth.shape, NUMBER["null"], np.uint8)
    for selfie, word in ((1, "hair"), (2, "skin"), (3, "skin")):
        labels[drawn.selfie == selfie] = NUMBER[word]
    for cloth, word in ((1, "blouse"), (2, "jeans"), (3, "dress")):
        labels[drawn.cloth == cloth] = NUMBER[word]
    ys, xs = np.nonzero(drawn.cloth == 1)
    labels[ys[: len(ys) // 4], xs[: len(xs) // 4]] = NUMBER["bag"]
    write_rgb(root / ROOT / "images" / "0001.png", drawn.rgb)
    cv2.imwrite(str(root / ROOT / "labels" / "0001.png"), labels)
    return Photos(root)


def test_networks_that_know_the_truth_agree_with_it(street: Photos, stage) -> None:
    counted, seconds = parsing.compare(street, street.names(f"{ROOT}/images"), stage.nets)
    found = counted.iou()
    assert set(found) == {*CLASSES, *parsing.JOINED}
    assert found["dress"] is None
    for name in ("upper", "lower", "hair", "background", "lower or dress", "any garment"):
        assert found[name] > 0.9, name
    assert found["skin"] > 0.8
    assert len(seconds) == 1


def test_a_bag_is_neither_right_nor_wrong(street: Photos, stage) -> None:
    ((_, found, true, _),) = parsing.run(street, street.names(f"{ROOT}/images"), stage.nets)
    bag = cv2.imread(str(street.root / ROOT / "labels" / "0001.png"), cv2.IMREAD_UNCHANGED) == NUMBER["bag"]
    assert bag.any()
    for name in CLASSES:
        assert not found[name][bag].any()
        assert not true[name][bag].any()


def test_every_class_of_theirs_belongs_to_one_of_ours_at_most() -> None:
    assert len(set(WORDS)) == len(WORDS)


def test_an_incomplete_folder_is_told(street: Photos, stage) -> None:
    names = street.names(f"{ROOT}/images")
    label = street.root / ROOT / "labels" / "0001.png"
    cv2.imwrite(str(label), np.zeros((4, 4), np.uint8))
    with pytest.raises(EvaluationError, match="another size"):
        parsing.compare(street, names, stage.nets)
    classes = street.root / ROOT / "classes.txt"
    classes.write_text("0\tnull\n")
    with pytest.raises(EvaluationError, match="names no class"):
        parsing.class_numbers(street)
    classes.unlink()
    with pytest.raises(EvaluationError, match=r"classes\.txt is missing"):
        parsing.class_numbers(street)
