"""The person in a photo as the neural engines need it: what may change, what must not, and 18 points of the pose.

The networks are those of `drape`, whose weights may be used commercially, and they are read through its public
functions; this is the one place of the neural engines that imports it. A picture that a network made is read the same
way, since the same eyes on both pictures make the same mistakes. Invariant: all maps are float32 (H, W), 0..1, of the
photo's own size, whatever the size at which it was read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.analysis import Analyses
from fittingroom.engines.drape.body import Body as Axes
from fittingroom.engines.drape.body import body_of
from fittingroom.engines.drape.engine import WORK_SIDE, DrapeEngine
from fittingroom.engines.drape.hands import visible_hands
from fittingroom.engines.drape.nets import Nets, Pose
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.silhouette import body_from_silhouette
from fittingroom.engines.neural.frame import Box, box_of
from fittingroom.engines.protocol import ClothesType, Mask, NoPersonFound, Points, RgbImage
from fittingroom.models import weight_path

FloatArray = NDArray[np.float32]

OPENPOSE = (0, None, 12, 14, 16, 11, 13, 15, 24, 26, 28, 23, 25, 27, 5, 2, 8, 7)
"""BlazePose's number of each of OpenPose's 18 body points: nose, neck (the middle of the shoulders), then shoulder,
elbow, wrist of the person's right and left arm, hip, knee, ankle of the right and left leg, eyes and ears, right first.
Source: the two published tables of landmarks."""

NECK, SHOULDERS = 1, (2, 5)
LEAST_PERSON, LEAST_CLOTH = 0.004, 0.004
"""Shares of the photo that a person and the clothes must cover."""

APART = 0.3
"""How far from the garment its new one is not looked for, in shoulder distances."""


@dataclass(frozen=True)
class Body:
    """What one photo shows of its person.

    person: against the background. hair, face, hands: never changed by an engine. skin: all other bare skin and the
    hands. upper, lower, full: worn garments by kind; a dress is `full`. points: float32 (18, 2) px by OPENPOSE, scores:
    float32 (18,) 0..1, all 0 where no pose was found. axes: the trunk and limbs as `drape` draws them.
    """

    person: Mask
    hair: Mask
    face: Mask
    hands: Mask
    skin: Mask
    upper: Mask
    lower: Mask
    full: Mask
    points: Points
    scores: FloatArray
    axes: Axes

    @property
    def unit(self) -> float:
        """The shoulder distance in px, by which lengths on the body are measured."""
        return self.axes.sw

    @cached_property
    def box(self) -> Box:
        """Of the person, px: x0, y0, x1, y1."""
        return box_of(self.person)

    @cached_property
    def cloth(self) -> Mask:
        """Any worn garment."""
        return np.asarray(np.clip(self.upper + self.lower + self.full, 0.0, 1.0), np.float32)

    def garment(self, clothes_type: ClothesType) -> Mask:
        """The worn garments that one of `clothes_type` takes the place of: a dress goes with a top or a skirt."""
        if clothes_type is ClothesType.DRESS:
            return self.cloth
        own = self.upper if clothes_type is ClothesType.UPPER else self.lower
        return np.asarray(np.clip(own + self.full, 0.0, 1.0), np.float32)

    def keep(self, clothes_type: ClothesType) -> Mask:
        """Where a dressed picture surely shows what the photo shows, float32 (H, W) of 0 and 1, for registration.

        Face, hair, hands and all that lies farther than APART from the old garment and from skin that the new one may
        cover. Before a plain ground, and with the head cut off, hands are all there is to see.
        """
        v = self.coordinates[1]
        bare = np.asarray(self.skin > 0.3)
        if clothes_type is not ClothesType.DRESS:
            # A new top changes no leg, new trousers no arm that hangs above them.
            hips, top = self.axes.hip_v, clothes_type is ClothesType.UPPER
            bare &= (v < hips + APART) if top else (v > hips - APART)
        moving = np.asarray(self.garment(clothes_type) > 0.3) | bare
        far = cv2.distanceTransform(np.asarray(~moving, np.uint8), cv2.DIST_L2, 5) > APART * self.unit
        front = np.max([self.face, self.hair, self.hands], axis=0) > 0.6
        inner = cv2.erode(np.asarray(front, np.uint8), np.ones((3, 3), np.uint8))
        return np.asarray(far | (inner > 0), np.float32)

    @cached_property
    def coordinates(self) -> tuple[FloatArray, FloatArray]:
        """u to the picture's right and v down the spine of each pixel, from the middle of the shoulders, in `unit`."""
        height, width = self.person.shape
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        at = self.axes.coords(np.stack([xs, ys], axis=-1))
        return np.asarray(at[..., 0], np.float32), np.asarray(at[..., 1], np.float32)


