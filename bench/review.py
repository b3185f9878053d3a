"""How the built-in reviewer judges folders of pictures: false refusals, highest scores, milliseconds, memory.

Every picture under each folder is decoded as the server decodes it and scored with the default threshold. Label maps
and sheets are no photos: name folders that hold none. Memory is what loading adds to this process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from machine import describe

from fittingroom.api import read_picture
from fittingroom.engines.threads import limit_threads
from fittingroom.moderation.loading import load_reviewer
from fittingroom.moderation.protocol import Role
from fittingroom.settings import ModerationSettings

TYPES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".bmp"})
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass
class Scored:
    """One picture."""

    path: Path
    score: float
    allowed: bool
    seconds: float


def pictures(folder: Path) -> Iterator[Path]:
    """Every picture file below a folder, in order."""
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in TYPES)


def resident() -> float:
    """MiB of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def row(name: str, scored: list[Scored]) -> str:
    """One line of the table."""
    scores = np.array([one.score for one in scored])
    quantiles = " | ".join(f"{value:.3f}" for value in np.quantile(scores, (0.5, 0.9, 0.99, 1.0)))
    refused = sum(not one.allowed for one in scored)
    middle = 1000 * statistics.median(one.seconds for one in scored)
    return f"| {name} | {len(scored)} | {refused} | {100 * refused / len(scored):.1f} % | {quantiles} | {middle:.0f} |"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--role", type=Role, default=Role.PERSON, choices=list(Role))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--top", type=int, default=20, help="highest scores to name")
    options = parser.parse_args()
    print(f"Machine: {describe()}; {options.threads} thread(s)\n")
    limit_threads(options.threads)
    before = resident()
    started = time.perf_counter()
    reviewer = load_reviewer(ModerationSettings())
    assert reviewer is not None
    loading, loaded = time.perf_counter() - started, resident()
    print(
        "| set | pictures | refused | share | median score | 90 % | 99 % | highest | CPU ms each |"
        + "\n"
        + "|---" * 9
        + "|"
    )
    everything: list[Scored] = []
    for folder in options.folders:
        scored = []
        for path in pictures(folder):
            picture = read_picture(path, path.name)
            began = time.process_time()
            verdict = reviewer.review(picture, options.role)
            scored.append(Scored(path, verdict.score, verdict.allowed, time.process_time() - began))
        if scored:
            print(row(f"{folder.parent.name}/{folder.name}", scored))
            everything += scored
    if not everything:
        parser.error("no pictures there")
    print(row("all", everything))
    print(f"\nLoading: {loading:.2f} s, {loaded - before:.0f} MiB in memory")
    shares = [(least, sum(one.score >= least for one in everything)) for least in THRESHOLDS]
    print(
        "Refused from: "
        + ", ".join(f"{least} {count} ({100 * count / len(everything):.1f} %)" for least, count in shares)
    )
    for one in sorted(everything, key=lambda one: -one.score)[: options.top]:
        print(f"{one.score:.3f} {'' if one.allowed else 'REFUSED '}{one.path}")


if __name__ == "__main__":
    main()
