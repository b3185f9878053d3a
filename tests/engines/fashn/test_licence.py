"""The operator's word on licences reaches the engine's own question for its weights; needs no torch."""

from pathlib import Path

import pytest

from fittingroom.engines.fashn.engine import FashnEngine
from fittingroom.models import LicenceRefused, all_sets
from fittingroom.models.sets import adopt_folder
from fittingroom.setting_neural import NeuralSettings


def test_weights_that_allow_no_commercial_use_need_the_operators_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = all_sets()["fashn"]
    bad = [part.model_copy(update={"commercial": False}) for part in known.repositories]
    monkeypatch.setattr(
        "fittingroom.models.sets.find_set", lambda name, sets: known.model_copy(update={"repositories": tuple(bad)})
    )
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path / "store"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.safetensors").write_bytes(b"x")
    adopt_folder("fashn", tmp_path / "mine", allow_noncommercial=True)
    with pytest.raises(LicenceRefused):
        FashnEngine().tuned(NeuralSettings())._locate("fashn")
    assert FashnEngine().tuned(NeuralSettings(allow_noncommercial=True))._locate("fashn").name == "fashn"