class BodyReader:
    """Reads photos of persons and of garments; safe to use from several threads.

    locate: where a weight of the manifest lies, by name. threads: of each network, 0 leaves the choice to it. nets:
    loaded networks to look through instead.
    """

    def __init__(self, locate: Callable[[str], Path] = weight_path, threads: int = 0, nets: Nets | None = None) -> None:
        self._drape = DrapeEngine(locate, threads, nets)
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the networks. Raises `MissingWeight`."""
        self._drape.load()

    def using(self, analyses: Analyses) -> BodyReader:
        """The same reader, which keeps in `analyses` what it read; see `ReusesAnalyses`."""
        other = BodyReader.__new__(BodyReader)
        other._drape, other._lock = self._drape.using(analyses), self._lock
        return other

    def read(self, photo: RgbImage) -> Body:
        """The person in `photo`, uint8 RGB (H, W, 3). Raises `NoPersonFound`."""
        small = _reduced(photo)
        with self._lock:
            person = self._drape.read_person(small)
        if (person.alpha > 0.5).mean() < LEAST_PERSON or (person.cloth > 0.5).mean() < LEAST_CLOTH:
            raise NoPersonFound("no dressed person was found in the photo")
        axes = body_of(person.pose) if person.pose is not None else body_from_silhouette(person)
        if axes is None:
            raise NoPersonFound("no pose was found in the photo, and no outline that could stand for one")
        return _enlarged(_body(person, axes), photo.shape)

    def garment(self, photo: RgbImage, clothes_type: ClothesType) -> Mask:
        """Where a garment photo, uint8 (H, W, 3), shows the garment; float32 (H, W). Raises `NoGarmentFound`."""
        with self._lock:
            alpha = self._drape.read_garment(photo, clothes_type).alpha
        return _sized(alpha, photo.shape)


def openpose(pose: Pose | None) -> tuple[Points, FloatArray]:
    """OpenPose's 18 body points of BlazePose's answer: float32 (18, 2) px and (18,) 0..1; zeros without one."""
    points, scores = np.zeros((18, 2), np.float32), np.zeros(18, np.float32)
    if pose is None:
        return points, scores
    for number, source in enumerate(OPENPOSE):
        if source is not None:
            points[number], scores[number] = pose.points[source], pose.visibility[source]
    points[NECK] = points[list(SHOULDERS)].mean(axis=0)
    scores[NECK] = scores[list(SHOULDERS)].min()
    return points, scores


def _body(person: Person, axes: Axes) -> Body:
    points, scores = openpose(person.pose)
    hands = visible_hands(person, axes)
    maps = (person.alpha, person.hair, person.face, hands, person.skin, person.upper, person.lower, person.full)
    return Body(*maps, points, scores, axes)


def _enlarged(body: Body, shape: tuple[int, ...]) -> Body:
    """`body`, read at a smaller size, at that of a photo of `shape`."""
    if body.person.shape == shape[:2]:
        return body
    zoom = shape[0] / body.person.shape[0]
    maps = (body.person, body.hair, body.face, body.hands, body.skin, body.upper, body.lower, body.full)
    person, hair, face, hands, skin, upper, lower, full = (_sized(m, shape) for m in maps)
    points, axes = np.asarray(body.points * zoom, np.float32), _scaled(body.axes, zoom)
    return Body(person, hair, face, hands, skin, upper, lower, full, points, body.scores, axes)


def _sized(mask: Mask, shape: tuple[int, ...]) -> Mask:
    if mask.shape == shape[:2]:
        return mask
    zoom = shape[0] / mask.shape[0]
    kind = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(mask, (shape[1], shape[0]), interpolation=kind), np.float32)


def _scaled(axes: Axes, zoom: float) -> Axes:
    arms, legs = (tuple(replace(limb, points=limb.points * zoom) for limb in pair) for pair in (axes.arms, axes.legs))
    return replace(
        axes,
        sw=axes.sw * zoom,
        origin=axes.origin * zoom,
        shoulders=(axes.shoulders[0] * zoom, axes.shoulders[1] * zoom),
        hips=(axes.hips[0] * zoom, axes.hips[1] * zoom),
        arms=(arms[0], arms[1]),
        legs=(legs[0], legs[1]),
        hands=(axes.hands[0] * zoom, axes.hands[1] * zoom),
    )


def _reduced(photo: RgbImage) -> RgbImage:
    zoom = WORK_SIDE / max(photo.shape[:2])
    if zoom >= 1:
        return photo
    size = (round(photo.shape[1] * zoom), round(photo.shape[0] * zoom))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
