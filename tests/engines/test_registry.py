import sys
import types
from collections.abc import Callable
from importlib.metadata import EntryPoint

import pytest

from fittingroom.engines import registry as module
from fittingroom.engines.protocol import Engine, EngineInfo
from fittingroom.engines.registry import Registry, RegistryError
from fittingroom.setting_neural import NeuralSettings


class Plain:
    name = "plain"

    def load(self) -> None:
        """Nothing to load."""

    def try_on(self, person, garment, clothes_type, options=None, checkpoint=None):
        """Never called here."""


class NoEngine:
    name = "none"


def info(name: str, factory: Callable[[], Engine] = Plain) -> EngineInfo:
    return EngineInfo(name, factory, f"test:{name}")


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add(info("plain"))
    return registry


def announce(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    monkeypatch.setattr(module, "entry_points", lambda group: points if group == "fittingroom.engines" else ())


def test_an_engine_is_made_by_its_name(registry: Registry) -> None:
    assert isinstance(registry.create("plain"), Plain)
    assert registry.create("plain") is not registry.create("plain")


def test_names_are_sorted(registry: Registry) -> None:
    registry.add(info("another"))
    assert registry.names() == ["another", "plain"]


def test_a_second_of_one_name_raises_and_changes_nothing(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="two engines named 'plain'"):
        registry.add(info("plain", NoEngine))  # type: ignore[arg-type]
    assert registry.names() == ["plain"]
    assert isinstance(registry.create("plain"), Plain)


@pytest.mark.parametrize("name", ["", "Plain", "a b", "1a", "a:b", "ä", "a" * 65])
def test_a_malformed_name_is_refused_and_changes_nothing(registry: Registry, name: str) -> None:
    with pytest.raises(RegistryError, match="lower-case"):
        registry.add(info(name))
    assert registry.names() == ["plain"]


def test_an_unknown_name_lists_what_there_is(registry: Registry) -> None:
    registry.add(info("another"))
    with pytest.raises(RegistryError, match=r"no engine named 'nope'; installed: another, plain"):
        registry.create("nope")
    with pytest.raises(RegistryError, match="installed: none"):
        Registry().create("nope")


def test_what_is_no_engine_is_refused(registry: Registry) -> None:
    registry.add(info("odd", NoEngine))  # type: ignore[arg-type]
    with pytest.raises(RegistryError, match="'odd' makes no engine: NoEngine"):
        registry.create("odd")


def test_an_engine_can_be_named_directly(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = types.ModuleType("holder_of_engines")
    holder.Plain = Plain  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "holder_of_engines", holder)
    assert isinstance(registry.create("holder_of_engines:Plain"), Plain)


@pytest.mark.parametrize("name", ["no_such_module:Plain", "json:Plain"])
def test_a_direct_name_that_leads_nowhere_is_a_clear_error(registry: Registry, name: str) -> None:
    with pytest.raises(RegistryError, match=f"'{name}' cannot be imported"):
        registry.create(name)


def test_this_package_announces_drape() -> None:
    assert "drape" in Registry.installed().names()


def test_plug_ins_are_not_imported_until_created(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(
        monkeypatch,
        EntryPoint("good", f"{__name__}:Plain", "fittingroom.engines"),
        EntryPoint("broken", "no_such_module:Engine", "fittingroom.engines"),
    )
    monkeypatch.setitem(sys.modules, __name__, types.SimpleNamespace(Plain=Plain))
    registry = Registry.installed()
    assert registry.names() == ["broken", "good"]
    assert isinstance(registry.create("good"), Plain)
    with pytest.raises(RegistryError, match=r"'broken' \(no_such_module:Engine\) cannot be imported"):
        registry.create("broken")


def test_two_plug_ins_of_one_name_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(
        monkeypatch,
        EntryPoint("same", "a:A", "fittingroom.engines"),
        EntryPoint("same", "b:B", "fittingroom.engines"),
    )
    with pytest.raises(RegistryError, match="a:A and b:B"):
        Registry.installed()


class Adjustable(Plain):
    def __init__(self, settings: NeuralSettings | None = None) -> None:
        self.settings = settings

    def tuned(self, settings: NeuralSettings) -> Engine:
        return Adjustable(settings)


def test_an_engine_that_takes_the_operators_choices_gets_them(registry: Registry) -> None:
    registry.add(info("adjustable", Adjustable))
    chosen = NeuralSettings(steps=3)
    made = registry.create("adjustable", chosen)
    assert isinstance(made, Adjustable)
    assert made.settings is chosen
    untouched = registry.create("adjustable")
    assert isinstance(untouched, Adjustable)
    assert untouched.settings is None
    assert isinstance(registry.create("plain", chosen), Plain)
