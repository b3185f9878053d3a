"""What eight bits gain: seconds of u2net-cloth as `drape` runs it, and as it ran in float, in turns within one run.

The ratio says more than the seconds, since both networks suffer alike from what else runs. The photos are the package's
samples. Needs the pulled weights.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from machine import describe

from fittingroom import samples
from fittingroom.engines.drape.eight_bits import published_steps, quantised
from fittingroom.engines.drape.nets import GARMENT_AREA, PERSON_AREA, cloth_input
from fittingroom.engines.drape.slim import published_cuts, slimmed
from fittingroom.models import weight_path

SHOWN = {
    "worn": (published_cuts(), "people/anna.jpg", PERSON_AREA),
    "cloth": ({}, "garments/stripe-tee.jpg", GARMENT_AREA),
}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4, help="runs of each network, in turns; the best counts")
    options = parser.parse_args()
    print(f"Machine: {describe()}\n\n| network | float, s | eight bits, s | ratio |\n|---|---|---|---|")
    published = weight_path("u2net_cloth_seg").read_bytes()
    for name, (cuts, photo, area) in SHOWN.items():
        model = slimmed(published, cuts)
        sessions = [ort.InferenceSession(file) for file in (model, quantised(model, published_steps()[name]))]
        x = shown(photo, area)
        best = np.min([[seconds(session, x) for session in sessions] for _ in range(options.rounds + 1)][1:], axis=0)
        print(f"| {name}, {x.shape[3]}x{x.shape[2]} | {best[0]:.2f} | {best[1]:.2f} | {best[0] / best[1]:.1f} |")


def shown(photo: str, area: int) -> np.ndarray:
    """A sample photo as the network takes it."""
    bgr = cv2.imread(str(Path(samples.__file__).parent / photo))
    assert bgr is not None
    return np.asarray(cloth_input(np.ascontiguousarray(bgr[..., ::-1]), area))


def seconds(session: ort.InferenceSession, x: np.ndarray) -> float:
    """On the clock, of one run."""
    started = time.perf_counter()
    session.run(["output"], {"input": x})
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
