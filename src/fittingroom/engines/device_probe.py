"""Which CUDA device PyTorch would compute on and what memory it has free, without PyTorch in this process.

A child process asks, because only PyTorch's own answer knows its build, CUDA_VISIBLE_DEVICES and a card's partitions,
and because PyTorch in the gateway would cost its memory for ever. The child takes seconds, so it is started only where
the machine has something like a card; where there is none, the answer costs a look at a few files. Invariant: nothing
raises; a probe that fails is no device, with the reason.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SIGNS: Final = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd")
"""Files of the drivers of NVIDIA (Linux, WSL) and AMD."""

SECONDS: Final = 60.0

ASK: Final = """
import json, sys, torch
index = int(sys.argv[1])
count = torch.cuda.device_count() if torch.cuda.is_available() else 0
if index >= count:
    print(json.dumps({"why": f"PyTorch {torch.__version__} finds {count} CUDA devices"}))
else:
    free, total = torch.cuda.mem_get_info(index)
    print(json.dumps({"name": torch.cuda.get_device_name(index), "free": free, "total": total}))
"""


@dataclass(frozen=True, slots=True)
class Device:
    """A CUDA device. free, total: bytes."""

    name: str
    free: int
    total: int


def has_signs(signs: Sequence[str] = SIGNS) -> bool:
    """Whether the machine looks as if it had a card."""
    return any(Path(sign).exists() for sign in signs) or shutil.which("nvidia-smi") is not None


def probe(index: int = 0, signs: Sequence[str] = SIGNS, ask: str = ASK, seconds: float = SECONDS) -> Device | str:
    """The CUDA device of that number, or one English phrase saying why there is none."""
    if not has_signs(signs):
        return "this machine has no CUDA device"
    try:
        # -P: a torch.py in the folder where the server was started is not PyTorch.
        done = subprocess.run(
            [sys.executable, "-P", "-c", ask, str(index)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"PyTorch did not say within {seconds:g} s what device there is"
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return f"PyTorch cannot look for a device ({last[0]})"
    told = json.loads(done.stdout)
    return told["why"] if "why" in told else Device(told["name"], told["free"], told["total"])
