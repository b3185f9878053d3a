"""Render the sample garments: each cut and draped on somebody's shape, and photographed as a shop shows its goods.

The shape that a garment hangs on is nowhere in the scene that is rendered: what one sees through the neck is the inside
of the garment's own back. Run after `bodies.py`; see README.md beside this file for the exact commands.
"""

import bpy  # noqa: F401  # isort: skip  # before pymeshlab, which brings an older copy of a library that bpy has too

import argparse
import json
import time
from pathlib import Path

import dress
import numpy as np
import scene
from make_people import worn

HERE = Path(__file__).parent
PAPER = (0.9, 0.9, 0.9)
MARGIN = 1.14
SPREAD = {"top": 5, "dress": 5, "trousers": 12, "skirt": 12}  # how many of the stances towards hanging arms it follows


def make(name: str, garment: dict, people: dict, args: argparse.Namespace) -> None:
    """Render one garment to OUT/<name>.png."""
    body = dict(np.load(args.bodies / f"{garment['on']}.npz"))
    stances = SPREAD[garment["look"]["cut"]["kind"]] + 1
    body |= {"frames": body["frames"][:stances], "joints": body["joints"][:stances]}
    person = {**people[garment["on"]], "garments": [garment["look"]]}
    look, sewn, points = worn(person, body, args.bodies / f"{name}-hung.npz")[0]
    scene.empty()
    scene.studio(PAPER)
    dress.show_garment(look, sewn, points)
    low, high = points.min(0), points.max(0)
    width, height = args.size
    reach = MARGIN * max(high[2] - low[2], (high[0] - low[0]) * height / width) / 2
    middle = (low + high) / 2
    scene.camera(middle[2] - reach, middle[2] + reach, (width, height), middle[0])
    started = time.monotonic()
    scene.photograph((args.out / f"{name}.png").resolve(), args.samples, args.threads)
    print(f"{name}: rendered in {time.monotonic() - started:.0f} s", flush=True)


def main() -> None:
    """Render the garments named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=Path, required=True, help="folder that bodies.py filled")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, nargs=2, default=(720, 960))
    parser.add_argument("--samples", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    people = json.loads((HERE / "people.json").read_text("utf-8"))
    garments = json.loads((HERE / "garments.json").read_text("utf-8"))
    for name in args.names or garments:
        make(name, garments[name], people, args)


if __name__ == "__main__":
    main()
