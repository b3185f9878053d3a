"""Fits the confidence model of `drape` on judged pictures.

    python fit.py VERDICTS.tsv RESULTS.jsonl [confidence.json]

VERDICTS: a round of judging (evaluation/verdicts), RESULTS: results.jsonl of the same draw and engine
(`fittingroom eval draw`). A logistic regression whose weights may not be negative: a risk can only lower the
confidence. Its strength (L2) and the separation reported come from leaving out whole persons and garments.
Needs numpy. Invariant: the same files give the same model.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np

SIGNALS = (
    "garment_doubt",
    "garment_spread",
    "garment_worst_spread",
    "garment_worst_apart",
    "mark_doubt",
    "lower_fallback",
    "leg_overlap",
    "waist_doubt",
    "removed_share",
    "backdrop_hole",
    "painted_skin",
    "kept_object",
    "parsing_conflict",
    "outline_conflict",
    "hidden_arm",
    "crossed_arm",
    "seated",
    "turned",
    "fold_over",
)
STRENGTHS = (0.3, 1.0, 3.0, 10.0)
ROUNDS, RATE = 1500, 0.05
FULL = 90


def main(verdicts: Path, results: Path, out: Path | None) -> None:
    """Fit, report, and write the model where `out` is given."""
    rows = {row["number"]: row for row in map(json.loads, results.read_text(encoding="utf-8").splitlines())}
    with verdicts.open(encoding="utf-8", newline="") as file:
        judged = [v for v in csv.DictReader(file, delimiter="\t") if rows.get(v["number"], {}).get("signals")]
    raw = np.array([[rows[v["number"]]["signals"].get(name, 0.0) for name in SIGNALS] for v in judged])
    full = np.maximum(np.percentile(raw, FULL, axis=0), 1e-3)
    x, broken = np.clip(raw / full, 0.0, 1.0), np.array([v["verdict"] == "broken" for v in judged], float)
    keys = [(rows[v["number"]]["person"], rows[v["number"]]["garment"]) for v in judged]
    scores = {strength: separation(left_out(x, broken, keys, strength), broken) for strength in STRENGTHS}
    best = max(scores, key=lambda strength: scores[strength])
    weights, bias = fit(x, broken, best)
    print(f"{len(judged)} pictures, {broken.mean():.0%} broken; separation (AUC) by strength: {scores}")
    for name, weight, at in sorted(zip(SIGNALS, weights, full, strict=True), key=lambda row: -row[1]):
        print(f"{weight:6.2f}  {name} (full at {at:.3f})")
    if out is not None:
        terms = {n: [round(w, 3), round(f, 4)] for n, w, f in zip(SIGNALS, weights, full, strict=True) if w > 0.005}
        out.write_text(json.dumps({"bias": round(-bias, 3), "terms": terms}, indent=2) + "\n", encoding="utf-8")


def fit(x: np.ndarray, broken: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    """Weights (>= 0) and bias of the log odds of "broken": projected gradient descent."""
    weights, bias = np.zeros(x.shape[1]), 0.0
    for _ in range(ROUNDS):
        wrong = 1.0 / (1.0 + np.exp(-(x @ weights + bias))) - broken
        weights = np.maximum(0.0, weights - RATE * (x.T @ wrong + strength * weights) / len(x) * 10)
        bias -= RATE * 10 * wrong.mean()
    return weights, float(bias)


def left_out(x: np.ndarray, broken: np.ndarray, keys: list[tuple[str, str]], strength: float) -> np.ndarray:
    """Log odds of each picture from all pictures that share neither person nor garment with it."""
    out = np.zeros(len(x))
    for i, (person, garment) in enumerate(keys):
        others = [k for k, (p, g) in enumerate(keys) if p != person and g != garment]
        weights, bias = fit(x[others], broken[others], strength)
        out[i] = x[i] @ weights + bias
    return out


def separation(odds: np.ndarray, broken: np.ndarray) -> float:
    """Probability that a broken picture has higher odds than one that is not (area under the ROC curve)."""
    a, b = odds[broken == 1][:, None], odds[broken == 0][None]
    return round(float(((a > b) + 0.5 * (a == b)).mean()), 3)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
