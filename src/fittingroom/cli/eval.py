"""`fittingroom eval`: engines on one's own photos (eval_own), and the test bench of `drape` on those of the project.

docs/evaluation.md tells what is drawn and measured. Invariant: exit code 0 means that everything asked for was made
and measured; refusals of the engine are results, faults of it end with 1.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal, ParamSpec

from cyclopts import App, Parameter

from fittingroom.cli.eval_own import evaluate
from fittingroom.engines.protocol import ClothesType
from fittingroom.evaluation import draws, landmarks, pairs, parsing
from fittingroom.evaluation.bench import Bench, stamp
from fittingroom.evaluation.drawing import SEED, chosen, draw
from fittingroom.evaluation.lpips import Lpips
from fittingroom.evaluation.photos import EvaluationError, Photos, photos_at
from fittingroom.evaluation.split import Split, split
from fittingroom.evaluation.store import Store, make_folder
from fittingroom.evaluation.tables import middle, table
from fittingroom.evaluation.verdicts import form, read_verdicts, summary
from fittingroom.models import ModelsError

app = App(name="eval", help="Measure engines side by side on your own photos; or the test bench of the engine drape.")
app.default(evaluate)

FAILED = 1
BLANK = "verdicts-blank.tsv"
"""The form for judges, written by each draw: they fill in a copy of it."""
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
    side: Annotated[SplitName, Parameter(name="--split")] = "tuning",
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
    side
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
    half = None if only else _half(side)
    drawn = chosen(draw(photos, seed), half, ClothesType(clothes_type) if clothes_type else None, only, limit)
    rows = draws.run(drawn, photos, store, bench.engine, bench.live, again=again, stamp=stamp(), say=_say)
    for page in draws.write_pages(rows, photos, store):
        _say(str(page))
    (out / BLANK).write_text(form(rows, f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")
    _say(draws.figures(rows))
    return FAILED if any(row["crash"] for row in rows) else 0


@app.command(name="pairs")
@reported
def pairs_(
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    side: Annotated[SplitName, Parameter(name="--split")] = "tuning",
    limit: int | None = None,
    seed: int = pairs.SEED,
    place: Place = HERE,
) -> int:
    """Measure on persons who wear the garment: direct A on A, and the round trip A to B to A; SSIM, LPIPS, outline.

    Parameters
    ----------
    out
        Folder for the pictures and pairs.jsonl.
    side
        Which half of the photos.
    limit
        At most so many pairs.
    seed
        Another order of the garments B.
    """
    photos, bench, distance = place.folder(), place.bench(), Lpips.load()
    if out is not None:
        make_folder(out)
    names = [Path(name).name for name in photos.names("pairs/image")]
    chosen_pairs = [case for case in pairs.plan(names, seed) if _half(side) in (None, split(case[0]))][:limit]
    rows = []
    for row in pairs.run(photos, chosen_pairs, bench.engine, bench.live, distance, out):
        rows.append(row)
        _say("  ".join(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values() if value))
    _keep(out, "pairs", rows)
    _say(pairs.figures(rows))
    return 0


@app.command(name="parsing")
@reported
def parsing_(
    *,
    side: Annotated[SplitName, Parameter(name="--split")] = "tuning",
    limit: int | None = None,
    place: Place = HERE,
) -> int:
    """Intersection over union of the person parsing on the labelled street photos, and its seconds.

    Parameters
    ----------
    side
        Which half of the photos.
    limit
        At most so many photos.
    """
    photos = place.folder()
    names = [name for name in photos.names(f"{parsing.ROOT}/images") if _half(side) in (None, split(name))][:limit]
    counted, seconds = parsing.compare(photos, names, place.bench().nets)
    _say(table(("class", f"IoU on {len(names)} photos"), list(counted.iou().items())))
    _say(f"median seconds per photo: {middle(seconds):.2f}{' (answers from the cache)' if place.cache else ''}")
    return 0


@app.command(name="landmarks")
@reported
def landmarks_(
    *,
    labels: Path = Path("training/garments/labels"),
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    side: Annotated[SplitName, Parameter(name="--split")] = "tuning",
    clothes_type: Annotated[TypeName | None, Parameter(name="--type")] = None,
    limit: int | None = None,
    place: Place = HERE,
) -> int:
    """The engine's garment landmarks against hand labels, in percent of the garment's diagonal.

    Parameters
    ----------
    labels
        Folder of the labels.
    out
        Folder for landmarks.jsonl, one line per photo.
    side
        Which half of the photos.
    clothes_type
        One type only.
    limit
        At most so many photos.
    """
    photos, bench = place.folder(), place.bench()
    wanted = [
        label
        for label in landmarks.read_labels(labels)
        if clothes_type in (None, label["type"]) and _half(side) in (None, split(label["photo"]))
    ]
    rows = []
    for row in landmarks.run(photos, wanted[:limit], bench.nets):
        rows.append(row)
        _say(landmarks.line(row))
    _keep(out, "landmarks", rows)
    _say(landmarks.figures(rows))
    return 0


@app.command(name="verdicts")
@reported
def verdicts_(*, labels: Path = Path("evaluation/verdicts")) -> int:
    """What judges said of the draw, per engine version, split and type.

    Parameters
    ----------
    labels
        Folder of the verdicts, .tsv files.
    """
    _say(summary(read_verdicts(labels)))
    return 0


def _half(name: SplitName) -> Split | None:
    return None if name == "all" else Split(name)


def _keep(out: Path | None, name: str, rows: list[dict[str, Any]]) -> None:
    """Write rows as lines of JSON, where a folder was given. Raises `EvaluationError`."""
    if out is None:
        return
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    make_folder(out)
    (out / f"{name}.jsonl").write_text(text, encoding="utf-8")


def _say(text: str) -> None:
    print(text, flush=True)
