"""Where an editor's networks are put, by the memory that is free and by what the operator asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.neural

from fittingroom.engines.neural import device as room  # noqa: E402
from fittingroom.engines.neural import editing_memory  # noqa: E402
from fittingroom.engines.neural.editing_memory import Need, kept_bytes, numbers_in, placed  # noqa: E402
from fittingroom.engines.protocol import DoesNotFit  # noqa: E402
from fittingroom.setting_neural import NeuralSettings  # noqa: E402

GB = 10**9
NEED = Need({"transformer": 8 * GB, "vae": GB}, work=2 * GB)
CARD, CPU = torch.device("cuda", 0), torch.device("cpu")


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch):
    """Sets the bytes that are free on every device."""

    def set_to(gigabytes: float) -> None:
        for module in (room, editing_memory):
            monkeypatch.setattr(module, "free_bytes", lambda _: int(gigabytes * GB))

    return set_to


@pytest.mark.parametrize(
    ("gigabytes", "offload", "told"),
    [
        (12, "none", "offload none: 11.0 GB of 12.0 GB free"),
        (11, "none", "offload none: 11.0 GB of 11.0 GB free"),
        (10.9, "model", "offload model: 10.0 GB of 10.9 GB free, all at once would take 11.0 GB"),
        (9.9, "sequential", "offload sequential: 3.0 GB of 9.9 GB free, all at once would take 11.0 GB"),
    ],
)
def test_as_much_lies_on_the_card_as_fits(free, gigabytes: float, offload: str, told: str) -> None:
    free(gigabytes)
    placement = placed(NEED, CARD, NeuralSettings(), "klein")
    assert (placement.offload, placement.reason) == (offload, told)


def test_what_fits_in_no_way_is_refused(free) -> None:
    free(2.9)
    with pytest.raises(DoesNotFit, match=r"klein, even layer by layer, needs 3\.0 GB"):
        placed(NEED, CARD, NeuralSettings(), "klein")


@pytest.mark.parametrize(("asked", "needs"), [("none", "11.0"), ("model", "10.0"), ("sequential", "3.0")])
def test_the_operators_word_counts_and_is_refused_where_it_does_not_fit(free, asked: str, needs: str) -> None:
    settings = NeuralSettings(offload=asked)
    free(80)
    assert placed(NEED, CARD, settings, "klein").offload == asked
    free(float(needs) - 0.1)
    with pytest.raises(DoesNotFit, match=f"klein with neural.offload {asked} needs {needs} GB"):
        placed(NEED, CARD, settings, "klein")


def test_nothing_is_offloaded_on_the_cpu(free) -> None:
    free(12)
    assert placed(NEED, CPU, NeuralSettings(offload="sequential"), "klein").offload == "none"
    free(10)
    with pytest.raises(DoesNotFit):
        placed(NEED, CPU, NeuralSettings(), "klein")


def test_no_layer_is_larger_than_the_network() -> None:
    assert Need({"vae": GB // 2}, work=0).of("sequential") == GB // 2


def test_numbers_are_counted_from_the_headers_alone(tmp_path: Path) -> None:
    for name, shapes in (("a", {"x": [3, 4]}), ("b", {"y": [5], "z": []})):
        entries = {key: {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]} for key, shape in shapes.items()}
        header = json.dumps({"__metadata__": {"format": "pt"}, **entries}).encode()
        (tmp_path / f"{name}.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    assert numbers_in(tmp_path) == 12 + 5 + 1
    with pytest.raises(ValueError, match="no safetensors file"):
        numbers_in(tmp_path / "nothing")


def test_quantised_numbers_take_less() -> None:
    plain, eight, four = (kept_bytes(1000, torch.bfloat16, how) for how in ("none", "8bit", "4bit"))
    assert (plain, eight, four) == (2000, 1050, 560)
    assert kept_bytes(1000, torch.float32) == 4000
