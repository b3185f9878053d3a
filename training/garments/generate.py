"""Write shards of synthetic pictures: python generate.py FOLDER COUNT. Seeds count up from 0; 500 pictures a shard."""

import sys
from pathlib import Path

import cv2
import numpy as np
from painting import draw
from pictures import mark_rows
from shapes import CUTS, TRAITS

SHARD = 500


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    folder.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    for start in range(first, first + count, SHARD):
        drawn = [draw(seed) for seed in range(start, min(start + SHARD, first + count))]
        part = folder / f"{start:06d}.part.npz"
        np.savez(
            part,
            rgb=np.stack([p.rgb for p in drawn]), alpha=np.stack([p.alpha for p in drawn]),
            roles=np.stack([p.roles for p in drawn]), marks=np.stack([mark_rows(p.marks) for p in drawn]),
            cut=np.array([CUTS.index(p.cut) for p in drawn]), type=np.array([p.kind for p in drawn]),
            traits=np.array([[t in p.traits for t in TRAITS] for p in drawn], np.float32),
        )  # fmt: skip
        part.rename(folder / f"{start:06d}.npz")


if __name__ == "__main__":
    main()
