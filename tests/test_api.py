"""The Python API around an engine that paints a rectangle: inputs of all kinds, results, files, threads."""

from __future__ import annotations

import copy
import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fittingroom import api as api_module
from fittingroom.api import Fitting, FittingRoom, format_of, read_picture
from fittingroom.engines.analysis import NOTHING_KEPT, Analyses
from fittingroom.engines.protocol import (
    ClothesType,
    Mask,
    NoPersonFound,
    RgbImage,
    TryOnOptions,
    TryOnReport,
    TryOnResult,
)
from fittingroom.engines.registry import RegistryError
from fittingroom.errors import ApiError
from fittingroom.images.label import read_label
from fittingroom.models import MissingWeight
from fittingroom.setting_neural import NeuralSettings
from fittingroom.settings import ModerationSettings


class Painter:
    """Paints the garment's mean colour into the middle of the person."""

    name = "painter"

    def __init__(self) -> None:
        self.loads = 0
        self.seen: list[tuple[RgbImage, RgbImage, ClothesType, TryOnOptions]] = []
        self.running = 0
        self.most_running = 0

    def load(self) -> None:
        self.loads += 1

    def try_on(self, person, garment, clothes_type, options, checkpoint=lambda: None) -> TryOnResult:
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        self.seen.append((person, garment, clothes_type, options))
        height, width = person.shape[:2]
        mask: Mask = np.zeros((height, width), np.float32)
        mask[height // 4 : height // 2, width // 4 : width // 2] = 1
        image = np.where(mask[..., None] > 0, garment.mean((0, 1)).astype(np.uint8), person)
        self.running -= 1
        return TryOnResult(image, TryOnReport(self.name, mask, {"paint": 0.1}, 0.9, ("it is only paint",)))


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def room(painter: Painter) -> FittingRoom:
    return FittingRoom(painter)


def noise(width: int, height: int, seed: int = 1) -> RgbImage:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


PERSON, GARMENT = noise(120, 160), noise(80, 90, 2)


def png(array: RgbImage) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def test_arrays_in_a_fitting_out(room: FittingRoom, painter: Painter) -> None:
    fitting = room.try_on(PERSON, GARMENT, "Upper-body")
    assert fitting.array.shape == PERSON.shape
    assert (fitting.array[fitting.report.mask == 0] == PERSON[fitting.report.mask == 0]).all()
    assert (fitting.array != PERSON).any()
    assert (fitting.report.engine, fitting.report.confidence) == ("painter", 0.9)
    assert painter.seen[0][2] is ClothesType.UPPER
    assert painter.seen[0][3] == TryOnOptions()


def test_the_picture_is_a_pil_picture_too(room: FittingRoom) -> None:
    fitting = room.try_on(PERSON, GARMENT, ClothesType.DRESS)
    assert isinstance(fitting.image, Image.Image)
    assert (np.asarray(fitting.image) == fitting.array).all()


@pytest.mark.parametrize("kind", ["path", "string", "bytes", "pil", "array"])
def test_every_kind_of_input_means_the_same_pixels(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "p.png"
    file.write_bytes(png(PERSON))
    source = {
        "path": file,
        "string": str(file),
        "bytes": png(PERSON),
        "pil": Image.fromarray(PERSON),
        "array": PERSON,
    }[kind]
    assert (read_picture(source, "person") == PERSON).all()


def test_an_array_is_copied_not_shared() -> None:
    assert not np.shares_memory(read_picture(PERSON, "person"), PERSON)


def test_a_pil_picture_is_turned_and_laid_on_white() -> None:
    image = Image.fromarray(PERSON).convert("RGBA")
    image.putalpha(0)
    exif = image.getexif()
    exif[0x0112] = 6
    image.info["exif"] = exif.tobytes()
    turned = Image.open(io.BytesIO(_saved(image, exif)))
    array = read_picture(turned, "person")
    assert array.shape == (PERSON.shape[1], PERSON.shape[0], 3)
    assert (array == 255).all()


def _saved(image: Image.Image, exif: Image.Exif) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=exif)
    return buffer.getvalue()


def test_options_reach_the_engine(room: FittingRoom, painter: Painter) -> None:
    room.try_on(PERSON, GARMENT, "Dress", TryOnOptions(seed=7))
    assert painter.seen[0][3] == TryOnOptions(seed=7)


def test_the_engine_is_loaded_once(room: FittingRoom, painter: Painter) -> None:
    room.load()
    room.try_on(PERSON, GARMENT, "Dress")
    room.try_on(PERSON, GARMENT, "Dress")
    assert painter.loads == 1


def test_nothing_is_loaded_before_it_is_needed(painter: Painter) -> None:
    FittingRoom(painter)
    assert painter.loads == 0


def test_a_failed_load_is_tried_again(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingWeight("fittingroom models pull x")

    room = FittingRoom(painter)
    monkeypatch.setattr(painter, "load", missing)
    for _ in range(2):
        with pytest.raises(MissingWeight, match="models pull"):
            room.try_on(PERSON, GARMENT, "Dress")
    monkeypatch.undo()
    room.try_on(PERSON, GARMENT, "Dress")
    assert painter.loads == 1


class Rememberer(Painter):
    """Looks closely at each person once, where it is given something to remember by."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[RgbImage] = []
        self.analyses = NOTHING_KEPT

    def using(self, analyses: Analyses) -> Rememberer:
        other = copy.copy(self)
        other.analyses = analyses
        return other

    def try_on(self, person, garment, clothes_type, options, checkpoint=lambda: None) -> TryOnResult:
        self.analyses.get("person", person, self.name, lambda: self.looks.append(person) or person.copy())
        return super().try_on(person, garment, clothes_type, options, checkpoint)


@pytest.mark.parametrize(("cache_mb", "looks"), [(256, 1), (0, 2)])
def test_a_person_is_looked_at_once_unless_nothing_may_be_kept(cache_mb: int, looks: int) -> None:
    engine = Rememberer()
    room = FittingRoom(engine, review=None, cache_mb=cache_mb)
    first, again = (room.try_on(PERSON, GARMENT, "Dress") for _ in range(2))
    assert (first.array == again.array).all()
    assert len(engine.looks) == looks


def test_threads_take_turns(room: FittingRoom, painter: Painter) -> None:
    threads = [threading.Thread(target=room.try_on, args=(PERSON, GARMENT, "Dress")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (painter.loads, painter.most_running, len(painter.seen)) == (1, 1, 4)


@pytest.mark.parametrize(
    ("person", "error", "match"),
    [
        (np.zeros((100, 100), np.uint8), ValueError, r"person: uint8 RGB.*\(100, 100\)"),
        (np.zeros((100, 100, 4), np.uint8), ValueError, "person: uint8 RGB"),
        (np.zeros((100, 100, 3), np.float32), ValueError, "float32"),
        (noise(63, 100), ApiError, "person"),
        (12, TypeError, "person: a path"),
        (b"no picture", ApiError, "person"),
        ("/nonexistent/person.jpg", FileNotFoundError, "nonexistent"),
    ],
)
def test_refuses_what_is_no_picture(room: FittingRoom, person: object, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        room.try_on(person, GARMENT, "Dress")  # type: ignore[arg-type]


def test_names_the_garment_where_the_garment_is_wrong(room: FittingRoom) -> None:
    with pytest.raises(ValueError, match="garment: uint8"):
        room.try_on(PERSON, np.zeros((9, 9), np.uint8), "Dress")


def test_refuses_an_unknown_type_of_clothes(room: FittingRoom, painter: Painter) -> None:
    with pytest.raises(ValueError, match="'Hat'"):
        room.try_on(PERSON, GARMENT, "Hat")
    assert painter.seen == []


def test_what_the_engine_finds_wrong_passes_through(room: FittingRoom, painter: Painter, monkeypatch) -> None:
    def nobody(*args: object) -> TryOnResult:
        raise NoPersonFound("an empty street")

    monkeypatch.setattr(painter, "try_on", nobody)
    with pytest.raises(NoPersonFound, match="empty street"):
        room.try_on(PERSON, GARMENT, "Dress")


def test_an_engine_by_name() -> None:
    assert FittingRoom("drape") is not None
    with pytest.raises(RegistryError, match="no engine named 'silk'"):
        FittingRoom("silk")


@pytest.fixture
def fitting(room: FittingRoom) -> Fitting:
    return room.try_on(noise(700, 700), GARMENT, "Upper-body")


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", "JPEG"), ("a.JPEG", "JPEG"), ("a.png", "PNG")])
@pytest.mark.parametrize("mark", [True, False])
def test_saved_files_always_carry_the_label(fitting: Fitting, tmp_path: Path, name: str, kind: str, mark: bool) -> None:
    fitting.save(tmp_path / name, mark=mark)
    data = (tmp_path / name).read_bytes()
    assert Image.open(io.BytesIO(data)).format == kind
    assert "painter" in read_label(data)["EXIF:Software"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_visible_mark_is_drawn_unless_declined(fitting: Fitting, tmp_path: Path) -> None:
    fitting.save(tmp_path / "plain.png", mark=False)
    fitting.save(tmp_path / "marked.png")
    fitting.save(tmp_path / "chinese.png", language="zh-CN")
    plain, marked, chinese = (
        np.asarray(Image.open(tmp_path / f"{name}.png")) for name in ("plain", "marked", "chinese")
    )
    assert (plain == fitting.array).all()
    changed = np.argwhere((marked != plain).any(-1))
    assert changed.min(0)[0] > 600
    assert (chinese != marked).any()


def test_each_file_has_an_id_of_its_own(fitting: Fitting) -> None:
    ids = {read_label(fitting.encode())["xmpMM:DocumentID"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize("name", ["a.webp", "a", "jpg"])
def test_refuses_to_save_under_another_ending(fitting: Fitting, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"\.jpg, \.jpeg, \.png"):
        fitting.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_format_of_a_name() -> None:
    assert format_of(Path("x.PNG")) == "png"
    assert format_of(Path("a.b.jpeg")) == "jpeg"


@pytest.mark.parametrize(
    ("bound", "code"),
    [
        ("max_input_score", "OperationDenied.ImageIllegalDetected"),
        ("max_result_score", "FailedOperation.GenerateImageFailed"),
    ],
)
def test_pictures_are_reviewed_as_on_the_server(painter: Painter, bound: str, code: str) -> None:
    strict = FittingRoom(painter, review=ModerationSettings.model_validate({bound: 1e-9}))
    with pytest.raises(ApiError) as caught:
        strict.try_on(PERSON, GARMENT, "Dress")
    assert caught.value.code == code
    assert len(painter.seen) == (bound == "max_result_score")
    if not painter.seen:
        assert "`person`" in caught.value.message()


def test_review_is_on_unless_switched_off(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("fittingroom.api.load_reviewer", asked.append)
    FittingRoom(painter, review=None).try_on(PERSON, GARMENT, "Dress")
    assert asked == []
    FittingRoom(painter).try_on(PERSON, GARMENT, "Dress")
    assert asked == [ModerationSettings()]


def test_auto_is_an_engine_with_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path))
    room = FittingRoom()
    assert room.choice.engine == "drape"
    assert "qwen-edit is taken only by name" in room.choice.reason
    assert (FittingRoom("drape").choice.reason, FittingRoom(Painter()).choice.engine) == ("", Painter.name)


def test_the_choices_of_neural_engines_reach_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    class Adjustable(Painter):
        def tuned(self, settings: NeuralSettings) -> Adjustable:
            self.settings = settings
            return self

    monkeypatch.setattr(api_module.Registry, "installed", lambda: Shelf(Adjustable()))
    room = FittingRoom("any", neural=NeuralSettings(steps=9))
    assert room._engine.settings.steps == 9  # type: ignore[attr-defined]


class Shelf:
    """A registry of one engine."""

    def __init__(self, engine: Painter) -> None:
        self.engine = engine

    def create(self, name: str, neural: NeuralSettings | None) -> Painter:
        assert neural is not None
        return self.engine.tuned(neural)  # type: ignore[attr-defined]
