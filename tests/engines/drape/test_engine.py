"""The whole engine on drawn pictures: exact outside its mask, the photo's own size, repeatable, stoppable."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from mannequin import BODY_SKIN, OTHER, Look, Mannequin, MannequinNets, draw_mannequin, engine_of

from fittingroom.engines.analysis import AnalysisCache
from fittingroom.engines.drape import engine as module
from fittingroom.engines.drape.composite import VISIBLE, Kind
from fittingroom.engines.drape.engine import WORK_SIDE, DrapeEngine
from fittingroom.engines.drape.garment import analyse_garment
from fittingroom.engines.drape.types import Garment
from fittingroom.engines.protocol import (
    Cancelled,
    ClothesType,
    Engine,
    NoGarmentFound,
    NoPersonFound,
    TryOnOptions,
    TryOnReport,
    TryOnResult,
)
from fittingroom.models import MissingWeight

STAGES = ["person", "garment", "fit", "warp", "removal", "light", "composite", "finish"]
TYPES = {
    "short": ClothesType.UPPER,
    "none": ClothesType.UPPER,
    "shorts": ClothesType.LOWER,
    "trousers": ClothesType.LOWER,
    "skirt": ClothesType.LOWER,
    "dress": ClothesType.DRESS,
}


@pytest.fixture(scope="module")
def analyses() -> dict[tuple[bytes, ClothesType, tuple], Garment]:
    return {}


@pytest.fixture(autouse=True)
def each_garment_analysed_once(analyses: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same photo gives the same garment, and analysing it is most of the time of a try-on this small."""

    def known(rgb: np.ndarray, clothes_type: ClothesType, nets: object, marks: dict) -> Garment:
        key = (rgb.tobytes(), clothes_type, tuple(marks.items()))
        if key not in analyses:
            analyses[key] = analyse_garment(rgb, clothes_type, nets, marks)
        return analyses[key]

    monkeypatch.setattr(module, "analyse_garment", known)


def run(drawn: Mannequin, cloth: object, kind: str, **more: object) -> TryOnResult:
    return engine_of(MannequinNets(drawn, cloth)).try_on(drawn.rgb, cloth.rgb, TYPES[kind], **more)


def check(drawn: Mannequin, result: TryOnResult) -> TryOnReport:
    """What every result must keep."""
    report = result.report
    assert result.image.shape == drawn.rgb.shape
    assert result.image.dtype == np.uint8
    assert report.mask.shape == drawn.rgb.shape[:2]
    assert report.mask.dtype == np.float32
    assert report.mask.min() >= 0.0
    assert report.mask.max() <= 1.0 + 1e-6
    outside = report.mask == 0
    assert outside.mean() > 0.3
    assert (result.image[outside] == drawn.rgb[outside]).all()
    assert (result.image[report.mask > 0.9] != drawn.rgb[report.mask > 0.9]).any()
    assert 0.0 <= report.confidence <= 1.0
    assert report.engine == "drape"
    return report


@pytest.mark.parametrize("kind", ["short", "shorts", "dress"])
@pytest.mark.parametrize("size", [(360, 480), (333, 447)])
def test_exact_outside_the_mask(garment_drawing: Callable, kind: str, size: tuple[int, int]) -> None:
    drawn = draw_mannequin(Look(width=size[0], height=size[1], sleeves="long"))
    check(drawn, run(drawn, garment_drawing(kind), kind))


@pytest.mark.parametrize("kind", ["short", "dress"])
def test_a_textured_backdrop_stays_exact_too(garment_drawing: Callable, kind: str) -> None:
    drawn = draw_mannequin(Look(sleeves="long", textured=True))
    check(drawn, run(drawn, garment_drawing(kind), kind))


@pytest.mark.parametrize(
    ("size", "kind"),
    [
        ((71, 97), "skirt"),
        ((150, 200), "short"),
        ((151, 203), "dress"),
        ((64, 64), "short"),
        ((97, 71), "dress"),
    ],
)
def test_small_pictures(garment_drawing: Callable, size: tuple[int, int], kind: str) -> None:
    drawn = draw_mannequin(Look(width=size[0], height=size[1]))
    result = run(drawn, garment_drawing(kind), kind)
    assert result.image.shape == drawn.rgb.shape
    outside = result.report.mask == 0
    assert (result.image[outside] == drawn.rgb[outside]).all()
    assert (result.image != drawn.rgb).any()


