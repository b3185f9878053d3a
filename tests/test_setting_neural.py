import pytest
from pydantic import ValidationError

from fittingroom.configuration import load_configuration
from fittingroom.setting_neural import NeuralSettings


def test_the_defaults_leave_the_choice_to_machine_and_engine() -> None:
    chosen = NeuralSettings()
    assert (chosen.device, chosen.dtype, chosen.offload, chosen.quantize) == ("auto", "auto", "auto", "none")
    assert chosen.steps is None
    assert chosen.guidance is None
    assert not chosen.allow_noncommercial


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:0", "cuda:15"])
def test_a_device_is_named_as_torch_names_it(device: str) -> None:
    assert NeuralSettings(device=device).device == device


@pytest.mark.parametrize(
    "bad",
    [
        {"device": "gpu"},
        {"device": "cuda:"},
        {"device": "cuda:0\n"},
        {"dtype": "int8"},
        {"steps": 0},
        {"guidance": -1},
        {"quantize": "3bit"},
        {"offload": "disk"},
        {"attempts": 0},
        {"batch": 0},
        {"window_ms": -1},
        {"lightning": 5},
        {"person_margin": 1.1},
    ],
)
def test_what_no_engine_can_do_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NeuralSettings.model_validate(bad)


def test_all_can_be_given_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LIGHTNING": "8", "STEPS": "12", "GUIDANCE": "1.5", "COMPILE": "true", "BATCH": "4"}.items():
        monkeypatch.setenv(f"FITTINGROOM_NEURAL__{name}", value)
    chosen = load_configuration().settings.neural
    assert (chosen.lightning, chosen.steps, chosen.guidance, chosen.compile, chosen.batch) == (8, 12, 1.5, True, 4)
