"""How often `ClothesType` Auto is right, on labelled garment photos, and the fit of its model.

    python bench/garment_types.py PHOTOS [--most 20] [--fit] [--save FILE.npz]

PHOTOS: the folder of evaluation photos (docs/evaluation.md); the type is in a garment folder's name. Accuracy is told
by type, for the half of the photos that the model was fitted on (tuning) and for the other (final); a photo in which
nothing was found counts as wrong. --fit prints new weights, fitted on the tuning half. Invariant: the model never sees
a photo of the final half.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fittingroom.engines.drape.nets import Nets, softmax
from fittingroom.engines.drape.recognition import WEIGHTS, features
from fittingroom.engines.protocol import NoGarmentFound
from fittingroom.evaluation.photos import Photos
from fittingroom.evaluation.split import Split, split
from fittingroom.models import weight_path

FOLDERS = ("cc0_upper", "cc0_lower", "cc0_dress", "clean_upper", "clean_lower", "clean_dress")
NAMES = ("upper", "lower", "dress")
STRENGTH, ROUNDS, RATE = 0.1, 3000, 0.5


def main() -> None:
    """Measure, tell, and fit where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--most", type=int, default=1000, help="photos of each folder")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    rows, types, final = measured(Photos(asked.photos), asked.most, asked.threads)
    if asked.save:
        np.savez(asked.save, rows=rows, types=types, final=final)
    weights = fitted(rows[~final], types[~final]) if asked.fit else WEIGHTS
    if asked.fit:
        print(np.array2string(weights, precision=3, separator=", ", suppress_small=True))
    tell(rows, types, final, weights)


def measured(photos: Photos, most: int, threads: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (N, 7), NaN where nothing was found; types (N,); whether of the final half (N,)."""
    nets = Nets(weight_path, threads)
    rows, types, final = [], [], []
    for folder in FOLDERS:
        for name in photos.names(f"garments/{folder}")[:most]:
            try:
                row = features(photos.usable(name), nets)[0]
            except NoGarmentFound:
                row = np.full(len(WEIGHTS) - 1, np.nan)
            rows.append(row)
            types.append(NAMES.index(folder.partition("_")[2]))
            final.append(split(name) is Split.FINAL)
    return np.array(rows), np.array(types), np.array(final)


def fitted(rows: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Weights (8, 3) of a logistic regression in which each type counts alike."""
    known = ~np.isnan(rows).any(axis=1)
    rows, types = rows[known], types[known]
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    seen = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    wanted = np.eye(3)[types]
    counts = 1.0 / np.bincount(types, minlength=3)[types]
    weights = np.zeros((seen.shape[1], 3))
    for _ in range(ROUNDS):
        wrong = (softmax(seen @ weights) - wanted) * (counts / counts.mean())[:, None]
        weights -= RATE * (seen.T @ wrong / len(seen) + STRENGTH * np.vstack([weights[:-1], np.zeros(3)]))
    inner = weights[:-1] / spread[:, None]
    return np.vstack([inner, weights[-1] - mean @ inner]).astype(np.float32)


def tell(rows: np.ndarray, types: np.ndarray, final: np.ndarray, weights: np.ndarray) -> None:
    """Print accuracy by type and half."""
    known = ~np.isnan(rows).any(axis=1)
    odds = softmax(np.column_stack([np.nan_to_num(rows), np.ones(len(rows))]) @ weights)
    right = known & (odds.argmax(axis=1) == types)
    for half, which in (("tuning", ~final), ("final", final)):
        for number, name in enumerate(NAMES):
            here = which & (types == number)
            none = int((here & ~known).sum())
            print(f"{half:7s} {name:6s} {right[here].mean():.0%} of {here.sum()} right, nothing found in {none}")
    sure = final & (odds.max(axis=1) >= 0.6)
    print(f"final, odds of 0.6 and more: {right[sure].mean():.0%} of {sure.sum()} right")


if __name__ == "__main__":
    main()
