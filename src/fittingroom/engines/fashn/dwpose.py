"""The pose as the network `fashn` met it in training: body, hands and face by DWPose, through onnxruntime.

A detector (YOLOX-L) finds people, a top-down network (RTMPose) finds 133 points of one. Both want BGR. The person is
the one that our own parsing found, so that pose and change mask speak of the same one; where the detector finds
nobody, the top-down network looks where parsing saw the person. Sources: DWPose (IDEA-Research), YOLOX (Megvii), and
FASHN VTON v1.5, src/fashn_vton/dwpose at 7c0f10a. Invariant: points are px of the photo that was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from fittingroom.engines.fashn.pose_map import WholePose
from fittingroom.engines.neural.frame import Box
from fittingroom.engines.protocol import NoPersonFound, RgbImage

FloatArray = NDArray[np.floating[Any]]

DETECTOR, POSE = "yolox_l.onnx", "dw-ll_ucoco_384.onnx"
SIDE, PAD, STRIDES = 640, 114, (8, 16, 32)
LEAST_SCORE, MOST_OVERLAP = 0.3, 0.45
"""Score of a detected person, and the share of two boxes' union from which on they are one person."""

ROOM, SPLIT = 1.25, 2.0
"""Size of the top-down crop in boxes, and steps of its answer per px of the crop."""

MEAN, SPREAD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
"""ImageNet's, applied in this order to BGR, as the published code does."""

