from pathlib import Path

import pytest

from fittingroom.cli import doctor as module
from fittingroom.cli.checks import Finding


def found(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> list[object]:
    asked: list[object] = []

    def examine(settings):
        asked.append(settings)
        yield from findings

    monkeypatch.setattr(module, "examine", examine)
    return asked


def test_nothing_wrong_is_exit_code_zero(run, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, Finding("ok", "python", "3.11"), Finding("note", "npm", "not installed"))
    done = run("doctor")
    assert done.code == 0
    assert done.out.splitlines() == ["ok      python: 3.11", "note    npm: not installed"]


def test_a_problem_is_exit_code_one(run, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, Finding("ok", "a", ""), Finding("problem", "b", "do [this]"), Finding("problem", "c", "x" * 200))
    done = run("doctor")
    assert done.code == 1
    assert done.out.splitlines()[1:] == ["PROBLEM b: do [this]", f"PROBLEM c: {'x' * 200}", "2 problems found"]


def test_it_looks_at_the_settings_in_force(run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = found(monkeypatch)
    run("doctor", "--port", "7", "--engine", "x:Y", "--data-dir", tmp_path)
    (settings,) = asked
    assert (settings.server.port, settings.engine.name, settings.data_dir) == (7, "x:Y", tmp_path)
