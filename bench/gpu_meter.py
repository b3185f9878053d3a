"""Seconds, memory and arithmetic of a network on a device, and the most that the device can do.

The peak is measured in the same run, as the best of several sizes of a plain matrix product, since a card's data sheet
says what no program reaches. Arithmetic is counted by PyTorch itself (`FlopCounterMode`: products, attention,
convolutions; two operations for each multiplication), so that no formula of ours can flatter a figure.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

Run = Callable[[int, Callable[[], None]], None]
"""Makes a batch of so many pictures, and calls its second argument after every step of sampling."""

REPEATS = 3


@dataclass(frozen=True)
class Timing:
    """picture, step: seconds of a whole batch, medians; step is nan where a picture has one step only. memory: bytes
    at the most, None on a CPU."""

    picture: float
    step: float
    memory: int | None


@dataclass(frozen=True)
class Work:
    """Operations of one picture, and of one of its steps."""

    picture: float
    step: float


def wait(device: torch.device) -> None:
    """Until the device has done all that it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def peak(device: torch.device, dtype: torch.dtype, sides: tuple[int, ...], seconds: float) -> float:
    """Operations per second of the best matrix product. sides: of square matrices. seconds: of each measurement."""
    best = 0.0
    for side in sides:
        a, b = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
        for _ in range(3):
            a @ b
        wait(device)
        done, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            for _ in range(10):
                a @ b
            wait(device)
            done += 10
        best = max(best, 2.0 * side**3 * done / (time.perf_counter() - started))
    return best


def timed(run: Run, batch: int, device: torch.device) -> Timing:
    """Measure a batch, warmed up."""
    with torch.inference_mode():
        run(batch, lambda: None)
        wait(device)
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        pictures, steps = [], list[float]()
        for _ in range(REPEATS):
            marks: list[float] = []
            started = time.perf_counter()
            run(batch, lambda marks=marks: _mark(marks, device))  # type: ignore[misc]
            wait(device)
            pictures.append(time.perf_counter() - started)
            steps += [after - before for before, after in pairwise(marks)]
    memory = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    return Timing(statistics.median(pictures), statistics.median(steps) if steps else float("nan"), memory)


def work(run: Run) -> Work:
    """Count one picture by running it."""
    counter: Any = FlopCounterMode(display=False)
    marks: list[float] = []
    with torch.inference_mode(), counter:
        run(1, lambda: marks.append(float(counter.get_total_flops())))
    steps = [after - before for before, after in pairwise(marks)]
    return Work(float(counter.get_total_flops()), statistics.median(steps) if steps else float("nan"))


def _mark(marks: list[float], device: torch.device) -> None:
    wait(device)
    marks.append(time.perf_counter())
