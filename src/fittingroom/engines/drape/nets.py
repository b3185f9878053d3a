"""The four open networks that `drape` looks through, each as a plain function from RGB to probabilities.

Kept in one place so that every other stage is numpy and OpenCV alone. Contracts of the files (input scaling, channel
order) are those of the weights manifest. Invariant: each method returns arrays of the input picture's own size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.protocol import Mask, RgbImage

FloatArray = NDArray[np.float32]

CLOTH_SIDE = 768
SELFIE_SIDE = 256
POSE_LANDMARKS = 33


@dataclass(frozen=True, slots=True)
class Pose:
    """BlazePose's answer. points: float32 (33, 2) px; visibility: float32 (33,) 0..1; depth: float32 (33,), in units
    of the picture's width, negative towards the camera; mask: float32 (H, W), probability of person."""

    points: FloatArray
    visibility: FloatArray
    depth: FloatArray
    mask: Mask


class Nets:
    """Loaded networks. `locate` maps a weight's name in the manifest to its file.

    threads: of onnxruntime per call; 0 leaves the choice to it.
    """

    def __init__(self, locate: Callable[[str], Path], threads: int = 0) -> None:
        self._cloth = _onnx_session(locate("u2net_cloth_seg"), threads)
        self._inpaint = _onnx_session(locate("migan_pipeline_v2"), threads)
        self._selfie = _selfie_segmenter(locate("selfie_multiclass"))
        self._pose = _pose_landmarker(locate("pose_landmarker_full"))

    def cloth(self, rgb: RgbImage) -> FloatArray:
        """u2net-cloth: probabilities float32 (H, W, 4): background, upper, lower, full-body garment."""
        height, width = rgb.shape[:2]
        small = cv2.resize(rgb, (CLOTH_SIDE, CLOTH_SIDE), interpolation=cv2.INTER_AREA)
        x = (small.astype(np.float32) / 255.0 - 0.5) / 0.5
        name = self._cloth.get_inputs()[0].name
        logits = self._cloth.run(None, {name: x.transpose(2, 0, 1)[None]})[0][0].transpose(1, 2, 0)
        return softmax(cv2.resize(logits, (width, height), interpolation=cv2.INTER_LINEAR))

    def selfie(self, rgb: RgbImage) -> FloatArray:
        """selfie_multiclass: probabilities float32 (H, W, 6): background, hair, body skin, face skin, clothes, others."""
        import mediapipe as mp

        height, width = rgb.shape[:2]
        small = cv2.resize(rgb, (SELFIE_SIDE, SELFIE_SIDE), interpolation=cv2.INTER_AREA)
        result = self._selfie.segment(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(small)))
        stack = np.stack([m.numpy_view().reshape(SELFIE_SIDE, SELFIE_SIDE) for m in result.confidence_masks], axis=-1)
        return np.asarray(cv2.resize(stack, (width, height), interpolation=cv2.INTER_CUBIC), np.float32).clip(0.0, 1.0)

    def pose(self, rgb: RgbImage) -> Pose | None:
        """BlazePose full on the most prominent person, or None where it sees nobody."""
        import mediapipe as mp

        height, width = rgb.shape[:2]
        result = self._pose.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb)))
        if not result.pose_landmarks:
            return None
        marks = result.pose_landmarks[0]
        mask = np.array(result.segmentation_masks[0].numpy_view(), np.float32).reshape(height, width)
        return Pose(
            points=np.array([(m.x * width, m.y * height) for m in marks], np.float32),
            visibility=np.array([m.visibility for m in marks], np.float32),
            depth=np.array([m.z for m in marks], np.float32),
            mask=mask,
        )

    def inpaint(self, rgb: RgbImage, hole: NDArray[np.bool_]) -> RgbImage:
        """MI-GAN: fill `hole` (bool (H, W)) from its surroundings; pixels outside it are returned unchanged."""
        keep = np.where(hole, 0, 255).astype(np.uint8)
        names = [i.name for i in self._inpaint.get_inputs()]
        feeds = dict(zip(names, (rgb.transpose(2, 0, 1)[None], keep[None, None]), strict=True))
        filled = self._inpaint.run(None, feeds)[0][0].transpose(1, 2, 0)
        return np.where(hole[..., None], filled, rgb).astype(np.uint8)


def softmax(logits: NDArray[Any]) -> FloatArray:
    """Softmax over the last axis, float32."""
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True), np.float32)


def _onnx_session(path: Path, threads: int) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _selfie_segmenter(path: Path) -> Any:
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.ImageSegmenterOptions(
        base_options=BaseOptions(model_asset_path=str(path)), output_confidence_masks=True, output_category_mask=False
    )
    return vision.ImageSegmenter.create_from_options(options)


def _pose_landmarker(path: Path) -> Any:
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(path)), output_segmentation_masks=True, num_poses=1
    )
    return vision.PoseLandmarker.create_from_options(options)
