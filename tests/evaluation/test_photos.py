"""The folder of photos: what is found there, what is enlarged, and what is said where something is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fittingroom.evaluation.photos import SHORT_SIDE, VARIABLE, EvaluationError, Photos, photos_at, read_rgb, write_rgb


def test_names_are_sorted_pictures_below_the_root(tmp_path: Path) -> None:
    folder = tmp_path / "persons" / "shop"
    folder.mkdir(parents=True)
    for name in ("b.JPG", "a.png", "notes.txt"):
        (folder / name).write_bytes(b"")
    assert Photos(tmp_path).names("persons/shop") == ["persons/shop/a.png", "persons/shop/b.JPG"]


def test_a_missing_folder_is_told_with_the_document_that_helps(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"no folder persons/vitonhd; docs/evaluation\.md"):
        Photos(tmp_path).names("persons/vitonhd")
    with pytest.raises(EvaluationError, match="--photos"):
        Photos(tmp_path / "nowhere")


def test_the_folder_is_given_or_named_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(EvaluationError, match=VARIABLE):
        photos_at(None)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert photos_at(None).root == tmp_path
    (tmp_path / "other").mkdir()
    assert photos_at(tmp_path / "other").root == tmp_path / "other"


def test_a_picture_is_read_as_rgb_and_kept_exactly(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    write_rgb(tmp_path / "p.png", rgb)
    assert (Photos(tmp_path).picture("p.png") == rgb).all()


def test_small_photos_are_enlarged_and_large_ones_are_not(tmp_path: Path) -> None:
    write_rgb(tmp_path / "small.png", np.zeros((100, 50, 3), np.uint8))
    write_rgb(tmp_path / "large.png", np.zeros((600, 700, 3), np.uint8))
    assert Photos(tmp_path).usable("small.png").shape == (2 * SHORT_SIDE, SHORT_SIDE, 3)
    assert Photos(tmp_path).usable("large.png").shape == (600, 700, 3)


def test_what_is_no_picture_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_text("text")
    with pytest.raises(EvaluationError, match="not a picture"):
        read_rgb(tmp_path / "p.png")
