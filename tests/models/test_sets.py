import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from fittingroom.models import sets as module
from fittingroom.models.errors import LicenceRefused, MissingWeight, ModelsError, PullFailed
from fittingroom.models.sets import SetRecord, adopt_folder, locator, record_of, set_folder, set_state
from fittingroom.models.sets_manifest import Sets, WeightSet
from fittingroom.models.store import MODELS_DIR_VARIABLE, State
from fittingroom.setting_neural import NeuralSettings


def part(name: str = "someone/silk", **other: Any) -> dict[str, Any]:
    known = {"use": "testing", "license": "MIT", "publisher": "nobody", "trained_on": "nothing", "commercial": True}
    return {"id": name, "files": ["model.safetensors", "text/*.json"]} | known | other


def listed(*parts: dict[str, Any]) -> Sets:
    entry = {"name": "silk", "use": "testing", "download": 3, "memory": {}, "seconds": {}, "basis": "estimated"}
    return {"silk": WeightSet.model_validate(entry | {"repositories": parts or (part(),)})}


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    (folder / "text").mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "text" / "config.json").write_bytes(b"{}")
    (folder / "evil.py").write_bytes(b"import os")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def adopted(mine: Path, store: Path, sets: Sets | None = None) -> Path:
    return adopt_folder("silk", mine, store, sets=sets or listed())


def test_a_folder_of_mine_becomes_a_set(mine: Path, store: Path, recorder: Any) -> None:
    folder = adopt_folder("silk", mine, store, recorder, sets=listed())
    assert folder == store / "silk" == set_folder("silk", store, sets=listed())
    assert (folder / "text" / "config.json").read_bytes() == b"{}"
    assert not (folder / "evil.py").exists()
    record = record_of("silk", store)
    assert record is not None
    assert record.origins == ()
    assert record.files["model.safetensors"].sha256 == hashlib.sha256(b"weights").hexdigest()
    assert set(record.files) == {"model.safetensors", "text/config.json"}
    assert recorder.lines == [f"silk: 2 files taken from {mine}"]
    assert (mine / "model.safetensors").read_bytes() == b"weights"
    assert sorted(path.name for path in store.iterdir()) == [".lock", "silk"]


def test_the_store_is_the_folder_of_all_weights(mine: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODELS_DIR_VARIABLE, str(store))
    adopt_folder("silk", mine, sets=listed())
    assert set_folder("silk", sets=listed()) == store / "silk"


def test_a_missing_set_names_the_command(store: Path) -> None:
    with pytest.raises(MissingWeight, match=r"are missing in .*store\. Bring them with: fittingroom models pull silk$"):
        set_folder("silk", store, sets=listed())


def test_a_set_of_another_name_is_unknown(store: Path) -> None:
    with pytest.raises(ModelsError, match="'satin'"):
        set_folder("satin", store, sets=listed())


def test_a_lost_and_a_shortened_file_are_seen_when_it_is_loaded(mine: Path, store: Path) -> None:
    folder = adopted(mine, store)
    (folder / "text" / "config.json").write_bytes(b"{ }")
    with pytest.raises(MissingWeight, match=r"are wrong size in .*: text/config\.json\. Bring"):
        set_folder("silk", store, sets=listed())
    (folder / "text" / "config.json").unlink()
    with pytest.raises(MissingWeight, match=r"are missing in .*: text/config\.json"):
        set_folder("silk", store, sets=listed())


def test_other_bytes_of_the_same_size_are_seen_by_the_hash(mine: Path, store: Path) -> None:
    folder = adopted(mine, store)
    wanted = listed()["silk"]
    assert set_state(wanted, store, thorough=True) == (State.PRESENT, "")
    (folder / "model.safetensors").write_bytes(b"WEIGHTS")
    assert set_state(wanted, store) == (State.PRESENT, "")
    assert set_state(wanted, store, thorough=True) == (State.WRONG_BYTES, "model.safetensors")


def test_a_file_that_was_put_there_is_seen_by_the_thorough_look(mine: Path, store: Path) -> None:
    folder = adopted(mine, store)
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    found = set_state(listed()["silk"], store, thorough=True)
    assert found == (State.WRONG_BYTES, "pytorch_model.bin is no file of the set")


@pytest.mark.parametrize("record", ["", "[]", '{"format": 2}', '{"format":1,"name":"other","files":{}}'])
def test_a_record_that_is_none_is_no_set(mine: Path, store: Path, record: str) -> None:
    folder = adopted(mine, store)
    (folder / "set.json").write_text(record)
    with pytest.raises(MissingWeight, match=r"set\.json cannot be read"):
        set_folder("silk", store, sets=listed())


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/../../b", "", ".", "a//b", "..\\x"])
def test_a_record_cannot_name_files_elsewhere(path: str) -> None:
    text = json.dumps({"name": "silk", "files": {path: {"bytes": 1, "sha256": "0" * 64}}})
    with pytest.raises(ValidationError):
        SetRecord.model_validate_json(text)


