"""How well a redrawn picture is brought back onto its photo, measured where the truth is known.

    python bench/pasting.py PHOTOS [--half tuning] [--most 8] [--only TEXT] [--sheets DIR] [--keep DIR] [--threads 1]

PHOTOS: the folder of evaluation photos (docs/evaluation.md). No editor is run: what `drape` makes of a person and a
garment is taken for what an editor meant, and is redrawn with known faults (redrawn.py); then register, change_mask,
paste and colour_check run as in engines/neural. Told per picture: what registration is off by, how much of the changed
pixels is missing from the result, how much that should be the photo is not, and the edge that the mask leaves; and
whether drifts beyond all limits are refused. --keep: a folder for what does not depend on the code under test.
Invariant: photos of the two halves are never mixed.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from redrawn import Drift, redrawn

from fittingroom.engines.drape.engine import DrapeEngine
from fittingroom.engines.neural.body import Body, BodyReader
from fittingroom.engines.neural.editing_attempt import Attempt, Scene, attempted, judged
from fittingroom.engines.neural.editing_frame import border_colour, editing_frame
from fittingroom.engines.neural.frame import Frame
from fittingroom.engines.neural.registration import register
from fittingroom.engines.protocol import ClothesType, EngineError, RgbImage
from fittingroom.evaluation.photos import Photos
from fittingroom.evaluation.split import Split, split
from fittingroom.sheets import Row, contact_sheet

UPPER, LOWER, DRESS = ClothesType.UPPER, ClothesType.LOWER, ClothesType.DRESS
PERSONS = {
    "persons/vitonhd": (UPPER, DRESS, UPPER),
    "persons/magento_upper": (UPPER, UPPER, DRESS),
    "persons/magento_lower": (LOWER,),
    "parsing/ccp/images": (UPPER, LOWER, DRESS),
}
SIDE = 1024
WRONG = (Drift(zoom=1.25), Drift(shift=(0.16, 0.0)), Drift(zoom=0.8, shift=(0.0, 0.1)), Drift(turn=9.0))
HEADINGS = ("person", "garment", "what was drawn", "mask", "result", "truth")


@dataclass
class Case:
    """One job. meant: what the simulated editor means to draw, uint8 of the photo's shape."""

    name: str
    number: int
    scene: Scene
    meant: RgbImage


@dataclass
class Told:
    """What was measured of one picture."""

    name: str
    rows: dict[str, float] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


def main() -> None:
    """Measure, tell, and draw sheets where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--half", choices=[half.value for half in Split], default=Split.TUNING.value)
    parser.add_argument("--most", type=int, default=8, help="persons of each folder")
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    cv2.setNumThreads(asked.threads)
    engine = DrapeEngine(threads=asked.threads)
    reader = BodyReader(threads=asked.threads)
    photos = Photos(asked.photos)
    told = []
    for name, person, garment, kind, number in chosen(photos, Split(asked.half), asked.most):
        if asked.only not in name:
            continue
        made = kept(asked.keep, name, partial(prepared, engine, reader, photos, person, garment, kind))
        if made is None:
            print(f"{name}: drape does not dress this one", flush=True)
            continue
        case = Case(name, number, *made)
        attempt, drawn, one = measured(case, reader, asked.keep)
        told.append(one)
        print(line(one), flush=True)
        if asked.sheets:
            draw(asked.sheets, case, drawn, attempt, one)
    summary(told)


def chosen(photos: Photos, half: Split, most: int) -> Iterator[tuple[str, str, str, ClothesType, int]]:
    """Persons spread over each folder's half, with garments in turn: a name, person, garment, type, number."""
    garments = {
        kind: cycle(
            [
                name
                for group in (f"clean_{kind.value}", f"cc0_{kind.value}")
                for name in photos.names(f"garments/{group}".replace("-body", "").lower())
                if split(name) is half
            ]
        )
        for kind in ClothesType
    }
    number = 0
    for folder, kinds in PERSONS.items():
        names = [name for name in photos.names(folder) if split(name) is half]
        step = max(1, len(names) // most)
        for person, kind in zip(names[::step][:most], cycle(kinds), strict=False):
            number += 1
            yield f"{number:02d} {Path(person).stem} {kind.value}", person, next(garments[kind]), kind, number


def prepared(
    engine: DrapeEngine, reader: BodyReader, photos: Photos, person: str, garment: str, kind: ClothesType
) -> tuple[Scene, RgbImage] | None:
    """The scene, and the person dressed; None where that cannot be done."""
    photo, product = reduced(photos.usable(person)), reduced(photos.usable(garment))
    try:
        body = reader.read(photo)
        meant = engine.try_on(photo, product, kind).image
        frame = editing_frame(body.box, photo.shape, 0.15)
        return Scene(photo, body, frame, kind, product, reader.garment(product, kind)), meant
    except EngineError:
        return None


def kept(folder: Path | None, name: str, make: Callable[[], object]):
    """What `make` makes, from `folder` where it lies there."""
    if folder is None:
        return make()
    place = folder / (hashlib.sha256(name.encode()).hexdigest()[:16] + ".pickle")
    if not place.exists():
        folder.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pickle.dumps(make()))
    return pickle.loads(place.read_bytes())


