"""`fittingroom call`: arguments to request, answer to file, and every way it can end."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace

import pytest
from cyclopts import App

from fittingroom.cli import call as module
from fittingroom.client import ApiClient, CallFailed, CallRefused

PERSON, GARMENT = "http://h/p.jpg", "https://h/g.png"
JPEG = b"\xff\xd8\xff the picture"


@pytest.fixture
def answered(monkeypatch):
    """Records calls; `answers` holds what the server gives: a Response or an exception."""

    good = {"ResultImage": base64.b64encode(JPEG).decode(), "RequestId": "r-1"}
    recorder = SimpleNamespace(calls=[], clients=[], answer=good, file=JPEG)

    def call(self, action, parameters, *, language):
        recorder.clients.append(self)
        recorder.calls.append((action, parameters, language))
        if isinstance(recorder.answer, Exception):
            raise recorder.answer
        return recorder.answer

    monkeypatch.setattr(ApiClient, "call", call)
    monkeypatch.setattr(ApiClient, "download", lambda self, url: recorder.file)
    for name in ("ID", "KEY"):
        monkeypatch.setenv(f"TENCENTCLOUD_SECRET_{name}", f"{name}EXAMPLE")
    return recorder


def run(*words: object) -> int:
    app = App(name="fittingroom", result_action="return_value", print_error=False)
    app.command(module.call)
    return app(["call", *map(str, words)], exit_on_error=False)


def test_the_picture_is_saved(answered, tmp_path, capsys):
    out = tmp_path / "out.jpg"
    assert run(PERSON, GARMENT, "--type", "Upper-body", "--out", out) == 0
    assert out.read_bytes() == JPEG
    assert [path.name for path in tmp_path.iterdir()] == ["out.jpg"]
    assert f"{out}: {len(JPEG)} bytes, RequestId r-1" in capsys.readouterr().out
    asked = {"ModelUrl": PERSON, "ClothesUrl": GARMENT, "ClothesType": "Upper-body", "RspImgType": "base64"}
    assert answered.calls == [("ChangeClothes", asked, "en-US")]


def test_a_result_by_url_is_downloaded_and_printed(answered, tmp_path, capsys):
    answered.answer = {"ResultImage": "http://h/results/a?q=1", "RequestId": "r-2"}
    out = tmp_path / "out.jpg"
    assert run(PERSON, GARMENT, "--type", "Dress", "-o", out, "--rsp", "url", "--language", "zh-CN") == 0
    assert out.read_bytes() == JPEG
    assert capsys.readouterr().out.splitlines()[0] == "http://h/results/a?q=1"
    assert answered.calls[0][1]["RspImgType"] == "url"
    assert answered.calls[0][2] == "zh-CN"


def test_the_mark_is_passed_on(answered, tmp_path):
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"logo")
    mark = ["--logo-add", 0, "--logo-url", "http://h/l.png", "--logo-image", logo, "--logo-rect", "1,-2,3,4"]
    assert run(PERSON, GARMENT, "--type", "Dress", "-o", tmp_path / "o", *mark) == 0
    sent = answered.calls[0][1]
    assert sent["LogoAdd"] == 0
    assert sent["LogoParam"] == {
        "LogoUrl": "http://h/l.png",
        "LogoImage": base64.b64encode(b"logo").decode(),
        "LogoRect": {"X": 1, "Y": -2, "Width": 3, "Height": 4},
    }


def test_flags_win_over_the_environment(answered, tmp_path, monkeypatch):
    monkeypatch.setenv("FITTINGROOM_ENDPOINT", "http://env:1")
    run(PERSON, GARMENT, "--type", "Dress", "-o", tmp_path / "o", "--endpoint", "http://flag:2", "--secret-id", "F")
    assert answered.clients[0]._base.netloc == "flag:2"
    assert answered.clients[0]._credential.secret_id == "F"
    assert answered.clients[0]._credential.secret_key == "KEYEXAMPLE"
    run(PERSON, GARMENT, "--type", "Dress", "-o", tmp_path / "o")
    assert answered.clients[1]._base.netloc == "env:1"


def test_a_refusal_is_told_with_its_id_and_leaves_no_file(answered, tmp_path, capsys):
    answered.answer = CallRefused("FailedOperation.ImageDownloadError", "Cannot download.", "r-3")
    assert run(PERSON, GARMENT, "--type", "Dress", "-o", tmp_path / "o") == 1
    assert capsys.readouterr().err == "FailedOperation.ImageDownloadError: Cannot download.\nRequestId: r-3\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (CallFailed("cannot talk to h"), "cannot talk to h"),
        ({"ResultImage": "???", "RequestId": "r"}, "not base64"),
        ({"ResultImage": base64.b64encode(b"<html>").decode(), "RequestId": "r"}, "neither a JPEG nor a PNG"),
        ({"ResultImage": None, "RequestId": "r"}, "neither a JPEG nor a PNG"),
    ],
)
def test_anything_but_a_picture_is_a_failure(answered, tmp_path, capsys, answer, text):
    answered.answer = answer
    assert run(PERSON, GARMENT, "--type", "Dress", "-o", tmp_path / "o") == 1
    assert text in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written(answered, tmp_path, capsys):
    assert run(PERSON, GARMENT, "--type", "Dress", "-o", tmp_path / "missing" / "o.jpg") == 1
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((json.dumps("p.jpg"), GARMENT), "PERSON must be an http or https URL"),
        ((PERSON, "/tmp/g.jpg"), "GARMENT must be an http or https URL"),
        ((PERSON, GARMENT, "--logo-url", "logo.png"), "--logo-url must be an http or https URL"),
        ((PERSON, GARMENT, "--logo-rect", "1,2,3,4"), "needs --logo-url or --logo-image"),
        ((PERSON, GARMENT, "--logo-url", "http://h/", "--logo-rect", "1,2,3"), "four whole numbers"),
        ((PERSON, GARMENT, "--endpoint", "127.0.0.1:8000"), "endpoint must look like"),
        ((PERSON, GARMENT, "--secret-key", ""), "a key is needed"),
    ],
)
def test_arguments_that_cannot_make_a_request(answered, tmp_path, capsys, words, text):
    assert run(*words, "--type", "Dress", "-o", tmp_path / "o") == 2
    assert text in capsys.readouterr().err
    assert not answered.calls


def test_a_local_path_is_told_the_ways_out(answered, tmp_path, capsys):
    run("person.jpg", GARMENT, "--type", "Dress", "-o", tmp_path / "o")
    message = capsys.readouterr().err
    assert "fittingroom try" in message
    assert "--allow-net" in message
