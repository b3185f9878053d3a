"""The demo's modules, which are scripts beside the package rather than a part of it."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "demo"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return _module("page", monkeypatch)


@pytest.fixture
def samples(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return _module("samples", monkeypatch)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return _module("servers", monkeypatch)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, samples: ModuleType) -> ModuleType:
    """With a folder of its own for the page and the results, and signals left alone."""
    module = _module("demo", monkeypatch)
    monkeypatch.setattr(module, "OUT", tmp_path / "demo" / "out")
    monkeypatch.setattr(module, "PAGE", tmp_path / "demo" / "index.html")
    monkeypatch.setattr(module.signal, "signal", lambda number, handler: None)
    return module


def _module(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module(name)
