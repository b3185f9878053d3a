"""Out of memory becomes one failed job, and nothing of it is kept alive."""

from __future__ import annotations

import gc
import weakref

import pytest

torch = pytest.importorskip("torch")

from fittingroom.engines.neural.memory import released_on_oom  # noqa: E402
from fittingroom.engines.protocol import OutOfMemory  # noqa: E402

pytestmark = pytest.mark.neural
CPU = torch.device("cpu")
REFUSED = RuntimeError("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory")


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory."), REFUSED, MemoryError("none left")])
def test_memory_that_ran_out_is_freed_and_told(error):
    held = []

    def work():
        tensor = torch.zeros(10)
        held.append(weakref.ref(tensor))
        raise error

    gc.disable()
    try:
        with pytest.raises(OutOfMemory, match="memory of cpu ran out") as raised, released_on_oom(CPU):
            work()
    finally:
        gc.enable()
    assert held[0]() is None
    assert raised.value.__cause__ is None


def test_the_allocators_own_refusal_is_known():
    with pytest.raises(OutOfMemory), released_on_oom(CPU):
        torch.empty(2**60, dtype=torch.uint8)


def test_other_errors_pass():
    with pytest.raises(RuntimeError, match="shapes"), released_on_oom(CPU):
        raise RuntimeError("shapes differ")
