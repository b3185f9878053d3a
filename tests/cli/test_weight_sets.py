"""`fittingroom models` of sets, in this process and, against a hub on 127.0.0.1, as the user runs it."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fittingroom.cli import models as cli
from fittingroom.models import sets as sets_module
from fittingroom.models.sets_manifest import WeightSet, all_sets


def silk(**other: Any) -> WeightSet:
    part = {
        "id": "someone/silk",
        "files": ["model.safetensors"],
        "use": "testing",
        "license": "MIT",
        "commercial": True,
        "publisher": "nobody",
        "trained_on": "nothing",
    }
    entry = {
        "name": "silk",
        "use": "engine silk",
        "download": 7_000_000_000,
        "memory": {"bf16": 6, "8bit": 3.5},
        "seconds": {"H100": 2.5},
        "basis": "estimated",
    }
    return WeightSet.model_validate(entry | {"repositories": [part | other]})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, silk())
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path / "store"))
    return tmp_path / "store"


def use(monkeypatch: pytest.MonkeyPatch, one: WeightSet) -> None:
    for module in (cli, sets_module):
        monkeypatch.setattr(module, "all_sets", lambda: {"silk": one}, raising=False)
    monkeypatch.setattr(sets_module, "find_set", lambda name, sets: {"silk": one}[name])


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.app(list(words))
    return int(ended.value.code or 0)


def test_the_list_tells_size_licence_memory_seconds_and_state(store: Path, mine: Path, capsys) -> None:
    assert run("list") == 0
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if line.startswith("silk"))
    assert " ".join(line.split()) == "silk 7.0 MIT missing bf16 6 GB, 8bit 3.5 GB H100 2.5 engine silk"
    assert "none measured here: docs/engines.md" in out
    run("pull", "silk", "--from", str(mine))
    run("list")
    assert "present (own files)" in capsys.readouterr().out


def test_a_folder_is_taken_verified_and_found_damaged(store: Path, mine: Path, capsys) -> None:
    assert run("pull", "silk", "--from", str(mine)) == 0
    assert run("verify", "silk") == 0
    assert "silk: sha256 verified" in capsys.readouterr().out
    (store / "silk" / "model.safetensors").write_bytes(b"WEIGHTS")
    assert run("verify", "silk") == 1
    said = capsys.readouterr()
    assert said.out == "silk: wrong sha256: model.safetensors\n"
    assert said.err == "1 of 1 weights are not usable. Run: fittingroom models pull silk\n"


def test_a_set_that_is_not_there_is_missed_when_it_is_named_alone(store: Path, capsys) -> None:
    assert run("verify", "silk") == 1
    capsys.readouterr()
    run("verify")
    assert "silk" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["silk", "u2net_cloth_seg", "--from", "x"], "--from takes one file or folder"),
        (["silk", "--from", "x", "--revision", "main"], "exclude each other"),
        (["u2net_cloth_seg", "--revision", "main"], "--revision is for one set"),
        (["--revision", "main"], "--revision is for one set"),
        (["satin"], "Known: u2net_cloth_seg, selfie_multiclass, "),
        (["satin"], ", silk."),
        (["silk", "--from", "/nowhere"], "/nowhere is not a folder"),
    ],
)
def test_what_makes_no_sense_is_refused(store: Path, capsys, words: list[str], said: str) -> None:
    assert run("pull", *words) == 1
    assert said in capsys.readouterr().err


def test_a_licence_that_allows_no_commercial_use_needs_the_operators_word(
    store: Path, mine: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    use(monkeypatch, silk(license="CC-BY-NC-4.0", commercial=False))
    assert run("pull", "silk", "--from", str(mine)) == 1
    assert "someone/silk (CC-BY-NC-4.0)" in capsys.readouterr().err
    monkeypatch.setenv("FITTINGROOM_NEURAL__ALLOW_NONCOMMERCIAL", "true")
    assert run("pull", "silk", "--from", str(mine)) == 0


def test_a_setting_that_is_none_is_a_line(store: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("FITTINGROOM_NEURAL__STEPS", "none")
    assert run("pull", "silk") == 1
    assert "neural.steps (environment)" in capsys.readouterr().err


@pytest.mark.neural
class TestAsTheUserRunsIt:
    """The command in a process of its own, with HF_ENDPOINT as the user sets it, and the real list of sets."""

    def run(self, address: str, store: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "FITTINGROOM_"))}
        environment |= {"HF_ENDPOINT": address, "HF_HOME": str(store / "hf"), "FITTINGROOM_MODELS_DIR": str(store)}
        command = [sys.executable, "-m", "fittingroom.cli.main", "models", *words]
        return subprocess.run(command, env=environment | more, capture_output=True, text=True, timeout=120, check=False)

    def test_fashn_comes_from_the_hub_that_is_named(self, tmp_path: Path) -> None:
        pytest.importorskip("huggingface_hub")
        from hub_server import HubRepository, a_hub

        with a_hub() as hub:
            for part in all_sets()["fashn"].repositories:
                assert part.revision is not None
                content = {path: path.encode() for path in part.files}
                hub.repositories[part.id] = HubRepository(
                    {part.revision: content, "9" * 40: content}, {"dev": "9" * 40}
                )
            done = self.run(hub.address, tmp_path, "pull", "fashn")
            assert done.returncode == 1
            assert "has other bytes of model.safetensors of fashn-ai/fashn-vton-1.5" in done.stderr
            assert hub.asked == []
            # Another commit has other bytes, which the hub vouches for; the second repository stays as listed.
            second = all_sets()["fashn"].repositories[1]
            done = self.run(hub.address, tmp_path, "pull", "fashn", "--revision", "dev")
            assert f"has other bytes of dw-ll_ucoco_384.onnx of {second.id}" in done.stderr

    def test_without_a_network_nothing_is_there_and_one_line_says_so(self, tmp_path: Path) -> None:
        pytest.importorskip("huggingface_hub")
        done = self.run("http://127.0.0.1:9", tmp_path, "pull", "flux2-klein")
        assert done.returncode == 1
        assert done.stderr.startswith("http://127.0.0.1:9 cannot be asked for black-forest-labs/FLUX.2-klein-4B")
        assert len(done.stderr.splitlines()) == 1
        assert not (tmp_path / "flux2-klein").exists()


def test_a_pull_of_no_name_brings_no_set(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    brought: list[str] = []
    monkeypatch.setattr(cli, "bring_set", lambda one, *_, **__: brought.append(one.name))
    monkeypatch.setattr(cli, "bring", lambda weights, *_, **__: brought.extend(weight.name for weight in weights))
    assert run("pull") == 0
    assert brought == ["u2net_cloth_seg", "selfie_multiclass", "pose_landmarker_full", "migan_pipeline_v2"]
    assert run("pull", "silk") == 0
    assert brought[4:] == ["silk"]


def test_a_record_is_plain_json_that_says_what_came(store: Path, mine: Path) -> None:
    run("pull", "silk", "--from", str(mine))
    told = json.loads((store / "silk" / "set.json").read_text())
    digest = hashlib.sha256(b"weights").hexdigest()
    assert told == {
        "format": 1,
        "name": "silk",
        "origins": [],
        "files": {"model.safetensors": {"bytes": 7, "sha256": digest}},
    }
