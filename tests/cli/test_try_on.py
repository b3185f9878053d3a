"""`fittingroom try` around an engine that paints a rectangle, named as a user's own engine would be."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fittingroom.cli.main import app
from fittingroom.images.label import read_label

ENGINE = """
from dataclasses import replace
import numpy as np
from fittingroom.engines.protocol import NoPersonFound, TryOnOptions, TryOnReport, TryOnResult
from fittingroom.models import weight_path


class Painter:
    name = "painter"

    def load(self):
        pass

    def try_on(self, person, garment, clothes_type, options=TryOnOptions(), checkpoint=lambda: None):
        if person.max() == 0:
            raise NoPersonFound("a black picture shows nobody")
        mask = np.zeros(person.shape[:2], np.float32)
        mask[10:20, 30:60] = 1
        image = np.where(mask[..., None] > 0, garment[0, 0], person)
        return TryOnResult(image, TryOnReport(self.name, mask, {"paint": 0.5}, 0.75, ("it is only paint",)))


class Repeater(Painter):
    def try_on(self, person, garment, clothes_type, options=TryOnOptions(), checkpoint=lambda: None):
        done = super().try_on(person, garment, clothes_type, options, checkpoint)
        return replace(done, report=replace(done.report, warnings=(f"{options.fit} {options.tuck}",)))


class Buggy(Painter):
    def try_on(self, person, garment, clothes_type, options=TryOnOptions(), checkpoint=lambda: None):
        raise ValueError("operands could not be broadcast together")


class Weighty(Painter):
    def load(self):
        weight_path("u2net_cloth_seg")
"""


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with person.png (300x400), garment.png, black.png and the module `painting`; no weights anywhere."""
    (tmp_path / "painting.py").write_text(ENGINE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path / "no-models"))
    rng = np.random.default_rng(1)
    for name, shape in (("person", (400, 300, 3)), ("garment", (200, 100, 3))):
        Image.fromarray(rng.integers(1, 256, shape, np.uint8)).save(tmp_path / f"{name}.png")
    Image.new("RGB", (300, 400)).save(tmp_path / "black.png")
    return tmp_path


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        app(["try", *map(str, words)])
    return int(ended.value.code or 0)


def dress(
    photos: Path, *words: str | Path, person: str = "person.png", out: str = "out.png", engine: str = "Painter"
) -> int:
    return run(
        *(photos / person, photos / "garment.png", "--type", "Upper-body", "--out", photos / out),
        *(("--engine", f"painting:{engine}") if engine else ()),
        *words,
    )


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_writes_the_result_in_the_persons_size(photos: Path, capsys) -> None:
    assert dress(photos, "--no-logo") == 0
    result, person = pixels(photos / "out.png"), pixels(photos / "person.png")
    changed = (result != person).any(-1)
    assert result.shape == (400, 300, 3)
    assert changed[10:20, 30:60].all()
    assert changed.sum() == 300
    said = capsys.readouterr()
    assert said.err == "warning: it is only paint\n"
    assert "300x400 px, Upper-body, painter, confidence 0.75" in said.out


def test_marks_and_labels_unless_told_otherwise(photos: Path) -> None:
    assert dress(photos) == 0
    assert dress(photos, "--no-logo", out="bare.png") == 0
    assert dress(photos, "--language", "zh-CN", out="zh.png") == 0
    marked, bare, chinese = (pixels(photos / name) for name in ("out.png", "bare.png", "zh.png"))
    assert (marked != bare).any()
    assert (marked != chinese).any()
    for name in ("out.png", "bare.png"):
        assert "painter" in read_label((photos / name).read_bytes())["EXIF:Software"]


def test_a_senseless_option_costs_nothing(photos: Path, capsys) -> None:
    assert dress(photos, "--length", "3") == 1
    assert capsys.readouterr().err == "length must be 0.7 to 1.4, not 3\n"
    assert not (photos / "out.png").exists()


def test_the_options_reach_the_engine(photos: Path) -> None:
    report = photos / "r.json"
    assert dress(photos, "--tuck", "in", "--fit", "slim", "--report", report, engine="Repeater") == 0
    assert json.loads(report.read_text())["warnings"] == ["slim in"]


