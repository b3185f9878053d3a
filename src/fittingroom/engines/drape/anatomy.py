"""What bare arms and legs have in common: where they bulge, how their surface turns, where their skin is redder.

`limbs.npz` holds tables over a limb's length and width, means over computer-made bodies and skins
(training/limbs/README.md); nobody's photo is in them. Lengths along a limb are fractions, and its middle joint lies
where the picture shows it. Invariant: the tables speak of arms and legs alone, and of no trunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import cv2
import numpy as np

from fittingroom.engines.drape.body import Limb
from fittingroom.engines.drape.nets import FloatArray

FIRST, LAST = 0.06, 0.93
"""Fractions of a limb at the first and the last row of a table."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Tables of one kind of limb. Rows: equal steps from FIRST to LAST; columns: from its inner edge to its outer one.

    normal: float32 (R, C, 3), unit normals: outwards, along the limb, towards the camera. skin: float32 (R, C, 3), log
    colour against the limb's middle one. radius, shift: float32 (R,), half width, and how far outwards the middle lies
    of the line of the joints, in shoulder distances. joint: the fraction at which elbow or knee lies.
    """

    normal: FloatArray
    skin: FloatArray
    radius: FloatArray
    shift: FloatArray
    joint: float

    def true(self, fraction: FloatArray, joint: float) -> FloatArray:
        """Fractions of the tables for fractions of a drawn limb whose middle joint lies at `joint`."""
        return np.asarray(np.interp(fraction, (0.0, joint, 1.0, 2.0), (0.0, self.joint, 1.0, 2.0)), np.float32)

    def looked_up(self, table: FloatArray, fraction: FloatArray, outwards: FloatArray) -> FloatArray:
        """Values (N, C) of a table at true fractions (N,) and places across (N,), -1 at the inner edge, 1 at the
        outer one; beyond the table its border."""
        rows, columns = table.shape[:2]
        y = (fraction - FIRST) / (LAST - FIRST) * (rows - 1)
        x = (outwards + 1.0) / 2.0 * (columns - 1)
        out = np.empty((len(fraction), table.shape[2]), np.float32)
        # cv2.remap takes pictures of up to 32767 rows.
        for start in range(0, len(fraction), 30000):
            part = np.s_[start : start + 30000]
            across, down = (np.asarray(v[part], np.float32)[:, None] for v in (x, y))
            out[part] = cv2.remap(table, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[:, 0]
        return out

    def along(self, values: FloatArray, fraction: FloatArray) -> FloatArray:
        """`radius` or `shift` at true fractions; beyond the table its ends."""
        return np.asarray(np.interp(fraction, np.linspace(FIRST, LAST, len(values)), values), np.float32)


def joint_of(limb: Limb) -> float:
    """Fraction of a limb's drawn length at which its middle joint lies."""
    steps = np.linalg.norm(np.diff(limb.points, axis=0), axis=1)
    return float(np.clip(steps[: len(steps) // 2].sum() / max(float(steps.sum()), 1e-6), 0.2, 0.8))


@cache
def anatomy(leg: bool) -> Anatomy:
    """The tables of legs or of arms."""
    name = "leg" if leg else "arm"
    with np.load(BytesIO(files("fittingroom.engines.drape").joinpath("limbs.npz").read_bytes())) as file:
        normal, skin, edge = (file[f"{name}_{part}"].astype(np.float32) for part in ("normal", "log_skin", "edge"))
        unit = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
        joint = float(file[f"{name}_joint"])
    return Anatomy(unit, skin, edge.mean(axis=1), (edge[:, 0] - edge[:, 1]) / 2, joint)
