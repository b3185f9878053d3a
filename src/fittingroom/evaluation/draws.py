"""A run over the draw: dress what is not there yet, then the pages and the figures of what was asked for.

Invariant: a pair that is in the results is not dressed again unless that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from fittingroom.engines.drape.engine import DrapeEngine
from fittingroom.engines.drape.nets import Nets
from fittingroom.evaluation.drawing import Pair
from fittingroom.evaluation.looking import Row, look
from fittingroom.evaluation.pages import HEIGHT, INK, REFUSED, WARNED, Tile, pages
from fittingroom.evaluation.photos import Photos, read_rgb
from fittingroom.evaluation.store import Store
from fittingroom.evaluation.tables import Cell, middle, table, worst

Say = Callable[[str], None]
MEDIANS = ("confidence", "colour", "colour_mean", "stray", "drift", "seconds")
PROMISED = ("skin_painted", "skin_shown")
"""Measures that are 0 on every picture, as "outside" is."""


def run(
    pairs: Sequence[Pair],
    photos: Photos,
    store: Store,
    engine: DrapeEngine,
    live: Callable[[], Nets],
    *,
    again: bool,
    stamp: str,
    say: Say,
) -> list[Row]:
    """Dress and keep each pair. stamp: names the engine's version in the rows. Raises `EvaluationError`."""
    done = {} if again else store.rows()
    for pair in pairs:
        if pair.number in done:
            continue
        looked = look(pair, photos, engine, live)
        looked.row["engine"] = stamp
        store.add(looked)
        say(line(looked.row))
    rows = store.rows()
    return [rows[pair.number] for pair in pairs]


def line(row: Row) -> str:
    """One pair in one line."""
    names = " ".join(Path(row[key]).name for key in ("person", "garment"))
    if row["error"]:
        return f"{row['number']} {names}: {'FAULT' if row['crash'] else 'refused'}: {row['error']}"
    bad = [key for key in ("outside", *PROMISED) if row["measures"][key]]
    told = "".join(f" {key.upper()} {row['measures'][key]:.0f}" for key in bad)
    return f"{row['number']} {names}: {row['confidence']:.2f} {row['seconds']:.1f} s{told} {' '.join(row['warnings'])}"


def write_pages(rows: Iterable[Row], photos: Photos, store: Store) -> list[Path]:
    """Draw the contact sheets, type after type and split after split, and remove those of an earlier run."""
    for old in store.folder.glob("page-*.png"):
        old.unlink()
    ordered = sorted(rows, key=lambda row: (row["clothes_type"], row["split"], row["number"]))
    written = []
    for number, page in enumerate(pages([_tile(row, photos, store) for row in ordered]), 1):
        path = store.folder / f"page-{number:02d}.png"
        page.save(path)
        written.append(path)
    return written


def _tile(row: Row, photos: Photos, store: Store) -> Tile:
    both = photos.picture(row["person"]), photos.picture(row["garment"])
    if row["error"]:
        blank = np.full((HEIGHT, HEIGHT // 2, 3), 128, np.uint8)
        return Tile(row["number"], (*both, blank), row["error"], REFUSED)
    ink = WARNED if row["warnings"] else INK
    note = f"{row['confidence']:.2f} {' '.join(row['warnings'])}"
    return Tile(row["number"], (*both, read_rgb(store.result(row["number"]))), note, ink)


def figures(rows: Sequence[Row]) -> str:
    """Medians per type and split, the worst difference outside the mask, and how many pictures show or paint skin."""
    cells = sorted({(row["clothes_type"], row["split"]) for row in rows})
    headings = ("type", "split", "n", "refused", "faults", "warned", *MEDIANS, "outside", *PROMISED)
    return table(headings, [_figures([r for r in rows if (r["clothes_type"], r["split"]) == c], c) for c in cells])


def _figures(rows: Sequence[Row], cell: tuple[str, str]) -> list[Cell]:
    made = [row for row in rows if not row["error"]]
    faults = sum(bool(row["crash"]) for row in rows)
    out: list[Cell] = [*cell, len(rows), len(rows) - len(made) - faults, faults, sum(bool(r["warnings"]) for r in made)]
    out += [middle(row.get(key, row["measures"].get(key)) for row in made) for key in MEDIANS]
    out.append(worst(row["measures"]["outside"] for row in made))
    return out + [sum(bool(row["measures"][key]) for row in made) for key in PROMISED]
