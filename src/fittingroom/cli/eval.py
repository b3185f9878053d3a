"""`fittingroom eval`: the test bench. Contact sheets and figures over a folder of photos that stays outside.

docs/evaluation.md tells what is drawn and measured. Invariant: exit code 0 means that everything asked for was made
and measured; refusals of the engine are results, faults of it end with 1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Literal, ParamSpec

from cyclopts import App, Parameter

from fittingroom.engines.protocol import ClothesType
from fittingroom.evaluation import draws
from fittingroom.evaluation.bench import Bench, stamp
from fittingroom.evaluation.drawing import SEED, chosen, draw
from fittingroom.evaluation.photos import EvaluationError, Photos, photos_at
from fittingroom.evaluation.split import Split
from fittingroom.evaluation.store import Store
from fittingroom.models import ModelsError

app = App(name="eval", help="Draw contact sheets and measure the engine on a folder of evaluation photos.")

FAILED = 1
SplitName = Literal["tuning", "final", "all"]
TypeName = Literal["Upper-body", "Lower-body", "Dress"]

P = ParamSpec("P")


@Parameter(name="*")
@dataclass(frozen=True)
class Place:
    """What to work with.

    Parameters
    ----------
    photos
        Folder of evaluation photos (FITTINGROOM_PHOTOS).
    cache
        Folder that keeps the networks' answers, so that the next run is quick; its seconds are then those of the cache.
    threads
        Threads per network call; 0 takes all that are allowed.
    """

    photos: Path | None = None
    cache: Path | None = None
    threads: int = 0

    def folder(self) -> Photos:
        """The photos. Raises `EvaluationError`."""
        return photos_at(self.photos)

    def bench(self) -> Bench:
        """The engine under test."""
        return Bench(self.cache, self.threads)


HERE = Place()


def reported(command: Callable[P, int]) -> Callable[P, int]:
    """Turn what the caller can put right into a line on stderr and exit code 1."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return command(*args, **kwargs)
        except (EvaluationError, ModelsError) as error:
            print(error, file=sys.stderr)
            return FAILED

    return guarded


@app.command(name="draw")
@reported
def draw_(
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    split: SplitName = "tuning",
    clothes_type: Annotated[TypeName | None, Parameter(name="--type")] = None,
    only: tuple[str, ...] = (),
    limit: int | None = None,
    seed: int = SEED,
    again: bool = False,
    place: Place = HERE,
) -> int:
    """Dress the random draw: single pictures, contact sheets, results.jsonl. Goes on where it was stopped.

    Parameters
    ----------
    out
        Folder for the pictures and the figures.
    split
        Which half of the photos; final ones are looked at only to judge.
    clothes_type
        One type only.
    only
        Numbers of single pairs, such as upper-tuning-01; repeatable.
    limit
        At most so many pairs, evenly over types and splits.
    seed
        Another draw than the judged one.
    again
        Dress pairs anew that are there already.
    """
    photos, store, bench = place.folder(), Store(out), place.bench()
    side = None if split == "all" or only else Split(split)
    pairs = chosen(draw(photos, seed), side, ClothesType(clothes_type) if clothes_type else None, only, limit)
    rows = draws.run(pairs, photos, store, bench.engine, bench.live, again=again, stamp=stamp(), say=_say)
    for page in draws.write_pages(rows, photos, store):
        _say(str(page))
    _say(draws.figures(rows))
    return FAILED if any(row["crash"] for row in rows) else 0


def _say(text: str) -> None:
    print(text, flush=True)
