import time
from pathlib import Path

import pytest

from fittingroom.engines import device_probe as module
from fittingroom.engines.device_probe import Device, has_signs, probe

HERE = (__file__,)
"""A sign that exists."""


def test_a_machine_without_a_card_pays_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module.subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    started = time.perf_counter()
    assert probe(signs=("/nowhere",)) == "this machine has no CUDA device"
    assert time.perf_counter() - started < 0.5


def test_nvidia_smi_on_the_path_is_a_sign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not has_signs(())
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    assert has_signs(())
    assert has_signs(HERE)


def test_what_the_child_says_of_a_device_is_taken() -> None:
    ask = "import json, sys; print(json.dumps({'name': 'card ' + sys.argv[1], 'free': 7, 'total': 9}))"
    assert probe(2, HERE, ask) == Device("card 2", 7, 9)


def test_a_child_that_finds_none_says_why() -> None:
    assert probe(0, HERE, 'print(\'{"why": "none"}\')') == "none"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ("import no_such_runtime", "ModuleNotFoundError: No module named 'no_such_runtime'"),
        ("import os; os._exit(7)", "exit code 7"),
    ],
)
def test_a_child_that_fails_is_no_device(ask: str, said: str) -> None:
    assert probe(0, HERE, ask) == f"PyTorch cannot look for a device ({said})"


def test_a_child_that_hangs_is_no_device() -> None:
    assert probe(0, HERE, "import time; time.sleep(60)", 0.2) == "PyTorch did not say within 0.2 s what device there is"


def test_a_module_in_the_present_folder_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch_of_somebody.py").write_text("print('{}')")
    monkeypatch.chdir(tmp_path)
    assert "No module named 'torch_of_somebody'" in str(probe(0, HERE, "import torch_of_somebody"))


@pytest.mark.neural
def test_the_question_that_is_asked_is_one_that_pytorch_answers() -> None:
    torch = pytest.importorskip("torch")
    found = probe(0, HERE)
    if torch.cuda.is_available():
        assert isinstance(found, Device)
    else:
        assert found == f"PyTorch {torch.__version__} finds 0 CUDA devices"
