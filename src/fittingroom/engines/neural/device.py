"""Where a neural engine computes, in which numbers, and whether it fits there.

The operator's choice of `settings.neural` becomes a torch device and dtype once, at load. Whether a network fits is
asked before its weights are read, so that the answer is one sentence with both figures and not a crash in the middle.
Invariant: a device that was asked for by name is the device that is used; nothing falls back to the CPU unsaid.
"""

from __future__ import annotations

from pathlib import Path

import torch

from fittingroom.engines.protocol import DoesNotFit, EngineError
from fittingroom.setting_neural import NeuralSettings

GIGABYTE = 1e9
DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
MEMORY_INFO = Path("/proc/meminfo")
GROUP_LIMIT, GROUP_USE = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


class NoSuchDevice(EngineError):
    """The settings name a device that this machine does not have."""


def chosen_device(settings: NeuralSettings) -> torch.device:
    """The device of `settings.device`; `auto` is the first CUDA device, or the CPU where there is none.

    A CUDA device always has an index. Raises `NoSuchDevice`.
    """
    if settings.device == "cpu" or (settings.device == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    index = int(settings.device.partition(":")[2] or 0)
    if not torch.cuda.is_available():
        raise NoSuchDevice(f"neural.device is {settings.device!r}, and PyTorch finds no CUDA device on this machine")
    if index >= torch.cuda.device_count():
        raise NoSuchDevice(f"neural.device is {settings.device!r}; there are {torch.cuda.device_count()}, from cuda:0")
    return torch.device("cuda", index)


def chosen_dtype(settings: NeuralSettings, device: torch.device) -> torch.dtype:
    """The dtype of `settings.dtype`; `auto` is bfloat16 on CUDA, float32 on the CPU."""
    if settings.dtype == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    return DTYPES[settings.dtype]


def free_bytes(device: torch.device) -> int:
    """Bytes that this process can still take on `device`.

    On CUDA: what the driver has free and what PyTorch's own cache holds unused. On the CPU: what the kernel calls
    available, within the limit of the process's control group.
    """
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))
    return _free_of_machine()


def require_fit(need_bytes: int, device: torch.device, what: str) -> None:
    """Raise `DoesNotFit` where `device` has less than `need_bytes` free. what: the network, for the message."""
    free = free_bytes(device)
    if free < need_bytes:
        raise DoesNotFit(
            f"{what} needs {need_bytes / GIGABYTE:.1f} GB of memory and {device} has {free / GIGABYTE:.1f} GB free"
        )


def _free_of_machine() -> int:
    lines = dict(line.split(":", 1) for line in MEMORY_INFO.read_text().splitlines())
    free = int(lines["MemAvailable"].split()[0]) * 1024
    if GROUP_LIMIT.exists() and (limit := GROUP_LIMIT.read_text().strip()) != "max":
        free = min(free, int(limit) - int(GROUP_USE.read_text()))
    return max(0, free)
