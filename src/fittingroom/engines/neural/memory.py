"""Out of memory during work: freed, and told as one failed job.

The exception's traceback keeps every frame of the network alive, and with them their tensors; so the frames are
cleared first, then garbage is collected, then PyTorch's cache goes back to the driver. Invariant: what leaves
`released_on_oom` after an out-of-memory is `OutOfMemory` with no reference to any tensor; all else passes unchanged.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from fittingroom.engines.protocol import OutOfMemory

CPU_ALLOCATOR = ("DefaultCPUAllocator", "not enough memory")
"""Words of the RuntimeError with which PyTorch's allocator for the CPU refuses."""


@contextmanager
def released_on_oom(device: torch.device) -> Iterator[None]:
    """Run the block; where memory runs out on `device`, free what it held and raise `OutOfMemory`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_oom(error):
            raise
        reason = str(error).partition("\n")[0]
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = error.__context__ = error.__cause__ = None
    else:
        return
    release(device)
    raise OutOfMemory(f"memory of {device} ran out: {reason}")


def is_oom(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, on whichever device."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in CPU_ALLOCATOR)


def release(device: torch.device) -> None:
    """Collect garbage and give PyTorch's unused memory of `device` back to the driver."""
    gc.collect()
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.empty_cache()
