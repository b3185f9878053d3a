"""Which engine `auto` stands for on this machine, and why it is no better one.

The order is by what a shop gets: `fashn`, which was made for this, then `flux2-klein`, then `drape`, which runs
anywhere. `qwen-edit` takes an order of magnitude more and is taken only by name. Cheap questions come first (weights,
extra), so that a machine without neural weights never looks for a card. Invariant: nothing is downloaded, no neural
runtime is imported, and the answer always says why each better engine was not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fittingroom.engines.device_probe import Device, probe
from fittingroom.engines.registry import Registry, RegistryError
from fittingroom.models.errors import LicenceRefused, MissingWeight
from fittingroom.models.manifest import find
from fittingroom.models.sets import set_folder
from fittingroom.models.sets_manifest import Precision, WeightSet, find_set
from fittingroom.models.store import State, models_dir, state
from fittingroom.setting_neural import NeuralSettings
from fittingroom.settings import Settings

AUTO: Final = "auto"
FALLBACK: Final = "drape"
BETTER: Final[dict[str, tuple[str, ...]]] = {
    "fashn": ("torch", "safetensors"),
    "flux2-klein": ("torch", "safetensors", "diffusers", "transformers", "accelerate"),
}
"""The engines that `auto` takes before `drape`, best first, and the packages that each loads."""

BY_NAME: Final = "qwen-edit is taken only by name"
GIGABYTE: Final = 1e9

Probe = Callable[[int], Device | str]


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine to run. reason: one English sentence for the operator; "" where the operator named the engine."""

    engine: str
    reason: str = ""


def choose(settings: Settings, looked: Probe = probe, directory: Path | None = None, *, on_ray: bool = False) -> Choice:
    """The engine that `settings.engine.name` stands for.

    looked: how a device is found. directory: of the weights; default `models_dir()`. on_ray: the work is done on a Ray
    cluster, whatever `dispatch.kind` is. Raises `RegistryError` where `auto` cannot be answered from here.
    """
    if settings.engine.name != AUTO:
        return Choice(settings.engine.name)
    if on_ray or settings.dispatch.kind == "ray":
        return _on_ray(settings)
    against: list[str] = []
    for name in BETTER:
        obstacle, device = _obstacle(name, settings, looked, directory)
        if device is not None:
            return Choice(name, f"{_fits(name, device, settings)}{_told(against)}")
        against.append(f"{name}: {obstacle}")
    return Choice(FALLBACK, f"it needs no card{_told(against)}")


def settled(settings: Settings, looked: Probe = probe, *, on_ray: bool = False) -> tuple[Settings, Choice]:
    """The settings with the engine that `choose` names in place of `auto`, and the choice. Raises as `choose`."""
    choice = choose(settings, looked, on_ray=on_ray)
    engine = settings.engine.model_copy(update={"name": choice.engine})
    return settings.model_copy(update={"engine": engine}), choice


def _on_ray(settings: Settings) -> Choice:
    if settings.ray.gpus > 0:
        raise RegistryError(
            "engine.name is `auto`, and this machine cannot look at the cards of a Ray cluster (ray.gpus is set): "
            "name the engine, as with --engine fashn"
        )
    return Choice(FALLBACK, "it needs no card, and the replicas on Ray are given none (ray.gpus is 0)")


def need_bytes(wanted: WeightSet, neural: NeuralSettings) -> int:
    """Bytes of the card that one worker with these weights takes, as the list of sets says."""
    kept: tuple[Precision, ...] = ("bf16",) if neural.quantize == "none" else (neural.quantize,)
    if neural.offload != "none":  # auto may offload where the card is small
        kept = (*kept, "offload") if neural.offload == "auto" else ("offload",)
    known = [wanted.memory[how] for how in kept if how in wanted.memory]
    doubled = 2 if neural.dtype == "fp32" and neural.quantize == "none" else 1
    return int(min(known, default=wanted.memory["bf16"]) * doubled * GIGABYTE)


def _obstacle(name: str, settings: Settings, looked: Probe, directory: Path | None) -> tuple[str, Device | None]:
    """Why the engine cannot be taken and None, or "" and the device that it fits on."""
    if (first := next(_cheap_obstacles(name, settings, directory), None)) is not None:
        return first, None
    device = looked(int(settings.neural.device.partition(":")[2] or 0))
    if isinstance(device, str):
        return device, None
    need = _need(name, settings)
    if device.free < need:
        return f"needs {need / GIGABYTE:.1f} GB and {device.name} has {device.free / GIGABYTE:.1f} GB free", None
    return "", device


def _cheap_obstacles(name: str, settings: Settings, directory: Path | None) -> Iterator[str]:
    if name not in Registry.installed().names():
        yield "is not installed"
    try:
        set_folder(name, directory, allow_noncommercial=settings.neural.allow_noncommercial)
    except MissingWeight:
        yield f"its weights are not here (fittingroom models pull {name})"
    except LicenceRefused as error:
        yield str(error)
    for weight in find_set(name).weights:
        if state(find(weight), directory or models_dir()) is not State.PRESENT:
            yield f"the weight {weight} is not here (fittingroom models pull {weight})"
    if missing := [package for package in BETTER[name] if find_spec(package) is None]:
        yield f'{", ".join(missing)} not installed (pip install "fittingroom[neural]")'
    if settings.neural.device == "cpu":
        yield "neural.device is cpu, where a picture takes minutes"


def _need(name: str, settings: Settings) -> int:
    return need_bytes(find_set(name), settings.neural) * settings.dispatch.workers


def _fits(name: str, device: Device, settings: Settings) -> str:
    need, free = _need(name, settings) / GIGABYTE, device.free / GIGABYTE
    return f"its weights are here, and {device.name} has {free:.1f} GB free of the {need:.1f} GB that it may take"


def _told(against: list[str]) -> str:
    return "".join(f"; {one}" for one in [*against, BY_NAME])