def test_somebody_who_shows_no_skin_keeps_the_old_sleeves(garment_drawing: Callable) -> None:
    drawn = draw_mannequin(Look(sleeves="long", behind=True))
    gloves = drawn.selfie == BODY_SKIN
    drawn.selfie[gloves], drawn.rgb[gloves] = OTHER, (30, 30, 30)
    result = run(drawn, garment_drawing("short"), "short")
    check(drawn, result)
    assert any("No skin" in warning for warning in result.report.warnings)


def test_a_tiny_garment_photo(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(Look()), garment_drawing("short")
    small = cv2.resize(cloth.rgb, (64, 85), interpolation=cv2.INTER_AREA)
    result = engine_of(MannequinNets(drawn, cloth)).try_on(drawn.rgb, small, ClothesType.UPPER)
    check(drawn, result)


def test_a_photo_larger_than_the_working_size(garment_drawing: Callable) -> None:
    small = draw_mannequin(Look(width=800, height=1000, sleeves="long"))
    big = cv2.resize(small.rgb, (2400, 3000), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    grain = np.random.default_rng(4).integers(-2, 3, big.shape, dtype=np.int16)
    photo = np.clip(big + grain, 0, 255).astype(np.uint8)
    maps = (cv2.resize(m, (2400, 3000), interpolation=cv2.INTER_NEAREST) for m in (small.cloth, small.selfie))
    drawn = Mannequin(photo, *maps, small.points * 3, small.sw * 3, small.origin * 3)
    assert max(drawn.rgb.shape) > WORK_SIDE
    before = drawn.rgb.copy()
    result = run(drawn, garment_drawing("short"), "short")
    check(drawn, result)
    assert (drawn.rgb == before).all(), "the caller's photo is left alone"
    u, v = drawn.uv()
    trunk = (np.abs(u) < 0.3) & (v > 0.6) & (v < 1.4)
    assert (result.report.mask[trunk] > 0.99).all()
    np.testing.assert_allclose(np.median(result.image[trunk], axis=0), (70, 110, 170), atol=25)


def test_one_seed_one_picture(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(Look(sleeves="long")), garment_drawing("none")
    first, again, other = (run(drawn, cloth, "none", options=TryOnOptions(seed=s)) for s in (3, 3, 4))
    assert (first.image == again.image).all()
    assert (first.report.mask == again.report.mask).all()
    assert first.report.confidence == again.report.confidence
    assert (first.image != other.image).any(), "grain differs with the seed"
    assert (first.report.mask == other.report.mask).all(), "but not what is changed"


def test_seen_from_behind_it_is_the_same_picture(garment_drawing: Callable) -> None:
    drawn = draw_mannequin(Look(arms=("raised", "down"), width=400, behind=True))
    front = run(drawn, garment_drawing("short"), "short")
    back = run(drawn.from_behind(), garment_drawing("short"), "short")
    assert (front.image == back.image).all()


def test_the_checkpoint_is_asked_after_every_stage(garment_drawing: Callable) -> None:
    asked: list[None] = []
    report = run(draw_mannequin(), garment_drawing("shorts"), "shorts", checkpoint=lambda: asked.append(None)).report
    assert list(report.stages) == STAGES
    assert len(asked) == len(STAGES)
    assert all(seconds >= 0 for seconds in report.stages.values())


def test_stages_add_up_to_nearly_the_whole_time(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing("shorts")
    began = time.perf_counter()
    report = run(drawn, cloth, "shorts").report
    whole = time.perf_counter() - began
    assert 0.7 * whole < sum(report.stages.values()) <= whole


@pytest.mark.parametrize("after", [1, 2, 5, len(STAGES)])
def test_cancelling_stops_at_once(garment_drawing: Callable, after: int) -> None:
    asked: list[None] = []

    def stop() -> None:
        asked.append(None)
        if len(asked) == after:
            raise Cancelled("the caller went away")

    with pytest.raises(Cancelled, match="went away"):
        run(draw_mannequin(), garment_drawing("shorts"), "shorts", checkpoint=stop)
    assert len(asked) == after


def test_an_engine_serves_again_after_a_cancelled_call(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing("shorts")
    engine = engine_of(MannequinNets(drawn, cloth))

    def stop() -> None:
        raise Cancelled("no")

    with pytest.raises(Cancelled):
        engine.try_on(drawn.rgb, cloth.rgb, ClothesType.LOWER, checkpoint=stop)
    again = engine.try_on(drawn.rgb, cloth.rgb, ClothesType.LOWER)
    assert (again.image == run(drawn, cloth, "shorts").image).all()


def test_a_garment_is_understood_once_for_many_persons(
    garment_drawing: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing("short")
    asked: list[ClothesType] = []
    known = module.analyse_garment

    def noting(rgb: np.ndarray, clothes_type: ClothesType, nets: object, marks: dict) -> Garment:
        asked.append(clothes_type)
        return known(rgb, clothes_type, nets, marks)

    monkeypatch.setattr(module, "analyse_garment", noting)
    engine = engine_of(MannequinNets(drawn, cloth)).using(AnalysisCache(2**30, 60.0).of("account-1"))
    first, again = (engine.try_on(drawn.rgb, cloth.rgb, ClothesType.UPPER) for _ in range(2))
    assert (first.image == again.image).all()
    assert asked == [ClothesType.UPPER]


def test_reading_apart_gives_what_a_try_on_uses(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing("short")
    analyses = AnalysisCache(2**30, 60.0).of("account-1")
    engine = engine_of(MannequinNets(drawn, cloth)).using(analyses)
    _, scene = engine.inspect(drawn.rgb, cloth.rgb, ClothesType.UPPER)
    assert engine.read_garment(cloth.rgb, ClothesType.UPPER) is scene.garment
    assert engine.read_person(drawn.rgb) is scene.person
    assert analyses.used == [("person", "miss"), ("garment", "miss"), ("garment", "hit"), ("person", "hit")]


def test_an_engine_by_itself_keeps_nobody(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing("short")
    engine = engine_of(MannequinNets(drawn, cloth))
    assert engine.read_person(drawn.rgb) is not engine.read_person(drawn.rgb)


@pytest.mark.parametrize("kind", ["short", "trousers"])
def test_from_memory_comes_the_same_picture_bit_for_bit(garment_drawing: Callable, kind: str) -> None:
    drawn, cloth = draw_mannequin(Look(textured=True)), garment_drawing(kind)
    drawn.rgb = np.clip(drawn.rgb + np.random.default_rng(1).normal(0, 4, drawn.rgb.shape), 0, 255).astype(np.uint8)
    cold = engine_of(MannequinNets(drawn, cloth))
    cache = AnalysisCache(2**30, 60.0)
    warm = cold.using(cache.of("account-1"))
    for seed, length in ((1, 1.0), (2, 1.2)):
        options = TryOnOptions(seed=seed, length=length)
        one, other = (each.try_on(drawn.rgb, cloth.rgb, TYPES[kind], options) for each in (cold, warm))
        assert (one.image == other.image).all()
        assert (one.report.mask == other.report.mask).all()
        assert (one.report.signals, one.report.warnings) == (other.report.signals, other.report.warnings)
        assert list(one.report.stages) == list(other.report.stages)
    assert (cache.counts.hits, cache.counts.misses) == (2, 2)
    assert drawn.rgb.flags.writeable, "the caller's own photo is not locked"


def test_marks_and_type_of_clothes_are_another_garment(garment_drawing: Callable) -> None:
    cloth = garment_drawing("short")
    analyses = AnalysisCache(2**30, 60.0).of("account-1")
    engine = engine_of(MannequinNets(draw_mannequin(), cloth)).using(analyses)
    one, other = {"neck_front": (0.5, 0.2)}, {"neck_front": (0.5, 0.25)}
    found = [engine.read_garment(cloth.rgb, ClothesType.UPPER, marks) for marks in (None, one, other, {}, dict(one))]
    assert [outcome for _, outcome in analyses.used] == ["miss", "miss", "miss", "hit", "hit"]
    assert found[0] is found[3] is not found[1] is found[4] is not found[2]
    engine.read_garment(cloth.rgb, ClothesType.DRESS)
    assert analyses.used[-1] == ("garment", "miss")


def test_kind_and_wearer_of_a_garment_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, asked = np.zeros((80, 60, 3), np.uint8), []

    def noting(*given: object) -> object:
        asked.append(given)
        return object()

    monkeypatch.setattr(module, "recognise", noting)
    monkeypatch.setattr(module, "cut_from_wearer", noting)
    engine = engine_of(object()).using(AnalysisCache(2**20, 60.0).of("account-1"))
    found = [(engine.recognise(photo), *(engine.from_wearer(photo, kind) for kind in ClothesType)) for _ in range(2)]
    assert found[0] == found[1]
    assert len(set(found[0])) == len(asked) == 1 + len(ClothesType)


def test_a_stopped_job_leaves_nothing_half_made(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing("short")
    cache = AnalysisCache(2**30, 60.0)
    nets = MannequinNets(drawn, cloth)
    engine = engine_of(nets).using(cache.of("account-1"))

    def stop() -> None:
        raise Cancelled("nobody waits")

    with pytest.raises(Cancelled):
        engine.try_on(drawn.rgb, cloth.rgb, ClothesType.UPPER, checkpoint=stop)
    assert cache.counts.entries == 1, "the person was understood whole before the job was stopped"
    nets.pose = lambda rgb: stop()
    with pytest.raises(Cancelled):
        engine.read_person(np.ascontiguousarray(drawn.rgb[:, ::-1]))
    assert cache.counts.entries == 1


@pytest.mark.parametrize("kind", ["short", "dress"])
def test_nobody_seen_is_no_person(garment_drawing: Callable, kind: str) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing(kind)
    engine = engine_of(MannequinNets(drawn, cloth, sees=False))
    with pytest.raises(NoPersonFound):
        engine.try_on(drawn.rgb, cloth.rgb, TYPES[kind])


@pytest.mark.parametrize("kind", ["short", "shorts", "dress"])
@pytest.mark.parametrize("sees", [True, False])
def test_a_wall_is_no_person(garment_drawing: Callable, kind: str, sees: bool) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing(kind)
    drawn.rgb[:] = np.random.default_rng(1).integers(200, 206, drawn.rgb.shape)
    drawn.cloth[:], drawn.selfie[:] = 0, 0
    with pytest.raises(NoPersonFound):
        engine_of(MannequinNets(drawn, cloth, sees=sees)).try_on(drawn.rgb, cloth.rgb, TYPES[kind])


@pytest.mark.parametrize("kind", ["trousers", "shorts", "skirt"])
def test_a_photo_from_the_waist_down_is_dressed_without_a_pose(garment_drawing: Callable, kind: str) -> None:
    whole, cloth = draw_mannequin(Look(width=480, height=800)), garment_drawing(kind)
    first = round(whole.origin[1] + 1.35 * whole.sw)
    pictures = (np.ascontiguousarray(a[first:]) for a in (whole.rgb, whole.cloth, whole.selfie))
    drawn = Mannequin(*pictures, whole.points, whole.sw, whole.origin - (0, first))
    result = engine_of(MannequinNets(drawn, cloth, sees=False)).try_on(drawn.rgb, cloth.rgb, ClothesType.LOWER)
    check(drawn, result)
    u, v = drawn.uv()
    hips = (np.abs(u) < 0.3) & (v > 1.75) & (v < 2.0)
    assert (result.report.mask[hips] > 0.9).mean() > 0.9


def test_a_pose_without_clothes_is_no_person(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing("short")
    drawn.cloth[:] = 0
    with pytest.raises(NoPersonFound):
        run(drawn, cloth, "short")


def test_an_empty_garment_photo_is_no_garment(empty: object) -> None:
    nets = MannequinNets(draw_mannequin(), empty)
    with pytest.raises(NoGarmentFound):
        engine_of(nets).try_on(nets.mannequin.rgb, empty.rgb, ClothesType.UPPER)


def test_a_garment_of_the_wrong_kind_is_refused(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(), garment_drawing("trousers")
    with pytest.raises(NoGarmentFound):
        engine_of(MannequinNets(drawn, cloth)).try_on(drawn.rgb, cloth.rgb, ClothesType.UPPER)


def test_a_missing_weight_is_told_when_loading(tmp_path: Path) -> None:
    def locate(name: str) -> Path:
        raise MissingWeight(f"{name}: fittingroom models pull")

    engine = DrapeEngine(locate)
    with pytest.raises(MissingWeight, match="models pull"):
        engine.load()
    with pytest.raises(MissingWeight):
        engine.try_on(np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64, 3), np.uint8), ClothesType.UPPER)


def test_loading_twice_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr("fittingroom.engines.drape.engine.Nets", lambda *a: made.append(a) or object())
    engine = DrapeEngine(threads=3)
    engine.load()
    engine.load()
    assert len(made) == 1
    assert made[0][1] == 3


def test_it_is_an_engine() -> None:
    assert isinstance(DrapeEngine(), Engine)


@pytest.mark.parametrize("kind", ["none", "short", "dress"])
def test_a_photo_that_stops_at_the_waist_is_dressed_down_to_its_border(garment_drawing: Callable, kind: str) -> None:
    drawn = cropped(draw_mannequin(Look(sleeves="long")), 1.45)
    result = run(drawn, garment_drawing(kind), kind)
    check(drawn, result)
    assert (result.report.mask > 0).mean() > 0.05


@pytest.mark.parametrize("kind", ["shorts", "skirt"])
def test_a_lower_garment_on_a_photo_without_hips_is_refused(garment_drawing: Callable, kind: str) -> None:
    drawn = cropped(draw_mannequin(Look()), 1.3)
    with pytest.raises(NoPersonFound, match="lower half"):
        run(drawn, garment_drawing(kind), kind)


def test_a_person_upside_down_is_refused(garment_drawing: Callable) -> None:
    drawn = draw_mannequin(Look())
    height = drawn.rgb.shape[0]
    points = drawn.points * (1, -1) + (0, height - 1)
    flipped = replace(
        drawn, rgb=drawn.rgb[::-1].copy(), cloth=drawn.cloth[::-1], selfie=drawn.selfie[::-1], points=points
    )
    with pytest.raises(NoPersonFound, match="upright"):
        run(flipped, garment_drawing("short"), "short")


def cropped(drawn: Mannequin, v: float) -> Mannequin:
    """The photo cut off v shoulder widths below the shoulders."""
    rows = int(np.argmax(drawn.uv()[1][:, drawn.rgb.shape[1] // 2] > v))
    return replace(drawn, rgb=drawn.rgb[:rows].copy(), cloth=drawn.cloth[:rows], selfie=drawn.selfie[:rows])


def test_an_evaluation_sees_what_the_picture_was_composed_of(garment_drawing: Callable) -> None:
    drawn, cloth = draw_mannequin(Look(sleeves="long")), garment_drawing("short")
    engine = DrapeEngine(nets=MannequinNets(drawn, cloth))  # type: ignore[arg-type]
    result, scene = engine.inspect(drawn.rgb, cloth.rgb, ClothesType.UPPER)
    assert (result.image == engine.try_on(drawn.rgb, cloth.rgb, ClothesType.UPPER).image).all()
    assert {layer.kind for layer in scene.layers} == set(Kind)
    touched = np.max([layer.alpha for layer in scene.layers], axis=0) > VISIBLE
    assert (touched == (result.report.mask > 0)).all()
    read = {f"garment_{name}": value for name, value in scene.garment.signals.items()}
    assert read
    assert read.items() <= result.report.signals.items()
