"""Where weights lie, and what counts as present."""

from __future__ import annotations

from pathlib import Path

import pytest

from fittingroom.models import LicenceRefused, MissingWeight, ModelsError, State, models_dir, state, weight_path
from fittingroom.models.store import sha256_of


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path / "w"))
    assert models_dir() == tmp_path / "w"


@pytest.mark.parametrize("value", [None, ""])
def test_without_it_the_users_cache_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None) -> None:
    monkeypatch.delenv("FITTINGROOM_MODELS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    if value is not None:
        monkeypatch.setenv("FITTINGROOM_MODELS_DIR", value)
    assert models_dir().is_relative_to(tmp_path)
    assert models_dir().parts[-2:] == ("fittingroom", "models")


def test_sha256_is_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    assert sha256_of(tmp_path / "f") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_states(tmp_path: Path, weight, content: bytes) -> None:
    tiny = weight()
    file = tmp_path / tiny.file
    assert state(tiny, tmp_path) is State.MISSING
    file.write_bytes(content[:-1])
    assert state(tiny, tmp_path) is State.WRONG_SIZE
    file.write_bytes(content[:-1] + b"!")
    assert state(tiny, tmp_path) is State.PRESENT
    assert state(tiny, tmp_path, thorough=True) is State.WRONG_BYTES
    file.write_bytes(content)
    assert state(tiny, tmp_path, thorough=True) is State.PRESENT


def test_a_folder_of_that_name_is_no_weight(tmp_path: Path, weight) -> None:
    (tmp_path / "tiny.onnx").mkdir()
    assert state(weight(), tmp_path) is State.MISSING


def test_weight_path_of_a_present_weight(tmp_path: Path, weight, content: bytes, monkeypatch) -> None:
    (tmp_path / "tiny.onnx").write_bytes(content)
    weights = {"tiny": weight()}
    assert weight_path("tiny", tmp_path, weights) == tmp_path / "tiny.onnx"
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path))
    assert weight_path("tiny", weights=weights) == tmp_path / "tiny.onnx"


@pytest.mark.parametrize(("held", "word"), [(None, "missing"), (b"short", "wrong size")])
def test_a_missing_weight_names_the_command(tmp_path: Path, weight, held: bytes | None, word: str) -> None:
    if held is not None:
        (tmp_path / "tiny.onnx").write_bytes(held)
    with pytest.raises(MissingWeight, match=rf"{word}.*fittingroom models pull tiny$"):
        weight_path("tiny", tmp_path, {"tiny": weight()})


def test_an_unknown_name_is_no_missing_weight(tmp_path: Path) -> None:
    with pytest.raises(ModelsError, match="Known: u2net_cloth_seg") as caught:
        weight_path("u3net", tmp_path)
    assert not isinstance(caught.value, MissingWeight)


def test_a_weight_whose_licence_allows_no_commercial_use_is_refused_at_load(tmp_path: Path, weight, content) -> None:
    weights = {"tiny": weight(commercial=False, license="CC-BY-NC-4.0")}
    (tmp_path / "tiny.onnx").write_bytes(content)
    with pytest.raises(LicenceRefused, match=r"tiny is not used: the licence of tiny\.onnx \(CC-BY-NC-4\.0\)"):
        weight_path("tiny", tmp_path, weights)
    assert weight_path("tiny", tmp_path, weights, allow_noncommercial=True) == tmp_path / "tiny.onnx"
