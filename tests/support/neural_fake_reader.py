"""A reader of bodies for tests without parsing networks: the same standing figure in every photo."""

import numpy as np

from fittingroom.engines.analysis import Analyses
from fittingroom.engines.drape.body import Body as Axes
from fittingroom.engines.drape.body import Limb
from fittingroom.engines.neural.body import Body
from fittingroom.engines.protocol import ClothesType, Mask, NoPersonFound, Points, RgbImage


def box(shape: tuple[int, ...], left: float, top: float, right: float, bottom: float) -> Mask:
    """A filled rectangle, its sides in parts of the picture's."""
    height, width = shape[:2]
    out = np.zeros((height, width), np.float32)
    out[round(top * height) : round(bottom * height), round(left * width) : round(right * width)] = 1.0
    return out


def figure(shape: tuple[int, ...]) -> Body:
    """Face, hair, shirt, trousers and two hands as rectangles."""
    hair, face = box(shape, 0.4, 0.05, 0.6, 0.1), box(shape, 0.42, 0.1, 0.58, 0.22)
    upper, lower = box(shape, 0.3, 0.25, 0.7, 0.6), box(shape, 0.33, 0.6, 0.67, 0.95)
    hands = np.maximum(box(shape, 0.24, 0.5, 0.3, 0.6), box(shape, 0.7, 0.5, 0.76, 0.6))
    person = np.max([hair, face, upper, lower, hands], axis=0)
    points, scores = np.zeros((18, 2), np.float32), np.zeros(18, np.float32)
    none = np.zeros_like(face)
    return Body(person, hair, face, hands, hands, upper, lower, none, points, scores, axes(shape))


def axes(shape: tuple[int, ...]) -> Axes:
    """The trunk and limbs of that figure."""

    def at(*points: tuple[float, float]) -> Points:
        return np.asarray(points, np.float32) * (shape[1], shape[0])

    (left, right), hips = at((0.35, 0.27), (0.65, 0.27)), at((0.42, 0.6), (0.58, 0.6))
    arms = [at((0.35, 0.27), (0.3, 0.4), (0.27, 0.52)), at((0.65, 0.27), (0.7, 0.4), (0.73, 0.52))]
    legs = [at((0.42, 0.6), (0.42, 0.78), (0.42, 0.94)), at((0.58, 0.6), (0.58, 0.78), (0.58, 0.94))]
    return Axes(
        sw=0.3 * shape[1],
        origin=(left + right) / 2,
        ux=np.array([1, 0], np.float32),
        uy=np.array([0, 1], np.float32),
        shoulders=(left, right),
        hips=(hips[0], hips[1]),
        arms=(Limb(arms[0], True), Limb(arms[1], True)),
        legs=(Limb(legs[0], True), Limb(legs[1], True)),
        hands=(at((0.27, 0.52), (0.27, 0.58)), at((0.73, 0.52), (0.73, 0.58))),
        turned=0.0,
    )


class FakeReader:
    """people: how many photos have a person; those after show none. garment: all but the photo's rim."""

    def __init__(self, people: int = 1_000_000) -> None:
        self.left, self.loads, self.given = people, 0, None

    def load(self) -> None:
        self.loads += 1

    def using(self, analyses: Analyses) -> "FakeReader":
        other = FakeReader(self.left)
        other.given = analyses
        return other

    def read(self, photo: RgbImage) -> Body:
        if self.left <= 0:
            raise NoPersonFound("a photo without a person")
        self.left -= 1
        return figure(photo.shape)

    def garment(self, photo: RgbImage, clothes_type: ClothesType) -> Mask:
        return box(photo.shape, 0.1, 0.1, 0.9, 0.9)


class Reading(FakeReader):
    """Sees the figure in every photo that is not of one colour."""

    def using(self, analyses: Analyses) -> "Reading":
        return self

    def read(self, photo: RgbImage) -> Body:
        if photo.std() < 1.0:
            raise NoPersonFound("a photo of one colour")
        return figure(photo.shape)


def person_photo(height: int = 131, width: int = 97) -> RgbImage:
    """A photo with edges to register by: noise, smooth at the figure's face."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 256, (height // 6 + 1, width // 6 + 1, 3), np.uint8)
    return np.ascontiguousarray(np.kron(coarse, np.ones((6, 6, 1), np.uint8))[:height, :width])


def garment_photo(height: int = 90, width: int = 80) -> RgbImage:
    """A red rectangle on white."""
    out = np.full((height, width, 3), 255, np.uint8)
    out[height // 8 : -height // 8, width // 8 : -width // 8] = (200, 30, 40)
    return out