def test_writes_a_report(photos: Path) -> None:
    assert dress(photos, "--report", photos / "r.json") == 0
    report = json.loads((photos / "r.json").read_text())
    assert report.pop("seconds") > 0
    assert report == {
        "engine": "painter",
        "clothes_type": "Upper-body",
        "garments": [],
        "width": 300,
        "height": 400,
        "confidence": 0.75,
        "warnings": ["it is only paint"],
        "signals": {},
        "changed_share": 0.0025,
        "changed_box": [30, 10, 60, 20],
        "stages": {"paint": 0.5},
    }


@pytest.mark.parametrize("name", ["s.jpg", "s.png"])
def test_draws_a_sheet(photos: Path, name: str) -> None:
    assert dress(photos, "--sheet", photos / name) == 0
    with Image.open(photos / name) as sheet:
        width, height = sheet.size
    assert width > 300 + 100 + 300
    assert height > 400


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--report", "no/such/r.json"], "the folder no/such does not exist"),
        (["--sheet", "s.webp"], "s.webp: results are written as .jpg, .jpeg, .png"),
        (["--allow-net", "here"], "fetch.allow_net"),
    ],
)
def test_refuses_wrong_targets_before_the_work(photos: Path, capsys, words: list[str], said: str) -> None:
    assert dress(photos, *words) == 1
    assert said in capsys.readouterr().err
    assert not (photos / "out.png").exists()


def test_refuses_to_write_one_file_twice(photos: Path, capsys) -> None:
    assert dress(photos, "--sheet", photos / "out.png") == 1
    assert "different files" in capsys.readouterr().err


def test_refuses_another_ending(photos: Path, capsys) -> None:
    assert dress(photos, out="out.gif") == 1
    assert "out.gif: results are written as" in capsys.readouterr().err


def test_nobody_in_the_photo(photos: Path, capsys) -> None:
    assert dress(photos, person="black.png") == 1
    assert capsys.readouterr().err == "a black picture shows nobody\n"
    assert not (photos / "out.png").exists()


@pytest.mark.parametrize(("person", "said"), [("absent.png", "absent.png"), ("painting.py", "PERSON")])
def test_a_person_that_is_no_picture(photos: Path, capsys, person: str, said: str) -> None:
    assert dress(photos, person=person) == 1
    assert said in capsys.readouterr().err


def test_a_fault_of_an_engine_is_not_taken_for_a_wrong_argument(photos: Path) -> None:
    with pytest.raises(ValueError, match="could not be broadcast"):
        dress(photos, engine="Buggy")
    assert not (photos / "out.png").exists()


def test_missing_weights_name_the_command(photos: Path, capsys) -> None:
    assert dress(photos, engine="Weighty") == 1
    assert "fittingroom models pull u2net_cloth_seg" in capsys.readouterr().err


def test_an_unknown_engine(photos: Path, capsys) -> None:
    assert (
        run(
            photos / "person.png",
            photos / "garment.png",
            "--type",
            "Dress",
            "--out",
            photos / "o.png",
            "--engine",
            "silk",
        )
        == 1
    )
    assert "no engine named 'silk'" in capsys.readouterr().err


def test_an_unknown_type_is_a_usage_error(photos: Path, capsys) -> None:
    assert run(photos / "person.png", photos / "garment.png", "--type", "Hat", "--out", photos / "o.png") != 0
    assert "Upper-body" in capsys.readouterr().err


@pytest.fixture
def site(photos: Path) -> Iterator[str]:
    """The photos by http on 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = (photos / self.path.strip("/")).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_takes_urls(photos: Path, site: str) -> None:
    words = (f"{site}/person.png", f"{site}/garment.png", "--type", "Dress", "--out", photos / "o.png", "--no-logo")
    assert run(*words, "--engine", "painting:Painter", "--allow-net", "127.0.0.1/32") == 0
    assert dress(photos, "--no-logo") == 0
    assert (pixels(photos / "o.png") == pixels(photos / "out.png")).all()


def test_private_addresses_are_guarded_here_too(photos: Path, site: str, capsys) -> None:
    words = (f"{site}/person.png", photos / "garment.png", "--type", "Dress", "--out", photos / "o.png")
    assert run(*words, "--engine", "painting:Painter") == 1
    said = capsys.readouterr().err
    assert "PERSON" in said
    assert "127.0.0.1" not in said


def test_a_jpeg_result_is_a_jpeg(photos: Path) -> None:
    assert dress(photos, out="o.jpg") == 0
    assert Image.open(io.BytesIO((photos / "o.jpg").read_bytes())).format == "JPEG"


def test_the_settings_of_review_count(photos: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_MODERATION__MAX_INPUT_SCORE", "1e-9")
    assert dress(photos) == 1
    assert "`person` failed the review" in capsys.readouterr().err
    assert not (photos / "out.png").exists()
    monkeypatch.setenv("FITTINGROOM_MODERATION__ENABLED", "false")
    assert dress(photos) == 0


def seeing(photos: Path) -> Path:
    """`sighted.Seeing` takes wide pictures for lower garments, all others for tops, and knows no wearers."""
    (photos / "sighted.py").write_text(
        """
