"""The editors' common recipe, with a network that is told what to draw."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from neural_fake_reader import FakeReader, garment_photo, person_photo

from fittingroom.engines.analysis import NOTHING_KEPT
from fittingroom.engines.neural.body import Body
from fittingroom.engines.neural.editing import EditingEngine, MissingExtra, Network, Sketch
from fittingroom.engines.protocol import (
    Cancelled,
    ClothesType,
    Engine,
    FitStyle,
    NoPersonFound,
    RefusedPicture,
    RgbImage,
    TryOnOptions,
    TryOnResult,
    Tunable,
)
from fittingroom.setting_neural import NeuralSettings

UPPER = ClothesType.UPPER


class Painter:
    """Paints the shirt of the reader's figure; on the seeds of `wild` it draws another picture altogether."""

    cell, garment_pixels, placement = 16, 50_000, "nowhere"

    def __init__(
        self,
        wild: tuple[int, ...] = (),
        colour: tuple[int, int, int] | None = (200, 30, 40),
        *,
        aligned: bool = True,
    ):
        self.wild, self.colour, self.aligned = wild, colour, aligned
        self.sketches: list[Sketch] = []
        self.inside = 0

    def draw(self, sketch: Sketch) -> RgbImage:
        self.inside += 1
        assert self.inside == 1, "two pictures at once"
        self.sketches.append(sketch)
        sketch.checkpoint()
        height, width = sketch.person.shape[:2]
        if sketch.seed in self.wild and sketch.region is None:
            out = np.random.default_rng(sketch.seed).integers(0, 256, (height, width, 3), np.uint8)
        else:
            out = sketch.person.copy()
            if self.colour is not None:
                out[height // 4 : height * 6 // 10, width * 3 // 10 : width * 7 // 10] = self.colour
        self.inside -= 1
        return out


class PaintingEngine(EditingEngine):
    name = "painting"
    painter: Painter
    opened = 0

    def open(self, folder: Path, settings: NeuralSettings) -> Network:
        self.opened += 1
        return self.painter


def engine(painter: Painter, reader: FakeReader | None = None, **settings: object) -> PaintingEngine:
    made = PaintingEngine(Path, NeuralSettings(**settings), reader or FakeReader())
    made.painter = painter
    return made


def dress(made: EditingEngine, person: RgbImage | None = None, **options: object) -> TryOnResult:
    return made.try_on(person_photo() if person is None else person, garment_photo(), UPPER, TryOnOptions(**options))


@pytest.mark.parametrize("size", [(131, 97), (300, 201), (64, 64), (70, 333)])
def test_the_garment_changes_and_all_else_is_the_photo_bit_for_bit(size: tuple[int, int]) -> None:
    photo = person_photo(*size)
    result = dress(engine(Painter()), photo)
    same = result.report.mask == 0
    assert result.image.shape == photo.shape
    assert result.image.dtype == np.uint8
    assert result.report.mask.dtype == np.float32
    assert np.array_equal(result.image[same], photo[same])
    assert same[: round(size[0] * 0.2)].all(), "the head is never touched"
    middle = result.image[size[0] * 4 // 10, size[1] // 2].astype(int)
    assert np.abs(middle - (200, 30, 40)).max() < 60


def test_a_good_picture_needs_one_attempt_and_has_no_warning() -> None:
    painter = Painter()
    report = dress(engine(painter), seed=4).report
    assert [sketch.seed for sketch in painter.sketches] == [4]
    assert report.warnings == ()
    assert report.confidence >= 0.5
    assert report.signals["tried"] == 1
    assert set(report.stages) == {"person", "garment", "drawing", "pasting"}


def test_a_picture_that_is_another_one_is_drawn_again_with_the_next_seed_and_in_place() -> None:
    painter = Painter(wild=(7,))
    report = dress(engine(painter), seed=7).report
    assert [(sketch.seed, sketch.region is not None) for sketch in painter.sketches] == [(7, False), (8, True)]
    assert report.warnings == ()
    assert report.signals["tried"] == 2


def test_the_region_of_a_drawing_in_place_spares_face_and_hair() -> None:
    painter = Painter(wild=(0,))
    dress(engine(painter))
    region = painter.sketches[1].region
    assert region is not None
    height, width = region.shape
    assert region.shape == painter.sketches[1].person.shape[:2]
    assert region[height * 4 // 10, width // 2] > 0.9
    assert region[height // 14, width // 2] < 0.05


def test_an_editor_that_cannot_draw_in_place_is_only_given_another_seed() -> None:
    painter = Painter(wild=(0,), aligned=False)
    dress(engine(painter))
    assert [sketch.region for sketch in painter.sketches] == [None, None]


def test_where_all_attempts_fail_the_best_comes_with_warnings_and_little_confidence() -> None:
    painter = Painter(wild=(0, 1, 2), aligned=False)
    report = dress(engine(painter, attempts=3)).report
    assert len(painter.sketches) == 3
    assert "None of 3 attempts" in report.warnings[0]
    assert report.confidence < 0.5


def test_another_colour_than_the_products_is_no_good_picture() -> None:
    report = dress(engine(Painter(colour=(20, 60, 220)), attempts=1)).report
    assert any("colours" in warning for warning in report.warnings)
    assert report.signals["colour"] > 12


def test_a_garment_that_was_left_on_is_no_good_picture() -> None:
    report = dress(engine(Painter(colour=None), attempts=1)).report
    assert any("left the old garment" in warning for warning in report.warnings)


def test_a_drawing_without_a_person_is_shown_to_nobody() -> None:
    with pytest.raises(RefusedPicture):
        dress(engine(Painter(), FakeReader(people=1), attempts=1))


class Baring(FakeReader):
    """Finds skin where the shirt was in each of the first `bare` drawings; the photo itself is read first."""

    def __init__(self, bare: int) -> None:
        super().__init__()
        self.bare, self.reads = bare, 0

    def read(self, photo: RgbImage) -> Body:
        body = super().read(photo)
        self.reads += 1
        if not 2 <= self.reads < 2 + self.bare:
            return body
        return replace(body, skin=np.maximum(body.skin, body.upper), upper=np.zeros_like(body.upper))


def test_a_drawing_that_bares_the_trunk_is_drawn_again_and_never_shown() -> None:
    painter = Painter()
    report = dress(engine(painter, Baring(1), attempts=2)).report
    assert (len(painter.sketches), report.signals["tried"], report.signals["bared"]) == (2, 2.0, 0.0)
    with pytest.raises(RefusedPicture):
        dress(engine(Painter(), Baring(2), attempts=2))


def test_a_photo_without_a_person_is_refused_before_anything_is_drawn() -> None:
    painter = Painter()
    with pytest.raises(NoPersonFound):
        dress(engine(painter, FakeReader(people=0)))
    assert painter.sketches == []


def test_the_options_are_words_of_the_prompt() -> None:
    painter = Painter()
    made = engine(painter)
    dress(made)
    dress(made, fit=FitStyle.OVERSIZED)
    plain, wide = (sketch.prompt for sketch in painter.sketches)
    assert "oversized" in wide
    assert "oversized" not in plain


def test_the_garment_is_shown_no_larger_than_the_network_wants_it() -> None:
    painter = Painter()
    engine(painter).try_on(person_photo(), garment_photo(600, 500), UPPER)
    height, width = painter.sketches[0].garment.shape[:2]
    assert 0.95 * 50_000 < height * width <= 50_500


def test_a_cancelled_job_ends_between_the_stages_and_the_engine_goes_on() -> None:
    made = engine(Painter())
    for allowed in range(4):
        left = [allowed]

        def checkpoint(left: list[int] = left) -> None:
            if left[0] == 0:
                raise Cancelled
            left[0] -= 1

        made.painter.inside = 0
        with pytest.raises(Cancelled):
            made.try_on(person_photo(), garment_photo(), UPPER, TryOnOptions(), checkpoint)
    made.painter.inside = 0
    assert dress(made).report.warnings == ()


def test_two_threads_take_turns_in_the_network_and_get_what_one_gets() -> None:
    made = engine(Painter())
    alone = [dress(made, seed=seed).image for seed in range(2)]
    beside: dict[int, RgbImage] = {}
    threads = [threading.Thread(target=lambda s=s: beside.update({s: dress(made, seed=s).image})) for s in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(alone[seed], beside[seed]) for seed in range(2))


def test_a_job_that_waits_for_the_network_can_be_cancelled() -> None:
    made = engine(Painter())
    made.load()

    def checkpoint() -> None:
        if made.painter.sketches == [] and asked.is_set():
            raise Cancelled

    asked = threading.Event()
    with made._drawing:
        threading.Timer(0.2, asked.set).start()
        with pytest.raises(Cancelled):
            made.try_on(person_photo(), garment_photo(), UPPER, TryOnOptions(), checkpoint)


def test_the_network_is_opened_once() -> None:
    reader = FakeReader()
    made = engine(Painter(), reader)
    made.load()
    made.load()
    dress(made)
    assert (made.opened, reader.loads) == (1, 1)


def test_settings_and_analyses_reach_another_engine_of_the_kind() -> None:
    made = engine(Painter())
    assert isinstance(made, Engine)
    assert isinstance(made, Tunable)
    tuned = made.tuned(NeuralSettings(attempts=5))
    assert tuned._settings.attempts == 5
    assert made._settings.attempts == 2
    using = made.using(NOTHING_KEPT)
    assert using._network is made._network
    assert using._reader.given is NOTHING_KEPT


def test_missing_packages_are_named_with_the_command_that_brings_them() -> None:
    class Bare(PaintingEngine):
        def open(self, folder: Path, settings: NeuralSettings) -> Network:
            raise ModuleNotFoundError("No module named 'diffusers'")

    with pytest.raises(MissingExtra, match=r'pip install "fittingroom\[neural\]"'):
        Bare(Path, reader=FakeReader()).load()
