"""What the network `fashn` is shown of both photos, and its picture back from it, in numpy alone.

The network has one frame for everything, 864 by 576 px. The person is cut out of the photo first, so that somebody who
is small in it keeps pixels; the product is shown whole, on black. Source of the scaling: FASHN VTON v1.5,
src/fashn_vton/utils/tensor.py at 7c0f10a. Invariant: arrays are float32 (channels, H, W) in -1..1, and -1 (black) is
where a photo does not reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fittingroom.engines.fashn.pose_map import GreyImage, WholePose, pose_map
from fittingroom.engines.neural.frame import Box, Frame
from fittingroom.engines.protocol import ClothesType, RgbImage

Planes = NDArray[np.float32]
"""float32, shape (channels, H, W), values -1..1."""

SIZE = (864, 576)
"""Height and width of the network's frame, px."""

CATEGORY = {ClothesType.UPPER: 1, ClothesType.LOWER: 2, ClothesType.DRESS: 3}
"""The network's numbers for tops, bottoms and one-pieces; 0 is its class for none."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the network is told of one job. person, garment: (3, H, W); their poses: (1, H, W); frame: the person's."""

    person: Planes
    person_pose: Planes
    garment: Planes
    garment_pose: Planes
    category: int
    frame: Frame


def prepare(
    person: RgbImage,
    garment: RgbImage,
    clothes_type: ClothesType,
    box: Box,
    pose: WholePose,
    *,
    size: tuple[int, int] = SIZE,
    margin: float = 0.15,
) -> Prepared:
    """Both photos, uint8 RGB of any size, as the network takes them.

    box, pose: of the person, px of the photo. size: (height, width) of the network's frame. margin: round the box, in
    parts of its own size. The product photo is taken as one of a garment that nobody wears: its pose is empty.
    """
    frame = Frame.around(box, person.shape, size, margin)
    at = pose.moved(frame.zoom, frame.box[0], frame.box[1])
    return Prepared(
        person=planes(frame.cut(person)),
        person_pose=planes(pose_map(at, size)),
        garment=planes(Frame.whole(garment.shape, size).cut(garment)),
        garment_pose=planes(pose_map(None, size)),
        category=CATEGORY[clothes_type],
        frame=frame,
    )


def planes(picture: RgbImage | GreyImage) -> Planes:
    """uint8 (H, W, 3) or (H, W) as float32 (3 or 1, H, W) in -1..1."""
    channels = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    return np.ascontiguousarray(channels, np.float32) / np.float32(127.5) - np.float32(1)


def picture_of(made: Planes) -> RgbImage:
    """float32 (3, H, W) as uint8 RGB (H, W, 3); what lies beyond -1..1 becomes black or full."""
    scaled = np.clip((made.transpose(1, 2, 0) + 1.0) * 127.5, 0.0, 255.0)
    return np.ascontiguousarray(np.rint(scaled), np.uint8)
