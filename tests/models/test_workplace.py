"""The folder of weights while it is written to."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest

from fittingroom.models import PullFailed
from fittingroom.models.report import Silent
from fittingroom.models.workplace import workplace


def test_makes_the_folder(tmp_path: Path, recorder) -> None:
    with workplace(tmp_path / "a" / "b", recorder):
        assert (tmp_path / "a" / "b").is_dir()
    assert recorder.lines == []


def test_removes_what_a_killed_pull_left_but_keeps_downloads(tmp_path: Path, recorder) -> None:
    (tmp_path / ".pull-x" / "deep").mkdir(parents=True)
    (tmp_path / "w.onnx.part").write_bytes(b"1")
    with workplace(tmp_path, recorder):
        assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "w.onnx.part"]


def test_a_second_writer_waits_and_says_so(tmp_path: Path, recorder) -> None:
    order: list[str] = []
    asked = threading.Event()

    def say(text: str) -> None:
        recorder.lines.append(text)
        asked.set()

    second_report = Silent()
    second_report.say = say  # type: ignore[method-assign]

    def second() -> None:
        with workplace(tmp_path, second_report):
            order.append("second")

    with workplace(tmp_path, recorder):
        thread = threading.Thread(target=second)
        thread.start()
        assert asked.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert "Another pull" in recorder.lines[0]


@pytest.mark.parametrize(("code", "advice"), [(errno.ENOSPC, "Free some space"), (errno.EACCES, "right to write")])
def test_what_the_disk_refuses_says_what_to_do(tmp_path: Path, recorder, code: int, advice: str) -> None:
    with (
        pytest.raises(PullFailed, match=rf"{tmp_path}.*{advice}.*FITTINGROOM_MODELS_DIR"),
        workplace(tmp_path, recorder),
    ):
        raise OSError(code, "refused")


def test_a_file_in_the_folders_place_is_told(tmp_path: Path, recorder) -> None:
    (tmp_path / "f").write_text("x")
    with pytest.raises(PullFailed, match="Cannot work in"), workplace(tmp_path / "f", recorder):
        pytest.fail("the folder cannot be there")