from dataclasses import replace
from painting import Painter
from fittingroom.engines.protocol import ClothesType, CutFromWearer, Recognised, TryOnOptions


class Seeing(Painter):
    def try_on(self, person, garment, clothes_type, options=TryOnOptions(), checkpoint=lambda: None):
        done = super().try_on(person, garment, clothes_type, options, checkpoint)
        said = f"{clothes_type} {options.fit} {options.over}"
        return replace(done, report=replace(done.report, warnings=(said,)))

    def recognise(self, photo):
        lower = photo.shape[1] > photo.shape[0]
        return Recognised({kind: float(kind is list(ClothesType)[lower]) for kind in ClothesType}, False)

    def from_wearer(self, photo, clothes_type):
        return CutFromWearer(photo, 0.0, ("cut out",))
"""
    )
    Image.new("RGB", (200, 100), (9, 9, 200)).save(photos / "wide.png")
    return photos / "wide.png"


def test_several_garments(photos: Path) -> None:
    wide, report, sheet = seeing(photos), photos / "r.json", photos / "s.png"
    words = ("--garment", f"auto={wide}", "--garment", f"Outer={photos / 'garment.png'}", "--fit", "slim")
    assert dress(photos, *words, "--report", report, "--sheet", sheet, "--engine", "sighted:Seeing", engine="") == 0
    told = json.loads(report.read_text())
    assert [one["kind"] for one in told["garments"]] == ["Upper-body", "Lower-body", "Outer"]
    assert told["warnings"] == ["Lower-body regular False", "Upper-body slim False", "Upper-body regular True"]
    assert told["confidence"] == pytest.approx(0.75**3, abs=1e-3)
    assert pixels(sheet).shape[1] > 3 * 300 - 100


def test_a_type_that_is_looked_up_and_a_wearer(photos: Path, capsys) -> None:
    wide = seeing(photos)
    words = (photos / "person.png", wide, "--out", photos / "out.png", "--engine", "sighted:Seeing")
    assert run(*words, "--type", "auto", "--worn", "yes") == 0
    said = capsys.readouterr()
    assert "warning: cut out" in said.err
    assert "Lower-body, painter, confidence 0.60" in said.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--garment", "hat=x.png"), "--garment is TYPE=FILE with TYPE one of upper-body, lower-body,"),
        (("--garment", "x.png"), "not 'x.png'"),
        (("--garment", "upper-body=GARMENT"), "garments 1 (Upper-body) and 2 (Upper-body) cannot be worn together"),
        (("--garment", "auto=GARMENT"), "cannot tell the type of a garment"),
    ],
)  # fmt: skip
def test_outfits_that_cannot_be(photos: Path, words, told, capsys) -> None:
    words = [word.replace("GARMENT", str(photos / "garment.png")) for word in words]
    assert dress(photos, *words) == 1
    assert told in capsys.readouterr().err
    assert not (photos / "out.png").exists()


def test_the_engine_that_auto_stands_for_is_told_with_its_reason(photos: Path, capsys) -> None:
    """No weights are here, so the choice is told and then fails as the engine by name would."""
    files = (photos / "person.png", photos / "garment.png")
    assert run(*files, "--type", "Upper-body", "--out", photos / "o.png", "--engine", "auto") == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("engine drape: it needs no card; fashn: ")
    assert first.endswith("; qwen-edit is taken only by name")
    assert "fittingroom models pull" in second
    assert dress(photos) == 0
    assert "engine " not in capsys.readouterr().err


def test_the_setting_decides_where_no_flag_does(photos: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("FITTINGROOM_ENGINE__NAME", "painting:Painter")
    files = (photos / "person.png", photos / "garment.png")
    assert run(*files, "--type", "Upper-body", "--out", photos / "o.png") == 0
    assert ", painter, " in capsys.readouterr().out