COCO_BODY = (0, None, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
"""COCO's number of each of OpenPose's 18 body points; the neck is the middle of the shoulders."""

NECK, SHOULDERS = 1, (5, 6)
FACE, HANDS = slice(23, 91), (slice(91, 112), slice(112, 133))
"""Where COCO-WholeBody's 133 points hold the face, and the left and the right hand."""

LEAST_POINTS = 4
"""Body points without which nobody is there."""


class Session(Protocol):
    """What is used of onnxruntime's InferenceSession."""

    def run(self, names: Sequence[str] | None, feed: dict[str, Any]) -> Sequence[Any]: ...

    def get_inputs(self) -> Sequence[Any]: ...


class DwPose:
    """Both networks, loaded; safe to use from several threads. detector, pose: sessions."""

    def __init__(self, detector: Session, pose: Session) -> None:
        self._detector, self._pose = detector, pose

    @classmethod
    def load(cls, folder: Path, threads: int = 0) -> DwPose:
        """From the two files in `folder`, on the CPU. threads: of each, 0 leaves the choice to onnxruntime."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        sessions = [
            ort.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])
            for name in (DETECTOR, POSE)
        ]
        return cls(*sessions)

    @classmethod
    def lies_in(cls, folder: Path) -> bool:
        """Whether both files are there."""
        return all((folder / name).is_file() for name in (DETECTOR, POSE))

    def read(self, photo: RgbImage, box: Box) -> WholePose:
        """The pose of the person in `box`, px of `photo`, uint8 RGB (H, W, 3). Raises `NoPersonFound`."""
        bgr = np.ascontiguousarray(photo[..., ::-1])
        found = self._people(bgr)
        near = [_overlap(one, box) for one in found]
        chosen = found[int(np.argmax(near))] if near and max(near) > 0 else np.asarray(box, np.float64)
        pose = whole_pose(*self._points(bgr, chosen))
        if pose.seen < LEAST_POINTS:
            raise NoPersonFound("the pose network saw no body in the person photo")
        return pose

    def _people(self, bgr: RgbImage) -> FloatArray:
        given, ratio = detector_input(bgr)
        answer = self._detector.run(None, {self._detector.get_inputs()[0].name: given})[0]
        return people(np.asarray(answer)[0], ratio)

    def _points(self, bgr: RgbImage, box: FloatArray) -> tuple[FloatArray, FloatArray]:
        asked = self._pose.get_inputs()[0]
        height, width = asked.shape[2:]
        given, middle, extent = pose_input(bgr, box, (height, width))
        x, y = self._pose.run(None, {asked.name: given})
        at, scores = simcc(np.asarray(x)[0], np.asarray(y)[0])
        return at / (width, height) * extent + middle - extent / 2, scores


def detector_input(bgr: RgbImage) -> tuple[NDArray[np.float32], float]:
    """The photo in the upper left of a grey square, float32 (1, 3, 640, 640) in 0..255, and how far it was shrunk."""
    ratio = SIDE / max(bgr.shape[:2])
    height, width = max(1, int(bgr.shape[0] * ratio)), max(1, int(bgr.shape[1] * ratio))
    square = np.full((SIDE, SIDE, 3), PAD, np.uint8)
    square[:height, :width] = cv2.resize(bgr, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32), ratio


def people(answer: FloatArray, ratio: float) -> FloatArray:
    """The boxes of persons (N, 4), x0 y0 x1 y1 in px of the photo, best first.

    answer: (8400, 85), the detector's raw answer per cell: offset of the middle and logarithm of the size, both in
    strides, then the odds of an object and of each class, of which a person is the first. Source: YOLOX, demo_utils.py.
    """
    cells, strides = _cells()
    middle, size = (answer[:, :2] + cells) * strides, np.exp(answer[:, 2:4]) * strides
    scores = answer[:, 4] * answer[:, 5]
    kept = scores > LEAST_SCORE
    boxes = np.concatenate([middle - size / 2, middle + size / 2], axis=1)[kept] / ratio
    return boxes[apart(boxes, scores[kept])]


def apart(boxes: FloatArray, scores: FloatArray) -> list[int]:
    """Which of the boxes (N, 4) stand for different things, best first: non-maximum suppression."""
    left = list(np.argsort(-scores, kind="stable"))
    out: list[int] = []
    while left:
        best = int(left.pop(0))
        out.append(best)
        left = [k for k in left if _overlap(boxes[k], boxes[best]) <= MOST_OVERLAP]
    return out


def pose_input(
    bgr: RgbImage, box: FloatArray, size: tuple[int, int]
) -> tuple[NDArray[np.float32], FloatArray, FloatArray]:
    """What the top-down network is shown: float32 (1, 3, height, width), and its middle and extent, (x, y) px.

    box: x0 y0 x1 y1 px. size: (height, width) of the network. The box grows by ROOM and to the network's aspect.
    """
    height, width = size
    corners = np.asarray(box, np.float64).reshape(2, 2)
    middle, (across, down) = corners.mean(axis=0), (corners[1] - corners[0]) * ROOM
    across = max(across, down * width / height)
    extent = np.array([across, across * height / width])
    zoom = width / across
    warp = np.array([[zoom, 0, width / 2 - zoom * middle[0]], [0, zoom, height / 2 - zoom * middle[1]]])
    crop = cv2.warpAffine(bgr, warp, (width, height), flags=cv2.INTER_LINEAR)
    scaled = (crop - np.array(MEAN)) / np.array(SPREAD)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], np.float32), middle, extent


def simcc(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points (K, 2) px of the crop and their scores (K,), of the odds along each axis, (K, steps).

    A point lies where both are highest; its score is the lower of the two. Source: RTMPose, arXiv:2303.07399.
    """
    at = np.stack([x.argmax(axis=1), y.argmax(axis=1)], axis=-1) / SPLIT
    return at, np.minimum(x.max(axis=1), y.max(axis=1))


def whole_pose(points: FloatArray, scores: FloatArray) -> WholePose:
    """COCO-WholeBody's 133 points (133, 2) and scores (133,) in OpenPose's order. The feet are not drawn."""
    body, seen = np.zeros((18, 2), np.float32), np.zeros(18, np.float32)
    for number, source in enumerate(COCO_BODY):
        if source is not None:
            body[number], seen[number] = points[source], scores[source]
    body[NECK] = points[list(SHOULDERS)].mean(axis=0)
    seen[NECK] = scores[list(SHOULDERS)].min()
    hands = [np.asarray(np.stack([a[part] for part in HANDS]), np.float32) for a in (points, scores)]
    face = [np.asarray(a[FACE], np.float32) for a in (points, scores)]
    return WholePose(body, seen, *hands, *face)


def _cells() -> tuple[FloatArray, FloatArray]:
    """Column and row of each cell of the detector's three grids, (8400, 2), and its stride in px, (8400, 1)."""
    cells, strides = [], []
    for stride in STRIDES:
        side = SIDE // stride
        rows, columns = np.divmod(np.arange(side * side), side)
        cells.append(np.stack([columns, rows], axis=1))
        strides.append(np.full((side * side, 1), stride))
    return np.concatenate(cells).astype(np.float64), np.concatenate(strides).astype(np.float64)


def _overlap(one: Sequence[float] | FloatArray, other: Sequence[float] | FloatArray) -> float:
    """Intersection over union of two boxes."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(across * down / (areas[0] + areas[1] - across * down))
