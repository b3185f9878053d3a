import subprocess
import sys

import pytest

from fittingroom.dispatch.memory import MIB, bound_memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA bounds private memory on Linux only")


def in_a_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


GROWING = """
from fittingroom.dispatch.memory import MIB, private_bytes
before = private_bytes()
held = bytearray(64 * MIB)
print(60 * MIB < private_bytes() - before < 80 * MIB)
"""


def test_private_memory_grows_with_what_is_allocated() -> None:
    assert in_a_process(GROWING) == "True"


def test_zero_is_no_bound() -> None:
    assert bound_memory(0) is None


PROGRAM = """
from fittingroom.dispatch.memory import bound_memory, MIB
held = bytearray(100 * MIB)
bound = bound_memory(64)
kept = bytearray(40 * MIB)
try:
    bytearray(80 * MIB)
except MemoryError:
    print("refused", bound > 160 * MIB)
"""


def test_a_bound_counts_from_what_is_taken_already() -> None:
    assert in_a_process(PROGRAM) == "refused True"


def test_a_lower_hard_limit_of_the_system_stays() -> None:
    code = "import resource\nresource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, 500 * 2**20))\n"
    code = code.replace("resource.RLIM_INFINITY", "500 * 2**20")
    assert in_a_process(
        code + "from fittingroom.dispatch.memory import bound_memory\nprint(bound_memory(10000))"
    ) == str(500 * MIB)
