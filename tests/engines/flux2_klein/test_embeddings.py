"""Prompt embeddings beside the weights: asked once, read again, and made anew where the kept one is of no use."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.neural

from safetensors.torch import save_file  # noqa: E402

from fittingroom.engines.flux2_klein.embeddings import ENTRY, Embeddings  # noqa: E402
from fittingroom.models.sets import RECORD  # noqa: E402


class Encoder:
    """Each prompt's length, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, prompts):
        self.asked.extend(prompts)
        return [torch.full((1, 2, 3), float(len(prompt))) for prompt in prompts]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "flux2-klein"
    made.mkdir()
    (made / RECORD).write_text("these weights")
    return made


def opened(folder: Path, dtype=torch.float32) -> tuple[Embeddings, Encoder]:
    encoder = Encoder()
    return Embeddings(folder, dtype, encoder), encoder


def test_what_was_kept_is_not_asked_again(folder: Path) -> None:
    first, encoder = opened(folder)
    made = first.of(["a red shirt", "jeans", "a red shirt"])
    assert encoder.asked == ["a red shirt", "jeans"]
    assert [float(one[0, 0, 0]) for one in made] == [11, 5, 11]
    second, encoder = opened(folder)
    assert torch.equal(second.of(["jeans"])[0], made[1])
    assert encoder.asked == []


def test_other_weights_or_numbers_are_asked_for_their_own(folder: Path) -> None:
    opened(folder)[0].of(["jeans"])
    half, encoder = opened(folder, torch.bfloat16)
    assert half.of(["jeans"])[0].dtype is torch.bfloat16
    assert encoder.asked == ["jeans"]
    (folder / RECORD).write_text("other weights")
    other, encoder = opened(folder)
    other.of(["jeans"])
    assert encoder.asked == ["jeans"]


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


def of_another_name(path: Path) -> None:
    save_file({"other": torch.zeros(1)}, path)


def not_a_number(path: Path) -> None:
    save_file({ENTRY: torch.full((1, 2, 3), float("nan"))}, path)


def of_another_type(path: Path) -> None:
    save_file({ENTRY: torch.zeros((1, 2, 3), dtype=torch.float16)}, path)


@pytest.mark.parametrize("damage", [cut_short, of_another_name, not_a_number, of_another_type])
def test_a_damaged_file_is_made_anew(folder: Path, damage) -> None:
    first, _ = opened(folder)
    made = first.of(["jeans"])[0]
    damage(first.file_of("jeans"))
    second, encoder = opened(folder)
    assert torch.equal(second.of(["jeans"])[0], made)
    assert encoder.asked == ["jeans"]
    third, encoder = opened(folder)
    third.of(["jeans"])
    assert encoder.asked == []


def test_a_store_that_cannot_be_written_is_told_and_used(folder: Path) -> None:
    (folder.parent / "embeddings").write_text("a file where the folder would be")
    one, encoder = opened(folder)
    with capture_logs() as logs:
        assert float(one.of(["jeans"])[0][0, 0, 0]) == 5
    assert [entry["event"] for entry in logs] == ["embedding_not_kept"]
    one.of(["jeans"])
    assert encoder.asked == ["jeans"], "kept in memory all the same"
