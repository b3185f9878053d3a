"""The operator's choice of device and dtype, and what fits."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from fittingroom.engines.neural import device as room  # noqa: E402
from fittingroom.engines.protocol import DoesNotFit  # noqa: E402
from fittingroom.setting_neural import NeuralSettings  # noqa: E402

pytestmark = pytest.mark.neural


@pytest.mark.parametrize(
    ("count", "asked", "given"), [(0, "auto", "cpu"), (2, "auto", "cuda:0"), (2, "cuda:1", "cuda:1"), (1, "cpu", "cpu")]
)
def test_the_device(monkeypatch, count, asked, given):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    assert str(room.chosen_device(NeuralSettings(device=asked))) == given


@pytest.mark.parametrize(("count", "asked"), [(0, "cuda"), (1, "cuda:1")])
def test_a_device_that_is_not_there_is_an_error(monkeypatch, count, asked):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    with pytest.raises(room.NoSuchDevice, match=asked):
        room.chosen_device(NeuralSettings(device=asked))


def test_the_dtype():
    cpu, card = torch.device("cpu"), torch.device("cuda", 0)
    assert room.chosen_dtype(NeuralSettings(), cpu) is torch.float32
    assert room.chosen_dtype(NeuralSettings(), card) is torch.bfloat16
    assert room.chosen_dtype(NeuralSettings(dtype="fp16"), cpu) is torch.float16


def test_free_memory_is_that_of_the_group(monkeypatch, tmp_path):
    for name, text in (
        ("MEMORY_INFO", "MemTotal: 9 kB\nMemAvailable:  5000 kB\n"),
        ("GROUP_LIMIT", "3000000\n"),
        ("GROUP_USE", "1000000\n"),
    ):
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(room, name, tmp_path / name)
    assert room.free_bytes(torch.device("cpu")) == 2_000_000
    (tmp_path / "GROUP_LIMIT").write_text("max\n")
    assert room.free_bytes(torch.device("cpu")) == 5_120_000


def test_what_does_not_fit_is_refused_with_both_figures(monkeypatch):
    monkeypatch.setattr(room, "free_bytes", lambda device: 3_000_000_000)
    room.require_fit(3_000_000_000, torch.device("cpu"), "the net")
    with pytest.raises(DoesNotFit, match=r"the net needs 3\.5 GB of memory and cpu has 3\.0 GB free"):
        room.require_fit(3_500_000_000, torch.device("cpu"), "the net")
