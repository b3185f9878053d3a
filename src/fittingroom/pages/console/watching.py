"""What the console asks of a running server, by name and without a way to change it.

The server fills this in once; a test does it by hand. Invariant: everything here only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fittingroom.accounts import Database
from fittingroom.dispatch.crew import Worker
from fittingroom.dispatch.protocol import DispatchStatus
from fittingroom.settings import Settings


def no_crew() -> Sequence[Worker]:
    """Of a server whose workers are elsewhere."""
    return ()


def nothing_kept() -> int | None:
    """Of a server whose results are elsewhere."""
    return None


@dataclass(frozen=True, slots=True)
class Watched:
    """The parts of a server as one looks at them. crew: workers of this machine. trouble: of results by URL, None where
    there is none. kept: bytes of results on this machine's disk, None where they are elsewhere. submitted: jobs by
    state. engine_reason: why this engine runs."""

    settings: Settings
    database: Database
    status: Callable[[], DispatchStatus]
    trouble: Callable[[], str | None]
    submitted: Callable[[], Mapping[str, int]]
    crew: Callable[[], Sequence[Worker]] = no_crew
    kept: Callable[[], int | None] = nothing_kept
    engine_reason: str = ""

    @property
    def data_dir(self) -> Path:
        """Folder of all state."""
        return self.settings.data_dir