def measured(case: Case, reader: BodyReader, keep: Path | None) -> tuple[Attempt, RgbImage, Told]:
    """Redraw, bring back, compare with the truth."""
    scene, drift = case.scene, Drift.drawn(case.number)
    if case.number % 2:
        # Every other picture in the frame of a network of fixed size.
        scene = replace(scene, frame=Frame.around(scene.body.box, scene.photo.shape))
    drawn = sketch(scene, case.meant, drift)
    spent = [0.0]

    def read(picture: RgbImage) -> Body:
        started = time.perf_counter()
        code = hashlib.sha256(picture.tobytes()).hexdigest()
        body = kept(keep, code, lambda: reader.read(picture))
        spent[0] += time.perf_counter() - started
        assert isinstance(body, Body)
        return body

    started = time.perf_counter()
    attempt = attempted(scene, drawn, read)
    seconds = time.perf_counter() - started - spent[0]
    one = Told(case.name, compared(case, scene, attempt, drift) | {"seconds": seconds}, judged(attempt).doubts)
    one.rows["wrong"] = float(sum(accepted(scene, case.meant, wrong) for wrong in WRONG))
    return attempt, drawn, one


def sketch(scene: Scene, meant: RgbImage, drift: Drift) -> RgbImage:
    """What the simulated editor answers for the scene's frame."""
    body, frame = scene.body, scene.frame
    loose = np.asarray(np.max([body.face, body.hair, body.hands], axis=0), np.float32)
    around = np.asarray(1 - body.person, np.float32)
    fill = border_colour(scene.photo)
    return redrawn(frame.cut(meant, fill), frame.cut_mask(loose), frame.cut_mask(around), drift)


def accepted(scene: Scene, meant: RgbImage, drift: Drift) -> bool:
    """Whether a drawing that lies wrong beyond all limits is taken for the photo."""
    back, where = scene.frame.back(sketch(scene, meant, drift), scene.photo.shape)
    keep = np.asarray(scene.body.keep(scene.clothes_type) * (where >= 0.99), np.float32)
    found = register(np.where(where[..., None] >= 0.99, back, scene.photo), scene.photo, keep)
    return found.fine and off(found.warp, scene, drift)[1] > 6.0


def off(warp: np.ndarray, scene: Scene, drift: Drift) -> tuple[float, float]:
    """Median and largest distance, px of the photo, by which `warp` misses on the person."""
    frame = scene.frame
    rows, columns = np.nonzero(scene.body.person > 0.5)
    here = np.stack([columns, rows], axis=1)[::97].astype(np.float64)
    there = frame.points(here) @ drift.warp(frame.size)[:, :2].T + drift.warp(frame.size)[:, 2]
    there = there / frame.zoom + np.array(frame.box[:2])
    away = np.linalg.norm(there @ warp[:, :2].T + warp[:, 2] - here, axis=1)
    return float(np.median(away)), float(away.max())


