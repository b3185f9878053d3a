"""The short form of bench/soak.py, and that its look at a picture finds every mix-up.

Half a minute: a soak must last long enough for a worker to be killed and to come back.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from flat_engine import FlatEngine
from PIL import Image
from running_server import environment

from fittingroom.engines.protocol import ClothesType

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.append(str(BENCH))

import soak_pictures  # noqa: E402


def result(person: int, garment: int, clothes_type: str) -> bytes:
    pictures = [
        np.asarray(Image.open(io.BytesIO(data)))
        for data in (soak_pictures.person(person), soak_pictures.garment(garment))
    ]
    dressed = FlatEngine().try_on(*pictures, ClothesType(clothes_type)).image
    stream = io.BytesIO()
    Image.fromarray(dressed).save(stream, "JPEG", quality=95)
    return stream.getvalue()


@pytest.mark.parametrize("clothes_type", list(ClothesType))
@pytest.mark.parametrize("number", [0, 1, 90, 255])
def test_a_right_picture_is_known(number: int, clothes_type: str) -> None:
    made = result(number, 255 - number, clothes_type)
    assert soak_pictures.complaint(made, (number, 255 - number, clothes_type)) is None


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ((8, 5, "Dress"), "not person 8"),
        ((7, 6, "Dress"), "not garment 6 as Dress"),
        ((7, 5, "Upper-body"), "not garment 5 as Upper-body"),
        ((7, 5, "Lower-body"), "not garment 5 as Lower-body"),
    ],
)
def test_another_requests_picture_is_found_out(wanted: tuple[int, int, str], told: str) -> None:
    assert soak_pictures.complaint(result(7, 5, "Dress"), wanted) == told


def test_the_person_alone_is_no_result() -> None:
    assert soak_pictures.complaint(soak_pictures.person(7), (7, 0, "Dress")) == "not garment 0 as Dress"


def test_a_short_soak_finds_nothing_wrong() -> None:
    command = [sys.executable, str(BENCH / "soak.py"), "--minutes", "0.15", "--kill-every", "4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, env=environment())
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("\n0 wrong\n")
    assert re.search(r"\| good \| .*OK \d", done.stdout)
    assert re.search(r"\| workers killed, counted as restarted \| [1-9]", done.stdout)
