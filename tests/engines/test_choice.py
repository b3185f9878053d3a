import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fittingroom.engines import choice as module
from fittingroom.engines.choice import Choice, choose, need_bytes, settled
from fittingroom.engines.device_probe import Device
from fittingroom.engines.registry import RegistryError
from fittingroom.models.manifest import Weight, all_weights
from fittingroom.models.sets import adopt_folder
from fittingroom.models.sets_manifest import all_sets, find_set
from fittingroom.setting_neural import NeuralSettings
from fittingroom.settings import Settings

BIG = Device("Big Card", 80_000_000_000, 80_000_000_000)
FLUX = ["model_index.json", "transformer/config.json", "transformer/a.safetensors", "vae/config.json"]
FLUX += ["vae/a.safetensors", "text_encoder/config.json", "text_encoder/a.safetensors", "tokenizer/vocab.json"]
FLUX += ["scheduler/scheduler_config.json"]
FILES = {"fashn": ["model.safetensors"], "flux2-klein": FLUX}


def settings(**sections: Any) -> Settings:
    return Settings.model_validate(sections)


class World:
    """A machine with all engines and packages installed, in whose store the weights lie that a test puts there."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.store = folder / "store"
        self.folder = folder
        self.device: Device | str = BIG
        self.installed = {"drape", "fashn", "flux2-klein", "qwen-edit"}
        self.packages = {package for packages in module.BETTER.values() for package in packages}
        self.looked: list[int] = []
        patch.setattr(module.Registry, "installed", lambda: self)
        patch.setattr(module, "find_spec", lambda name: name in self.packages or None)

    def names(self) -> list[str]:
        return sorted(self.installed)

    def put(self, *names: str) -> None:
        for name in names:
            source = self.folder / f"mine-{name}"
            for path in FILES[name]:
                (source / path).parent.mkdir(parents=True, exist_ok=True)
                (source / path).write_bytes(b"x")
            adopt_folder(name, source, self.store)

    def probe(self, index: int) -> Device | str:
        self.looked.append(index)
        return self.device

    def choose(self, **sections: Any) -> Choice:
        return choose(settings(**sections), self.probe, self.store)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path, monkeypatch)
    made.store.mkdir()
    for name in ("selfie_multiclass", "pose_landmarker_full", "u2net_cloth_seg"):
        weight: Weight = all_weights()[name]
        with (made.store / weight.file).open("wb") as file:
            file.truncate(weight.bytes)
    return made


def test_a_named_engine_is_that_engine_without_a_look(world: World) -> None:
    world.put("fashn")
    assert world.choose(engine={"name": "drape"}) == Choice("drape", "")
    assert world.choose(engine={"name": "x:Y"}) == Choice("x:Y", "")
    assert world.looked == []


def test_auto_is_what_is_set_where_nothing_is(world: World) -> None:
    assert Settings().engine.name == "auto"


def test_without_weights_it_is_drape_and_no_card_is_looked_for(world: World) -> None:
    chosen = world.choose()
    assert chosen.engine == "drape"
    assert chosen.reason == (
        "it needs no card; fashn: its weights are not here (fittingroom models pull fashn); "
        "flux2-klein: its weights are not here (fittingroom models pull flux2-klein); qwen-edit is taken only by name"
    )
    assert world.looked == []


def test_fashn_is_taken_before_flux2_klein(world: World) -> None:
    world.put("flux2-klein", "fashn")
    chosen = world.choose()
    assert chosen.engine == "fashn"
    assert chosen.reason == (
        "its weights are here, and Big Card has 80.0 GB free of the 6.0 GB that it may take; "
        "qwen-edit is taken only by name"
    )


def test_flux2_klein_is_taken_where_fashn_is_not_here(world: World) -> None:
    world.put("flux2-klein")
    chosen = world.choose()
    assert chosen.engine == "flux2-klein"
    assert "; fashn: its weights are not here" in chosen.reason


def test_a_damaged_set_is_not_taken(world: World) -> None:
    world.put("fashn")
    (world.store / "fashn" / "model.safetensors").write_bytes(b"longer")
    assert world.choose().engine == "drape"


def test_the_weights_that_it_loads_besides_must_be_there(world: World) -> None:
    world.put("fashn")
    (world.store / all_weights()["u2net_cloth_seg"].file).unlink()
    assert "fashn: the weight u2net_cloth_seg is not here (fittingroom models pull" in world.choose().reason


def test_without_the_extra_it_is_drape_with_the_command(world: World) -> None:
    world.put("fashn")
    world.packages.discard("torch")
    chosen = world.choose()
    assert chosen.engine == "drape"
    assert 'fashn: torch not installed (pip install "fittingroom[neural]")' in chosen.reason
    assert world.looked == []


def test_an_engine_that_is_not_registered_is_not_taken(world: World) -> None:
    world.put("fashn")
    world.installed.discard("fashn")
    assert "fashn: is not installed" in world.choose().reason


def test_without_a_card_it_is_drape(world: World) -> None:
    world.put("fashn")
    world.device = "this machine has no CUDA device"
    chosen = world.choose()
    assert (chosen.engine, "fashn: this machine has no CUDA device" in chosen.reason) == ("drape", True)


def test_the_operators_word_for_the_cpu_is_drape(world: World) -> None:
    world.put("fashn")
    assert "fashn: neural.device is cpu" in world.choose(neural={"device": "cpu"}).reason
    assert world.looked == []


def test_the_card_that_is_named_is_looked_at(world: World) -> None:
    world.put("fashn")
    world.choose(neural={"device": "cuda:3"})
    world.choose()
    assert world.looked == [3, 0]


@pytest.mark.parametrize(("free", "workers", "engine"), [(6.0, 1, "fashn"), (5.9, 1, "drape"), (11.9, 2, "drape")])
def test_it_must_fit_once_for_each_worker(world: World, free: float, workers: int, engine: str) -> None:
    world.put("fashn")
    world.device = Device("Card", int(free * 1e9), 24_000_000_000)
    chosen = world.choose(dispatch={"workers": workers})
    assert chosen.engine == engine
    if engine == "drape":
        assert f"fashn: needs {6 * workers}.0 GB and Card has {free} GB free" in chosen.reason


@pytest.mark.parametrize(
    ("neural", "gigabytes"),
    [
        ({}, 13.0),
        ({"offload": "none"}, 20.0),
        ({"offload": "model"}, 13.0),
        ({"quantize": "fp8", "offload": "none"}, 8.4),
        ({"quantize": "8bit", "offload": "none"}, 20.0),
        ({"dtype": "fp32", "offload": "none"}, 40.0),
    ],
)
def test_what_it_takes_follows_the_operators_choices(neural: dict[str, str], gigabytes: float) -> None:
    assert need_bytes(find_set("flux2-klein"), NeuralSettings.model_validate(neural)) == int(gigabytes * 1e9)


def test_a_licence_that_allows_no_commercial_use_is_an_obstacle(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put("fashn")
    known = all_sets()["fashn"]
    bad = [part.model_copy(update={"commercial": False}) for part in known.repositories]
    refused = known.model_copy(update={"repositories": tuple(bad)})
    monkeypatch.setattr("fittingroom.models.sets.find_set", lambda name, sets: refused if name == "fashn" else known)
    assert "fashn: fashn is not used: the licence of fashn-ai/fashn-vton-1.5" in world.choose().reason
    assert world.choose(neural={"allow_noncommercial": True}).engine == "fashn"


def test_on_ray_without_cards_it_is_drape_and_with_cards_it_must_be_named(world: World) -> None:
    world.put("fashn")
    on_ray = {"dispatch": {"kind": "ray"}}
    assert world.choose(**on_ray) == Choice(
        "drape", "it needs no card, and the replicas on Ray are given none (ray.gpus is 0)"
    )
    with pytest.raises(RegistryError, match=r"name the engine, as with --engine fashn"):
        world.choose(**on_ray, ray={"gpus": 1})
    with pytest.raises(RegistryError, match=r"ray\.gpus is set"):
        choose(settings(ray={"gpus": 0.5}), world.probe, world.store, on_ray=True)
    assert world.choose(**on_ray, ray={"gpus": 1}, engine={"name": "fashn"}).engine == "fashn"
    assert world.looked == []


def test_settled_settings_name_the_engine(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(world.store))
    world.put("fashn")
    made, chosen = settled(Settings(), world.probe)
    assert (made.engine.name, chosen.engine) == ("fashn", "fashn")
    assert made.model_copy(update={"engine": Settings().engine}) == Settings()


def test_choosing_imports_no_neural_runtime() -> None:
    code = (
        "from fittingroom.engines.choice import choose; from fittingroom.settings import Settings; import sys; "
        "choose(Settings()); print(sorted({'torch', 'diffusers', 'cv2', 'mediapipe'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
