"""The member of the family of `silhouettes` that coincides best with a garment's outline.

The outline is matched twice: a fixed bank of several thousand members gives the promising cuts and a start, then
rounds of random refinement around the best members (a cross-entropy search) bring the outlines to coincide.
Against a plain nearest neighbour this needs a bank twenty times smaller and is not bound to its raster of shapes.
Invariant: the answer depends on the mask only, and is the same on every run (all seeds are fixed).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.drape import silhouettes as sil
from fittingroom.engines.drape.nets import FloatArray
from fittingroom.engines.drape.types import Cut
from fittingroom.engines.protocol import ClothesType

TOPS = (Cut.SLEEVELESS, Cut.SHORT_SLEEVE, Cut.HALF_SLEEVE, Cut.LONG_SLEEVE)
BOTTOMS = (Cut.TROUSERS, Cut.SHORTS, Cut.SKIRT)
BANK_PER_CUT = 1500
ROUNDS, BATCH, ELITE = 14, 72, 10


@dataclass(frozen=True, slots=True)
class Fit:
    """A member of the family that resembles the mask. score: 1 is equal; marks: name -> (2,), 0..1 of the box."""

    cut: Cut
    shape: FloatArray
    score: float
    marks: dict[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Query:
    """A mask in its bounding box: cells bool (GRID, GRID), aspect log(height / width), box x, y, width, height px."""

    cells: NDArray[np.bool_]
    aspect: float
    box: tuple[int, int, int, int]


class Bank:
    """Random shapes of each cut with their rasters packed to bits (about 0.4 kB each)."""

    def __init__(self, dress: bool, cuts: tuple[Cut, ...], per_cut: int = BANK_PER_CUT) -> None:
        self.dress = dress
        self.cuts = cuts
        self._shapes: dict[Cut, FloatArray] = {}
        self._bits: dict[Cut, NDArray[np.uint8]] = {}
        self._aspects: dict[Cut, FloatArray] = {}
        for seed, cut in enumerate(cuts):
            shapes = np.random.default_rng(seed).beta(1.6, 1.6, (per_cut, sil.numbers_of(cut))).astype(np.float32)
            cells, aspects = sil.rasterise(sil.decode(cut, shapes, dress=dress))
            self._shapes[cut], self._aspects[cut] = shapes, aspects
            self._bits[cut] = np.packbits(cells.reshape(per_cut, -1), axis=1)

    def best(self, query: Query, cut: Cut, count: int) -> tuple[FloatArray, FloatArray]:
        """The `count` best shapes of a cut and their scores, best first."""
        scores = _similarity_bits(np.packbits(query.cells.reshape(-1)), self._bits[cut])
        scores -= 0.2 * np.abs(self._aspects[cut] - query.aspect)
        order = np.argsort(-scores)[:count]
        return self._shapes[cut][order], scores[order]


_banks: dict[ClothesType, Bank] = {}


def bank_for(clothes_type: ClothesType) -> Bank:
    """The bank of a clothes type, made on first use and kept."""
    if clothes_type not in _banks:
        lower = clothes_type is ClothesType.LOWER
        _banks[clothes_type] = Bank(clothes_type is ClothesType.DRESS, BOTTOMS if lower else TOPS)
    return _banks[clothes_type]


def query_of(mask: NDArray[np.bool_]) -> Query:
    """The bounding box and raster of a mask that is not empty; narrow gaps are widened so that a cell can hold them."""
    x, y, w, h = (int(v) for v in cv2.boundingRect(mask.astype(np.uint8)))
    gap = enclosed(mask)[y : y + h, x : x + w].astype(np.uint8)
    wide = cv2.dilate(gap, np.ones((1, max(1, w // sil.GRID)), np.uint8))
    crop = (mask[y : y + h, x : x + w] & (wide == 0)).astype(np.float32)
    cells = cv2.resize(crop, (sil.GRID, sil.GRID), interpolation=cv2.INTER_AREA) > 0.5
    return Query(np.asarray(cells, np.bool_), float(np.log(h / w)), (x, y, w, h))


def enclosed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Background with garment somewhere to its left and to its right in the same row."""
    left = np.maximum.accumulate(mask, axis=1)
    right = np.maximum.accumulate(mask[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(~mask & left & right)


def fit(query: Query, bank: Bank, allowed: tuple[Cut, ...] | None = None) -> list[Fit]:
    """The refined best member of each promising cut, best first."""
    starts = {cut: bank.best(query, cut, ELITE) for cut in allowed or bank.cuts}
    ranked = sorted(starts, key=lambda cut: -float(starts[cut][1][:4].mean()))
    fits = [_refine(query, cut, starts[cut][0], bank.dress) for cut in ranked[:4]]
    return sorted(fits, key=lambda f: -f.score)


def _refine(query: Query, cut: Cut, start: FloatArray, dress: bool) -> Fit:
    """Cross-entropy search: sample around the elite, keep the best, narrow, repeat."""
    rng = np.random.default_rng(7)
    elite, elite_scores = start, _score(query, cut, start, dress)
    for step in range(ROUNDS):
        spread = 0.17 * 0.82**step
        parents = elite[rng.integers(0, len(elite), BATCH)]
        mixed = np.where(rng.random(parents.shape) < 0.35, elite[rng.integers(0, len(elite), BATCH)], parents)
        touched = rng.random(parents.shape) < 0.5
        batch = np.clip(mixed + touched * rng.normal(0, spread, parents.shape), 0, 1).astype(np.float32)
        pool = np.concatenate([elite, batch])
        scores = np.concatenate([elite_scores, _score(query, cut, batch, dress)])
        order = np.argsort(-scores)[:ELITE]
        elite, elite_scores = pool[order], scores[order]
    outlines = sil.decode(cut, elite, dress=dress)
    low, size = outlines.box()
    weight = np.exp(60 * (elite_scores - elite_scores[0]))
    weight /= weight.sum()
    marks = {
        k: np.asarray((((m - low) / size) * weight[:, None]).sum(0), np.float32) for k, m in outlines.marks.items()
    }
    return Fit(cut, elite[0], float(elite_scores[0]), marks)


def _score(query: Query, cut: Cut, shapes: FloatArray, dress: bool) -> FloatArray:
    cells, aspects = sil.rasterise(sil.decode(cut, shapes, dress=dress))
    scores = _similarity_bits(np.packbits(query.cells.reshape(-1)), np.packbits(cells.reshape(len(cells), -1), axis=1))
    return np.asarray(scores - 0.2 * np.abs(aspects - query.aspect), np.float32)


def _similarity_bits(one: NDArray[np.uint8], many: NDArray[np.uint8]) -> FloatArray:
    """.4 IoU of garment + .6 IoU of background: without the latter, sleeves close to the body go unseen."""
    both = np.bitwise_count(many & one).sum(axis=1, dtype=np.int32)
    either = np.bitwise_count(many | one).sum(axis=1, dtype=np.int32)
    total = sil.GRID * sil.GRID
    return np.asarray(0.4 * both / np.maximum(either, 1) + 0.6 * (total - either) / np.maximum(total - both, 1))
