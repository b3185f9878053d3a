"""Render the sample people: cut and drape their garments, dress them and take their picture.

Run after `bodies.py` (which needs its own environment); see README.md beside this file for the exact commands.
"""

import bpy  # noqa: F401  # isort: skip  # before pymeshlab, which brings an older copy of a library that bpy has too

import argparse
import json
import time
from dataclasses import asdict, fields
from pathlib import Path

import dress
import numpy as np
import scene
from cut import limb_of, resting
from drape import drape
from tailor import Sewn, sew

HERE = Path(__file__).parent


def worn(person: dict, body: dict[str, np.ndarray], cache: Path) -> dress.Worn:
    """Return the person's garments, draped; kept in `cache` for the next run with the same cuts."""
    cuts = [(look["cut"], look["cloth"], look.get("tucked")) for look in person["garments"]]
    turns = {bone: turn for bone, turn in person["turns"].items() if not bone.startswith(("head", "neck"))}
    key = json.dumps([person["shape"], turns, cuts])
    if cache.exists():
        kept = np.load(cache)
        if str(kept["key"]) == key:
            return [(look, *unpacked(kept, i)) for i, look in enumerate(person["garments"])]
    rest, out = resting(body), []
    for look in person["garments"]:
        started = time.monotonic()
        sewn = sew(rest, look["cut"])
        step = -1 if look.get("tucked") else 1  # a face's side is the one that pushes: turned, cloth is held inside
        under = [(points, other.faces[:, ::step]) for _, other, points in out]
        out.append((look, sewn, drape(body, sewn, look["cloth"], under)))
        print(f"{look['cut']['kind']}: {len(sewn.points)} vertices, {time.monotonic() - started:.0f} s", flush=True)
    arrays = {"key": np.array(key)}
    for i, (_, sewn, points) in enumerate(out):
        arrays |= {f"{name}{i}": value for name, value in asdict(sewn).items()} | {f"worn{i}": points}
    np.savez(cache, **arrays)
    return out


def unpacked(kept: dict[str, np.ndarray], i: int) -> tuple[Sewn, np.ndarray]:
    """Return the garment of that number as it was kept."""
    parts = {field.name: kept[f"{field.name}{i}"] for field in fields(Sewn)}
    return Sewn(**{**parts, "waist": float(parts["waist"])}), kept[f"worn{i}"]


def make(name: str, person: dict, args: argparse.Namespace) -> None:
    """Render one person to OUT/<name>.png."""
    body = dict(np.load(args.bodies / f"{name}.npz"))
    garments = worn(person, body, args.bodies / f"{name}-worn.npz")
    wardrobe = dress.Wardrobe(args.assets)
    limbs = np.array([limb_of(str(bone)) for bone in body["bones"]])[body["belongs"]]
    collar = body["joints"][0][list(body["bones"]).index("upperarm01.L")][2] - 0.07
    scene.empty()
    scene.studio(tuple(person.get("paper", (0.62, 0.62, 0.63))))
    tint = tuple(person.get("tint", (1.0, 1.0, 1.0)))
    shade = scene.skin(wardrobe.texture("skins", person["skin"]), tint)
    dress.show_skin(body, dress.bare(body, garments, limbs, collar, person["shoes"].get("shod", 0.11)), shade)
    for look, sewn, points in garments:
        dress.show_garment(look, sewn, points)
    dress.show_head(person, body["frames"], wardrobe)
    dress.show_shoes(person["shoes"], body["frames"], wardrobe)
    tall = float(body["frames"][-1][:13380, 2].max())
    low, high = (tall * 0.80, tall * 1.03) if args.head else (-0.10, tall + 0.12)
    width, height = args.size
    scene.camera(low, high, (height, height) if args.head else (width, height))
    started = time.monotonic()
    scene.photograph((args.out / f"{name}.png").resolve(), args.samples, args.threads)
    print(f"{name}: rendered in {time.monotonic() - started:.0f} s", flush=True)


def main() -> None:
    """Render the people named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=Path, required=True, help="folder that bodies.py filled")
    parser.add_argument("--assets", type=Path, required=True, help="folder of the CC0 assets, see README.md")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, nargs=2, default=(960, 1440))
    parser.add_argument("--samples", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--head", action="store_true", help="a look at head and shoulders only")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    people = json.loads((HERE / "people.json").read_text("utf-8"))
    for name in args.names or people:
        make(name, people[name], args)


if __name__ == "__main__":
    main()
