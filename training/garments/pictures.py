"""Training pictures as the network sees them: synthetic ones from disk, labelled photos, and what both go through.

A picture is turned, sheared and mirrored, brought into the network's square by its alpha's box (as the engine does),
its alpha is spoilt as real cut-outs are (nicks, leftovers, soft edges), its colours are varied.
"""

import json
from pathlib import Path

import cv2
import numpy as np
from model import MARKS, SIDE
from shapes import CUTS, TRAITS

TYPES = ("Upper-body", "Lower-body", "Dress")
SWAPPED = [MARKS.index(m.replace("left", "~").replace("right", "left").replace("~", "right")) for m in MARKS]
MARGIN = 0.06


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
    angle = np.deg2rad(rng.normal(0, 9 if real else 5))
    squeeze, lean = rng.normal(0, 0.07, 2) * (1.0 if real else 0.5)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[np.exp(squeeze), lean], [0.0, 1.0]])
    flip = rng.random() < 0.5
    if flip:
        linear = linear @ np.diag([-1.0, 1.0])
    matrix = to_square(sample["alpha"], linear, rng.uniform(0.03, 0.1), rng.normal(0, 2.5, 2))
    border = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REPLICATE}
    rgb = cv2.warpAffine(sample["rgb"], matrix, (SIDE, SIDE), **border)
    alpha = cv2.warpAffine(sample["alpha"], matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    marks = sample["marks"] @ matrix[:, :2].T + matrix[:, 2]
    roles = None
    if not real:
        roles = cv2.warpAffine(sample["roles"], matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST)[1::2, 1::2]
    alpha = _spoilt(rng, alpha)
    rgb = _recoloured(rng, rgb, strong=real)
    return {"x": network_input(rgb, alpha), "marks": (marks[SWAPPED] if flip else marks) / SIDE, "roles": roles,
            "cut": sample["cut"], "traits": sample["traits"], "type": sample["type"]}  # fmt: skip


def _spoilt(rng, alpha):
    """Errors of cut-outs."""
    if rng.random() < 0.3:
        edge = cv2.findNonZero(
            cv2.morphologyEx((alpha > 127).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3)))
        ).reshape(-1, 2)
        for _ in range(rng.integers(1, 4)):
            at = edge[rng.integers(len(edge))]
            size = (int(rng.integers(2, 9)), int(rng.integers(2, 9)))
            value = 255 if rng.random() < 0.4 else 0
            cv2.ellipse(alpha, (int(at[0]), int(at[1])), size, float(rng.uniform(0, 180)), 0, 360, value, -1)
    if rng.random() < 0.12:
        x, y = int(SIDE / 2 + rng.normal(0, 6)), int(rng.integers(2, 24))
        cv2.line(alpha, (x, 0), (x, y), 255, int(rng.integers(1, 5)))
    return cv2.GaussianBlur(alpha, (0, 0), rng.uniform(0.3, 1.1))


def _recoloured(rng, rgb, *, strong):
    if rng.random() < 0.5:
        rgb = rgb[..., rng.permutation(3)]
    out = rgb.astype(np.float32)
    spread = 0.35 if strong else 0.2
    out = (out - 128) * np.exp(rng.normal(0, spread)) + 128 + rng.normal(0, 45 * spread, 3)
    if rng.random() < 0.1:
        out = 255 - out
    return np.clip(out, 0, 255).astype(np.uint8)


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
            out.append({"photo": entry["photo"], "rgb": rgb, "alpha": alpha, "marks": rows, "split": split,
                        "cut": CUTS.index(entry["cut"]), "type": TYPES.index(entry["type"]),
                        "traits": np.array([t in entry["traits"] for t in TRAITS], np.float32),
                        "trained": free and split == "tuning", "phone": "/cc0_" in entry["photo"]})  # fmt: skip
    return out
