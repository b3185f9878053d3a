"""Training pictures as the network sees them: synthetic ones from disk, labelled photos, and what both go through.

A picture's cut-out is torn as real ones are, the picture is turned, sheared and mirrored, brought into the network's
square by its alpha's box (as the engine does), bent a little, and its edge and colours are varied (`augment`).
"""

import json
from pathlib import Path

import cv2
import numpy as np
from augment import bend, bent_marks, nicked, recoloured, torn
from model import MARKS, SIDE
from shapes import CUTS, TRAITS

TYPES = ("Upper-body", "Lower-body", "Dress")
SWAPPED = [MARKS.index(m.replace("left", "~").replace("right", "left").replace("~", "right")) for m in MARKS]
MARGIN = 0.06
HIDDEN = 0.06
"""A mark farther than this (diagonals of the marks' box) from the cut-out cannot be learnt from it."""


def mark_rows(marks) -> np.ndarray:
    """Marks by name -> float32 (22, 2), NaN where a mark is missing."""
    rows = np.full((len(MARKS), 2), np.nan, np.float32)
    for name, point in marks.items():
        rows[MARKS.index(name)] = point
    return rows


def to_square(alpha, linear, margin, shift=(0.0, 0.0)) -> np.ndarray:
    """The 2x3 matrix that applies `linear` and brings the alpha's box into the square."""
    points = cv2.convexHull(cv2.findNonZero((alpha > 127).astype(np.uint8))).reshape(-1, 2) @ np.transpose(linear)
    low, high = points.min(axis=0), points.max(axis=0) + 1
    zoom = SIDE * (1 - 2 * margin) / (high - low).max()
    return np.c_[zoom * np.asarray(linear), SIDE / 2 - zoom * (low + high) / 2 + shift].astype(np.float32)


def network_input(rgb, alpha) -> np.ndarray:
    """float32 (4, SIDE, SIDE) of a picture in the square: uint8 rgb, uint8 alpha."""
    a = alpha.astype(np.float32)[..., None] / 255
    shown = (rgb.astype(np.float32) - 128) * a / 127.5
    return np.concatenate([shown, a * 2 - 1], 2).transpose(2, 0, 1)


def varied(rng, sample, *, real: bool) -> dict:
    """One augmented training example of a stored sample."""
    far = rng.random() < (0.25 if real else 0.1)
    angle = np.deg2rad(rng.uniform(-40, 40) if far else rng.normal(0, 8 if real else 5))
    squeeze, lean = rng.normal(0, 0.08, 2) * (1.0 if real else 0.5)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[np.exp(squeeze), lean], [0.0, 1.0]])
    flip = rng.random() < 0.5
    if flip:
        linear = linear @ np.diag([-1.0, 1.0])
    alpha = torn(rng, sample["alpha"])
    matrix = to_square(alpha, linear, rng.uniform(0.03, 0.1), rng.normal(0, 2.5, 2))
    field = bend(rng, SIDE)
    xs, ys = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32))
    inverse = cv2.invertAffineTransform(matrix).astype(np.float32)
    seen = np.stack([xs, ys], 2) + field
    seen = seen @ inverse[:, :2].T + inverse[:, 2]
    rgb = cv2.remap(_less(sample["rgb"], matrix), seen, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(_less(alpha, matrix), seen, None, cv2.INTER_LINEAR)
    marks = bent_marks(sample["marks"] @ matrix[:, :2].T + matrix[:, 2], field)
    roles = None
    if not real:
        roles = cv2.remap(sample["roles"], seen, None, cv2.INTER_NEAREST)[1::2, 1::2]
    alpha, rgb = nicked(rng, alpha), recoloured(rng, rgb, strong=real)
    return {"x": network_input(rgb, alpha), "marks": (marks[SWAPPED] if flip else marks) / SIDE, "roles": roles,
            "cut": sample["cut"], "traits": sample["traits"], "type": sample["type"]}  # fmt: skip


def _less(picture, matrix):
    """Blurred so that the reduction by `matrix` does not alias."""
    zoom = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    return picture if zoom > 0.7 else cv2.GaussianBlur(picture, (0, 0), 0.35 / zoom)


def _away(rows, alpha) -> np.ndarray:
    """Distance of marks (n, 2) px from the cut-out, 0 for missing ones."""
    distance = cv2.distanceTransform((alpha < 128).astype(np.uint8), cv2.DIST_L2, 5)
    at = np.clip(np.nan_to_num(rows), 0, np.array(alpha.shape[::-1]) - 1).astype(np.intp)
    return np.where(np.isfinite(rows).all(axis=1), distance[at[:, 1], at[:, 0]], 0)


def labelled(labels: Path, cutouts: Path) -> list[dict]:
    """Labelled photos whose cut-outs (`cutouts.py`) lie in `cutouts`. diagonal: of the marks' box, stored px."""
    out = []
    for file in sorted(labels.glob("*.json")):
        for entry in json.loads(file.read_text()):
            stored = cutouts / (entry["photo"].replace("/", "__") + ".npz")
            if not entry["marks"] or entry["cut"] not in CUTS or not stored.exists():
                continue
            with np.load(stored) as data:
                rgb, alpha, split = data["rgb"], data["alpha"], str(data["split"])
            rows = mark_rows({k: v for k, v in entry["marks"].items() if k in MARKS})
            rows *= np.array(rgb.shape[1::-1]) / np.array(entry["size"])
            free = "/cc0_" in entry["photo"] or "/saleor" in entry["photo"]
            if free and split == "tuning":
                diagonal = np.hypot(*(np.nanmax(rows, axis=0) - np.nanmin(rows, axis=0)))
                rows[_away(rows, alpha) > HIDDEN * diagonal] = np.nan
            out.append({"photo": entry["photo"], "rgb": rgb, "alpha": alpha, "marks": rows, "split": split,
                        "cut": CUTS.index(entry["cut"]), "type": TYPES.index(entry["type"]),
                        "traits": np.array([t in entry["traits"] for t in TRAITS], np.float32),
                        "trained": free and split == "tuning", "phone": "/cc0_" in entry["photo"]})  # fmt: skip
    return out