def test_a_set_that_the_program_has_since_learnt_to_want_more_of_is_missing_that(mine: Path, store: Path) -> None:
    adopted(mine, store)
    more = listed(part(files=["model.safetensors", "vae/*"]))
    with pytest.raises(MissingWeight, match=r": vae/\*\. Bring"):
        set_folder("silk", store, sets=more)
    spare = listed(part(), part("someone/pose", files=["p.onnx"], into="pose", needed=False))
    assert set_folder("silk", store, sets=spare)


def test_what_is_needed_must_be_in_the_folder_and_nothing_is_made_otherwise(mine: Path, store: Path) -> None:
    (mine / "model.safetensors").unlink()
    with pytest.raises(PullFailed, match=r"is no set silk: it holds no model\.safetensors"):
        adopted(mine, store)
    with pytest.raises(PullFailed, match="is not a folder"):
        adopted(mine / "absent", store)
    assert not store.exists()


def test_a_part_in_its_own_folder_is_taken_where_it_is(mine: Path, store: Path) -> None:
    two = listed(part(), part("someone/pose", files=["*.onnx"], into="pose", needed=False))
    (mine / "pose").mkdir()
    (mine / "pose" / "p.onnx").write_bytes(b"onnx")
    (mine / "p.onnx").write_bytes(b"elsewhere")
    folder = adopted(mine, store, two)
    assert (folder / "pose" / "p.onnx").read_bytes() == b"onnx"
    assert not (folder / "p.onnx").exists()


def test_a_second_adoption_takes_the_place_of_the_first(mine: Path, store: Path) -> None:
    adopted(mine, store)
    (mine / "model.safetensors").write_bytes(b"newer weights")
    folder = adopted(mine, store)
    assert (folder / "model.safetensors").read_bytes() == b"newer weights"
    assert sorted(path.name for path in store.iterdir()) == [".lock", "silk"]


def test_an_adoption_that_breaks_leaves_the_old_set(mine: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adopted(mine, store)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_copied", full)
    with pytest.raises(PullFailed, match="Free some space"):
        adopted(mine, store)
    assert set_folder("silk", store, sets=listed())


def test_the_sets_own_folder_is_not_taken_for_itself(mine: Path, store: Path) -> None:
    folder = adopted(mine, store)
    with pytest.raises(PullFailed, match="the set's own folder"):
        adopted(folder, store)
    assert set_folder("silk", store, sets=listed())


def test_the_published_bytes_are_told_from_others(mine: Path, store: Path, recorder: Any) -> None:
    known = {"model.safetensors": hashlib.sha256(b"weights").hexdigest()}
    adopt_folder("silk", mine, store, recorder, sets=listed(part(sha256=known)))
    (mine / "model.safetensors").write_bytes(b"mine")
    adopt_folder("silk", mine, store, recorder, sets=listed(part(sha256=known)))
    assert recorder.lines[0].endswith("; their sha256 are the published ones")
    assert recorder.lines[1].endswith(
        "; model.safetensors: not the published bytes, so their licence is for you to know"
    )


class TestALicenceThatAllowsNoCommercialUse:
    refused = listed(part(), part("someone/lace", commercial=False, license="CC-BY-NC-4.0", into="lace", needed=False))

    def test_is_refused_when_it_comes(self, mine: Path, store: Path) -> None:
        with pytest.raises(LicenceRefused, match=r"someone/lace \(CC-BY-NC-4\.0\).*neural\.allow_noncommercial"):
            adopted(mine, store, self.refused)
        assert not store.exists()

    def test_and_when_it_is_loaded(self, mine: Path, store: Path) -> None:
        adopt_folder("silk", mine, store, allow_noncommercial=True, sets=self.refused)
        with pytest.raises(LicenceRefused):
            set_folder("silk", store, sets=self.refused)
        assert set_folder("silk", store, allow_noncommercial=True, sets=self.refused)

    def test_the_operators_word_reaches_whoever_asks_for_the_folder(
        self, mine: Path, store: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        adopt_folder("silk", mine, store, allow_noncommercial=True, sets=self.refused)
        monkeypatch.setenv(MODELS_DIR_VARIABLE, str(store))
        monkeypatch.setattr(module, "find_set", lambda name, sets: self.refused[name])
        with pytest.raises(LicenceRefused):
            locator(NeuralSettings())("silk")
        assert locator(NeuralSettings(allow_noncommercial=True))("silk") == store / "silk"

    def test_an_entry_that_does_not_say_counts_as_one(self) -> None:
        silent: Callable[[], dict[str, Any]] = lambda: {k: v for k, v in part().items() if k != "commercial"}  # noqa: E731
        with pytest.raises(LicenceRefused):
            listed(silent())["silk"].require_licence(allow_noncommercial=False)


@pytest.mark.parametrize("old", [b"", b"x"])
def test_an_unreadable_record_reads_as_none(store: Path, old: bytes) -> None:
    (store / "silk").mkdir(parents=True)
    assert record_of("silk", store) is None
    (store / "silk" / "set.json").write_bytes(old)
    assert record_of("silk", store) is None
