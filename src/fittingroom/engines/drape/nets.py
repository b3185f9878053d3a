"""The four open networks that `drape` looks through, each as a plain function from RGB to probabilities.

Kept in one place so that every other stage is numpy and OpenCV alone. Contracts of the files (input scaling, channel
order) are those of the weights manifest. Invariant: each method returns arrays of the input picture's own size.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import mediapipe as mp
import numpy as np
import onnxruntime as ort
from mediapipe.tasks.python import BaseOptions, vision
from numpy.typing import NDArray

from fittingroom.engines.drape.eight_bits import published_steps, quantised
from fittingroom.engines.drape.native import filtered_stderr, require_system_libraries
from fittingroom.engines.drape.slim import published_cuts, slimmed
from fittingroom.engines.protocol import Mask, RgbImage

require_system_libraries()

FloatArray = NDArray[np.floating[Any]]

PERSON_AREA = 224 * 1024
GARMENT_AREA = 416 * 1024
"""Pixels that u2net-cloth sees. Keeping the photo's aspect parses people at PERSON_AREA as well as the published
768x768 squash does, in a third of the time (the squash even loses trousers at the lower frame edge). Garments alone
need more: at PERSON_AREA two-coloured tops lose half of themselves."""
CLOTH_STEP = 32
SELFIE_SIDE = 256


@dataclass(frozen=True, slots=True)
class Pose:
    """BlazePose's answer. points: float32 (33, 2) px; visibility: float32 (33,) 0..1; depth: float32 (33,), in units
    of the picture's longer side, negative towards the camera; mask: float32 (H, W), probability of person."""

    points: FloatArray
    visibility: FloatArray
    depth: FloatArray
    mask: Mask


class Nets:
    """Loaded networks. `locate` maps a weight's name in the manifest to its file.

    threads: of onnxruntime per call; 0 leaves the choice to it.
    """

    def __init__(self, locate: Callable[[str], Path], threads: int = 0) -> None:
        published, steps = locate("u2net_cloth_seg").read_bytes(), published_steps()
        self._worn = _onnx_session(quantised(slimmed(published, published_cuts()), steps["worn"]), threads)
        self._cloth = _onnx_session(quantised(slimmed(published, {}), steps["cloth"]), threads)
        del published
        self._inpaint = _onnx_session(locate("migan_pipeline_v2").read_bytes(), threads, arena=False)
        with filtered_stderr():
            self._selfie = _selfie_segmenter(locate("selfie_multiclass"))
            self._pose = _pose_landmarker(locate("pose_landmarker_full"))
            # The graphs start, and chatter, with their first picture.
            blank = np.zeros((64, 64, 3), np.uint8)
            self.selfie(blank)
            self.pose(blank)
        # mediapipe's finalisers fail noisily at exit, when the thread pool they need is already gone; the process
        # gives everything back anyway.
        for task in (self._selfie, self._pose):
            atexit.register(setattr, task, "_handle", None)

    def cloth(self, rgb: RgbImage, area: int = GARMENT_AREA) -> FloatArray:
        """u2net-cloth: probabilities float32 (H, W, 4): background, upper, lower, full-body garment.

        area: pixels that the network is shown. Up to PERSON_AREA the slimmed network answers, which is as good on
        people and not on garments; beyond it the whole one. Their working memory is given back at once.
        """
        session = self._worn if area <= PERSON_AREA else self._cloth
        height, width = rgb.shape[:2]
        logits = session.run(["output"], {"input": cloth_input(rgb, area)}, _giving_back())[0][0].transpose(1, 2, 0)
        return softmax(cv2.resize(logits, (width, height), interpolation=cv2.INTER_LINEAR))

    def selfie(self, rgb: RgbImage) -> FloatArray:
        """selfie_multiclass: float32 (H, W, 6): background, hair, body skin, face skin, clothes, others."""
        height, width = rgb.shape[:2]
        small = cv2.resize(rgb, (SELFIE_SIDE, SELFIE_SIDE), interpolation=cv2.INTER_AREA)
        result = self._selfie.segment(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(small)))
        stack = np.stack([m.numpy_view().reshape(SELFIE_SIDE, SELFIE_SIDE) for m in result.confidence_masks], axis=-1)
        return np.asarray(cv2.resize(stack, (width, height), interpolation=cv2.INTER_CUBIC), np.float32).clip(0.0, 1.0)

    def pose(self, rgb: RgbImage) -> Pose | None:
        """BlazePose full on the most prominent person, or None where it sees nobody."""
        height, width = rgb.shape[:2]
        # mediapipe projects landmarks rightly on square pictures only, and warns about it whatever it is given.
        side = max(height, width)
        square = cv2.copyMakeBorder(rgb, 0, side - height, 0, side - width, cv2.BORDER_REPLICATE)
        with filtered_stderr():
            result = self._pose.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=square))
        if not result.pose_landmarks:
            return None
        marks = result.pose_landmarks[0]
        mask = np.array(result.segmentation_masks[0].numpy_view(), np.float32).reshape(side, side)[:height, :width]
        return Pose(
            points=np.array([(m.x * side, m.y * side) for m in marks], np.float32),
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


def cloth_input(rgb: RgbImage, area: int) -> FloatArray:
    """`rgb` as u2net-cloth is shown it: float32 (1, 3, h, w), -1..1, of about `area` pixels."""
    height, width = rgb.shape[:2]
    zoom = (area / (height * width)) ** 0.5
    size = tuple(max(CLOTH_STEP, round(side * zoom / CLOTH_STEP) * CLOTH_STEP) for side in (width, height))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC)
    return np.asarray(((small.astype(np.float32) / 255.0 - 0.5) / 0.5).transpose(2, 0, 1)[None], np.float32)


def softmax(logits: NDArray[Any]) -> FloatArray:
    """Softmax over the last axis, float32."""
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True), np.float32)


def _giving_back() -> Any:
    """Options of a run after which onnxruntime keeps no working memory."""
    options = ort.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _onnx_session(model: bytes, threads: int, arena: bool = True) -> Any:
    """arena: keep working memory for the next call; off for a network that is called rarely on ever other sizes."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = arena
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    # The Python object holds the file's bytes for a second try on another provider; there is none.
    session.disable_fallback()
    session._model_bytes = b""
    return session


def _selfie_segmenter(path: Path) -> Any:
    options = vision.ImageSegmenterOptions(
        base_options=BaseOptions(model_asset_path=str(path)), output_confidence_masks=True, output_category_mask=False
    )
    return vision.ImageSegmenter.create_from_options(options)


def _pose_landmarker(path: Path) -> Any:
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(path)), output_segmentation_masks=True, num_poses=1
    )
    return vision.PoseLandmarker.create_from_options(options)
