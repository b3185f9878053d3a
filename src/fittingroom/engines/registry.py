"""Which engines exist, by name.

Engines register by the entry-point group `fittingroom.engines`, this package's own included, or are named directly as
`module:Class`. Nothing is imported until an engine is created, so a broken plug-in harms only those who ask for it.
Invariant: a name means one engine; a second registration raises and leaves the registry as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from fittingroom.engines.protocol import Engine, EngineInfo, Tunable
from fittingroom.setting_neural import NeuralSettings

GROUP = "fittingroom.engines"
NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
DIRECT = re.compile(r"[\w.]+:\w+")


class RegistryError(Exception):
    """An engine cannot be registered or found; the message is for the operator."""


class Registry:
    """Engines by name. Start empty and `add`, or take what is installed by `installed`."""

    def __init__(self) -> None:
        self._engines: dict[str, EngineInfo] = {}

    @classmethod
    def installed(cls) -> Registry:
        """All engines that installed distributions announce. Raises `RegistryError` when two share a name."""
        registry = cls()
        for point in sorted(entry_points(group=GROUP), key=lambda found: found.name):
            registry.add(EngineInfo(point.name, _loader(point), _origin(point)))
        return registry

    def add(self, info: EngineInfo) -> None:
        """Register one engine. Raises `RegistryError` for a taken or malformed name."""
        if not NAME.fullmatch(info.name):
            raise RegistryError(f"an engine's name is lower-case letters, digits, '-' and '_', not {info.name!r}")
        if info.name in self._engines:
            raise RegistryError(
                f"there are two engines named {info.name!r}: {self._engines[info.name].summary} and {info.summary}"
            )
        self._engines[info.name] = info

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._engines)

    def create(self, name: str, neural: NeuralSettings | None = None) -> Engine:
        """A new engine, not loaded yet. Raises `RegistryError`.

        name: a registered name, or `module:Class`. neural: given to an engine that is `Tunable`.
        """
        if DIRECT.fullmatch(name):
            factory = _direct(name)
        elif name in self._engines:
            factory = self._engines[name].factory
        else:
            known = ", ".join(self.names()) or "none"
            raise RegistryError(f"there is no engine named {name!r}; installed: {known}; or give `module:Class`")
        engine = factory()
        if not isinstance(engine, Engine):
            raise RegistryError(f"{name!r} makes no engine: {type(engine).__name__} lacks name, load or try_on")
        if neural is not None and isinstance(engine, Tunable):
            return engine.tuned(neural)
        return engine


def _loader(point: EntryPoint) -> Callable[[], Engine]:
    def load() -> Engine:
        try:
            factory: Callable[[], Engine] = point.load()
        except (ImportError, AttributeError) as error:
            raise RegistryError(f"the engine {point.name!r} ({point.value}) cannot be imported: {error}") from error
        return factory()

    return load


def _origin(point: EntryPoint) -> str:
    return f"{point.value} of {point.dist.name}" if point.dist else point.value


def _direct(name: str) -> Callable[[], Engine]:
    module, _, attribute = name.partition(":")
    try:
        factory: Callable[[], Engine] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise RegistryError(f"the engine {name!r} cannot be imported: {error}") from error
    return factory
