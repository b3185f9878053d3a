"""A console on parts made by hand: a database of its own, a dispatcher's status that a test sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fittingroom.accounts import Database, Store, Vault
from fittingroom.dispatch.crew import Worker
from fittingroom.dispatch.protocol import DispatchStatus
from fittingroom.pages.console.watching import Watched
from fittingroom.settings import Settings


@dataclass
class Place:
    """What a test looks at and changes."""

    store: Store
    status: DispatchStatus = field(default_factory=lambda: DispatchStatus("READY", "drape", 1, 0))
    trouble: str | None = None
    worker: Worker = field(default_factory=lambda: Worker(0, "BUSY", 4711, 1000, 2))

    def watched(self, **settings: object) -> Watched:
        values = {"data_dir": self.store.database.file.parent, **settings}
        return Watched(
            settings=Settings.model_validate(values),
            database=self.store.database,
            status=lambda: self.status,
            trouble=lambda: self.trouble,
            submitted=lambda: {"waiting": 2, "running": 1},
            crew=lambda: [self.worker],
            kept=lambda: 12345,
            engine_reason="because",
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    database = Database.open(tmp_path)
    yield Place(Store(database, Vault.open(tmp_path), "cli:tests"))
    database.close()
