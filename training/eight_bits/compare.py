"""How far u2net-cloth in eight bits differs from the float network on photos that it was not measured on.

    python compare.py WEIGHTS.onnx PHOTOS [EVERY]

Prints per network the share of pixels in the same class and on the same side of cloth or background, on average and on
the worst photo, and the mean difference of probabilities; then the photos that differ most. EVERY: one of so many.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from measure import free

from fittingroom.engines.drape.eight_bits import published_steps, quantised
from fittingroom.engines.drape.nets import GARMENT_AREA, PERSON_AREA, cloth_input, softmax
from fittingroom.engines.drape.slim import published_cuts, slimmed

FOLDERS = {"worn": ("persons", "pairs/image", "parsing/ccp/images"), "cloth": ("garments",)}
SHOWN = 5
Network = Callable[[np.ndarray], np.ndarray]


def main(weights: Path, photos: Path, every: int) -> None:
    """Compare both networks."""
    published, steps = weights.read_bytes(), published_steps()
    print("| network | photos | same class | worst | same ground | worst | difference |\n|---|---|---|---|---|---|---|")
    for name, cuts, area in (("worn", published_cuts(), PERSON_AREA), ("cloth", {}, GARMENT_AREA)):
        model = slimmed(published, cuts)
        before, after = network(model), network(quantised(model, steps[name]))
        paths = unseen(photos, name)[::every]
        rows = np.array([differences(before, after, picture(path, area)) for path in paths])
        shares = [f"{value:.2%}" for column in rows.T[:2] for value in (column.mean(), column.min())]
        print(f"| {name} | {len(paths)} | {' | '.join(shares)} | {rows[:, 2].mean():.4f} |")
        for index in np.argsort(rows[:, 0])[:SHOWN]:
            print(f"  {paths[index].relative_to(photos)}: {rows[index, 0]:.2%}", file=sys.stderr)


def unseen(photos: Path, name: str) -> list[Path]:
    """The photos of a network's kind that its steps were not measured on."""
    with (photos / "SOURCES.tsv").open(encoding="utf-8", newline="") as file:
        every = [photos / row["file"] for row in csv.DictReader(file, delimiter="\t")]
    measured = set(free(photos, "persons")) | set(free(photos, "garments"))
    folders = tuple(str(photos / folder) for folder in FOLDERS[name])
    return sorted(path for path in every if str(path).startswith(folders) and path not in measured)


def network(model: bytes) -> Network:
    """Probabilities float32 (H, W, 4) of a picture as the network takes it."""
    session = ort.InferenceSession(model)
    return lambda x: softmax(np.asarray(session.run(["output"], {"input": x})[0][0]).transpose(1, 2, 0))


def picture(path: Path, area: int) -> np.ndarray:
    """A photo as the network takes it."""
    bgr = cv2.imread(str(path))
    assert bgr is not None, path
    return cloth_input(np.ascontiguousarray(bgr[..., ::-1]), area)


def differences(before: Network, after: Network, x: np.ndarray) -> tuple[float, float, float]:
    """Share of pixels in the same class, on the same side of 0.5 background, and mean absolute difference."""
    p, q = before(x), after(x)
    ground = (p[..., 0] < 0.5) == (q[..., 0] < 0.5)
    return float((p.argmax(-1) == q.argmax(-1)).mean()), float(ground.mean()), float(np.abs(p - q).mean())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
