"""Processor time of a picture with `drape` in a worker of one thread: what `docs/scale.md` reckons with.

Seconds on the clock depend on what else runs; processor seconds much less. Each pair is a person and a garment that
the engine has not seen. Photos of the development set are used when they lie beside the repository, else NASA's
portrait that scikit-image brings and a drawn shirt, and the table says which.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time

os.environ["OMP_NUM_THREADS"] = "1"

import cv2
import numpy as np
from machine import describe
from photos import PHOTOS, SETS, photos

from fittingroom import FittingRoom
from fittingroom.engines.protocol import NoGarmentFound, NoPersonFound


def main() -> None:
    """Dress each pair once and print a line per type."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=4, help="pairs per type")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    used = "photos of the development set" if PHOTOS.is_dir() else "a portrait and a drawn shirt"
    print(f"Machine: {describe()}\nPictures: {used}, 768x1024\n")
    room = FittingRoom(review=None)
    room.load()
    print("| type | processor s a picture, median | pictures |\n|---|---|---|")
    every: list[float] = []
    for clothes_type in SETS:
        spent: list[float] = []
        for _, (person, garment) in zip(range(options.count), photos(clothes_type), strict=False):
            started = time.process_time()
            try:
                room.try_on(np.asarray(person), np.asarray(garment), clothes_type)
            except (NoPersonFound, NoGarmentFound):
                continue
            spent.append(time.process_time() - started)
        every += spent
        print(f"| {clothes_type} | {statistics.median(spent):.1f} | {len(spent)} |")
    print(f"| all | {statistics.median(every):.1f} | {len(every)} |")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of the process {memory:.0f} MiB")


if __name__ == "__main__":
    main()
