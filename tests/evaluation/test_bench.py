"""The engine under test: its networks come late and once, through the cache where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fittingroom.engines.threads import allowed_threads
from fittingroom.evaluation import bench as module
from fittingroom.evaluation.bench import Bench, stamp
from fittingroom.evaluation.cached_nets import CachedNets


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Threads of each loading."""
    made: list[int] = []

    def nets(locate: object, threads: int) -> object:
        made.append(threads)
        return object()

    monkeypatch.setattr(module, "Nets", nets)
    return made


def test_without_a_cache_engine_and_measures_share_the_networks(loads: list[int]) -> None:
    bench = Bench(threads=3)
    assert loads == []
    assert bench.engine._nets is bench.live()
    assert bench.engine is bench.engine
    assert loads == [3]


def test_with_a_cache_nothing_is_loaded_before_it_is_asked(loads: list[int], tmp_path: Path) -> None:
    bench = Bench(tmp_path / "cache")
    assert isinstance(bench.engine._nets, CachedNets)
    assert loads == []
    assert bench.live() is bench.live()
    assert loads == [allowed_threads()]


def test_the_stamp_is_a_commit_or_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stamp()

    def without(*args: object, **kwargs: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(module.subprocess, "run", without)
    assert stamp() == "unknown"
