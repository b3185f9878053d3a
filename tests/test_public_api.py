"""What `import fittingroom` promises, no more and no less."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

import fittingroom


def test_the_exports() -> None:
    assert fittingroom.__all__ == [
        "ClothesType",
        "FitStyle",
        "FittingRoom",
        "Garment",
        "TryOnOptions",
        "TryOnReport",
        "Tuck",
        "__version__",
    ]
    assert dir(fittingroom) == fittingroom.__all__


def test_each_export_is_the_thing_itself() -> None:
    from fittingroom.api import FittingRoom
    from fittingroom.engines.protocol import ClothesType, TryOnOptions, TryOnReport

    assert fittingroom.FittingRoom is FittingRoom
    assert fittingroom.ClothesType is ClothesType
    assert fittingroom.TryOnOptions is TryOnOptions
    assert fittingroom.TryOnReport is TryOnReport


def test_the_version_is_the_packages() -> None:
    assert fittingroom.__version__ == version("fittingroom")


def test_an_unknown_name_is_an_ordinary_error() -> None:
    with pytest.raises(AttributeError, match=r"'fittingroom' has no attribute 'Wardrobe'"):
        _ = fittingroom.Wardrobe  # type: ignore[attr-defined]


def test_importing_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'PIL', 'cv2', 'onnxruntime', 'mediapipe', 'aiohttp', 'pydantic'}"
    code = f"import sys, fittingroom; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_onnx_runtime_takes_no_notes_of_its_use() -> None:
    """It opens a database in the user's cache at its import unless told not to, and sends what is in it."""
    code = (
        "import fittingroom, onnxruntime, pathlib, time; time.sleep(0.3)\n"
        "print([str(f.readlink()) for f in pathlib.Path('/proc/self/fd').iterdir() if f.is_file()])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    ).stdout
    assert "onnxruntime.db" not in told
