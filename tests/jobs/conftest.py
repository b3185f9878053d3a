"""Gateways of one process on a SQLite file; their rooms do what a test's script says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from job_room import make_account

from fittingroom.accounts import Database, Vault


@pytest.fixture
def place(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A database with two accounts that have money."""
    database = Database.open(tmp_path)
    accounts = {name: make_account(database, name) for name in ("shop", "other")}
    yield SimpleNamespace(database=database, vault=Vault.open(tmp_path), accounts=accounts)
    database.close()
