"""The engine under test with its networks, loaded once and only when something asks for them.

Invariant: with and without a cache the engine is built the same way, only what it looks through differs.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import cast

from fittingroom.engines.drape.engine import DrapeEngine
from fittingroom.engines.drape.nets import Nets
from fittingroom.engines.threads import allowed_threads
from fittingroom.evaluation.cached_nets import CachedNets
from fittingroom.models import weight_path


@dataclass
class Bench:
    """cache: folder of networks' answers, None for no cache. threads: per network call, 0 for all that are allowed."""

    cache: Path | None = None
    threads: int = 0
    _loaded: list[Nets] = field(default_factory=list)

    def live(self) -> Nets:
        """The networks themselves. Raises `MissingWeight`."""
        if not self._loaded:
            self._loaded.append(Nets(weight_path, self.threads or allowed_threads()))
        return self._loaded[0]

    @cached_property
    def nets(self) -> Nets:
        """The networks as the engine looks through them."""
        return self.live() if self.cache is None else cast(Nets, CachedNets(self.cache, self.live))

    @cached_property
    def engine(self) -> DrapeEngine:
        """The engine under test."""
        return DrapeEngine(nets=self.nets)


def stamp() -> str:
    """The commit that the engine's code is at, with a "+" where files differ from it; "unknown" outside a checkout."""
    folder = Path(__file__).parents[2]
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--abbrev=9", "--dirty=+", "--exclude=*"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
