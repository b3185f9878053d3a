"""What both editors tell diffusers of the numbers that networks are kept in."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.neural

import diffusers  # noqa: E402
import transformers  # noqa: E402

from fittingroom.engines.neural import editing_pipeline  # noqa: E402
from fittingroom.engines.neural.editing_pipeline import (  # noqa: E402
    CannotQuantise,
    MissingQuantisation,
    quantisation,
)
from fittingroom.setting_neural import NeuralSettings  # noqa: E402

CARD, CPU = torch.device("cuda", 0), torch.device("cpu")
PARTS = ("transformer", "text_encoder")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if bitsandbytes were there: its configurations are made without it, and nothing is loaded here."""
    monkeypatch.setattr(editing_pipeline, "find_spec", lambda _: object())
    for of in (diffusers.BitsAndBytesConfig, transformers.BitsAndBytesConfig):
        monkeypatch.setattr(of, "post_init", lambda self: None)


@pytest.mark.parametrize("asked", ["none", "fp8"])
def test_without_bitsandbytes_nothing_is_configured(asked: str) -> None:
    assert quantisation(NeuralSettings(quantize=asked), torch.bfloat16, CARD, *PARTS) is None


@pytest.mark.usefixtures("installed")
def test_each_library_gets_a_configuration_of_its_own() -> None:
    four = quantisation(NeuralSettings(quantize="4bit"), torch.bfloat16, CARD, *PARTS).quant_mapping
    assert type(four["transformer"]) is diffusers.BitsAndBytesConfig
    assert type(four["text_encoder"]) is transformers.BitsAndBytesConfig
    for part in four.values():
        assert (part.load_in_4bit, part.load_in_8bit) == (True, False)
        assert (part.bnb_4bit_quant_type, part.bnb_4bit_compute_dtype) == ("nf4", torch.bfloat16)
    eight = quantisation(NeuralSettings(quantize="8bit"), torch.bfloat16, CARD, *PARTS).quant_mapping
    assert [(part.load_in_4bit, part.load_in_8bit) for part in eight.values()] == [(False, True)] * 2


@pytest.mark.usefixtures("installed")
def test_a_cpu_cannot() -> None:
    with pytest.raises(CannotQuantise, match=r"8bit.*needs a CUDA device, and this is cpu"):
        quantisation(NeuralSettings(quantize="8bit"), torch.bfloat16, CPU, *PARTS)


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing_pipeline, "find_spec", lambda _: None)
    with pytest.raises(MissingQuantisation, match=r'pip install "fittingroom\[quant\]"'):
        quantisation(NeuralSettings(quantize="4bit"), torch.bfloat16, CARD, *PARTS)