def compared(case: Case, scene: Scene, attempt: Attempt, drift: Drift) -> dict[str, float]:
    """The measures of one picture, by name."""
    photo, result, meant = (lab(picture) for picture in (scene.photo, attempt.image, case.meant))
    pairs = ((meant, photo), (result, meant), (result, photo))
    change, error, still = (np.linalg.norm(a - b, axis=-1) for a, b in pairs)
    changed = change > 8
    shown = attempt.mask > 0.5
    front = np.max([scene.body.face, scene.body.hair, scene.body.hands], axis=0) > 0.6
    far = (change < 1.5) & (cv2.erode(np.uint8(change < 1.5), np.ones((5, 5))) > 0)
    away = off(attempt.registered.warp, scene, drift)
    total = max(1, int(changed.sum()))
    return {
        "off": away[0],
        "worst": away[1],
        "agreement": attempt.registered.score,
        "iou": float((changed & shown).sum() / max(1, (changed | shown).sum())),
        "left": float((changed & (error > 8) & (still < 0.6 * error)).sum() / total),
        "leak": float((far & (still > 6)).sum() / total),
        "front": float((front & (attempt.mask > 0)).sum()),
        "seam": seam(attempt, case.meant),
        "colour": min(60.0, attempt.colour.delta_e),
        "fine": float(attempt.registered.fine),
    }


def seam(attempt: Attempt, meant: RgbImage) -> float:
    """How much steeper the result is than the truth along the mask's border, CIELAB per px: the upper quarter."""
    shown = np.uint8(attempt.mask > 0.02)
    band = (cv2.dilate(shown, np.ones((3, 3))) != cv2.erode(shown, np.ones((7, 7)))) & (attempt.mask < 1)
    steep, true = (np.hypot(*np.gradient(lab(picture)[..., 0])) for picture in (attempt.image, meant))
    more = np.maximum(0, cv2.blur(steep, (5, 5)) - cv2.blur(true, (5, 5)))[band]
    return float(np.percentile(more, 75)) if len(more) else 0.0


def lab(picture: RgbImage) -> np.ndarray:
    """CIELAB float32 (H, W, 3), smoothed by a pixel so that grain does not count."""
    smooth = cv2.GaussianBlur(picture.astype(np.float32) / 255.0, (0, 0), 1.0)
    return np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), np.float32)


def reduced(photo: RgbImage) -> RgbImage:
    """At most SIDE px a side."""
    zoom = SIDE / max(photo.shape[:2])
    return photo if zoom >= 1 else np.asarray(cv2.resize(photo, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA))


def draw(folder: Path, case: Case, drawn: RgbImage, attempt: Attempt, one: Told) -> None:
    """A sheet of one row."""
    folder.mkdir(parents=True, exist_ok=True)
    scene = case.scene
    tint = np.array([255, 0, 200], np.float32)
    share = 0.55 * attempt.mask[..., None]
    over = np.asarray(scene.photo * (1 - share) + tint * share, np.uint8)
    pictures = (scene.photo, scene.garment, drawn, over, attempt.image, case.meant)
    sheet = contact_sheet([Row(pictures, (line(one), *one.doubts))], HEADINGS, (520, 640))
    sheet.save(folder / f"{case.name.replace(' ', '_')}.png")


def line(one: Told) -> str:
    """One line of figures."""
    return f"{one.name:32s} " + " ".join(f"{key} {value:.3g}" for key, value in one.rows.items())


def summary(told: list[Told]) -> None:
    """Median, 90th percentile and worst of every measure."""
    if not told:
        return
    print(f"\n{len(told)} pictures   median   90 %   worst   mean")
    for key in told[0].rows:
        values = np.array([one.rows[key] for one in told])
        low = key in ("agreement", "iou", "fine")
        tail, worst = (np.percentile(values, 10), values.min()) if low else (np.percentile(values, 90), values.max())
        print(f"{key:12s} {np.median(values):9.3f} {tail:9.3f} {worst:9.3f} {values.mean():9.3f}")
    fine = [one for one in told if one.rows["fine"]]
    print(f"taken for the photo though off by over 3 px: {sum(one.rows['worst'] > 3 for one in fine)} of {len(fine)}")
    lost = [one for one in told if not one.rows["fine"] and one.rows["worst"] <= 3]
    print(
        f"refused though within 3 px: {len(lost)}; of {len(told) * len(WRONG)} absurd drifts taken for the photo: "
        f"{int(sum(one.rows['wrong'] for one in told))}"
    )


if __name__ == "__main__":
    main()
