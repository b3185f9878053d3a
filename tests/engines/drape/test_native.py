"""What native code writes to descriptor 2: chatter is dropped, everything else comes out, also after a failure."""

import os
import sys

import pytest

from fittingroom.engines.drape.native import filtered_stderr, require_system_libraries

CHATTER = (
    b"W0000 00:00:1795341234.5 123 inference_feedback_manager.cc:121] Feedback manager requires\n",
    b"I0000 00:00:1795341234.5 123 gl_context.cc:1] GL version\n",
    b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n",
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
)


@pytest.mark.parametrize("line", CHATTER)
def test_chatter_is_dropped(line: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with filtered_stderr():
        os.write(2, line)
    assert capfd.readouterr().err == ""


def test_anything_else_comes_out(capfd: pytest.CaptureFixture[str]) -> None:
    with filtered_stderr():
        os.write(2, CHATTER[0] + b"E0000 a real error\nsegfault in something\n")
    assert capfd.readouterr().err == "E0000 a real error\nsegfault in something\n"


def test_the_descriptor_is_given_back_after_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with filtered_stderr():
            os.write(2, b"before it broke\n")
            raise RuntimeError("broken model")

    with pytest.raises(RuntimeError, match="broken model"):
        fail()
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "before it broke\nafterwards\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bring these libraries")
def test_a_missing_system_library_names_its_package() -> None:
    with pytest.raises(ImportError, match=r"libnowhere\.so\.9.*apt-get install libnowhere9$"):
        require_system_libraries({"libc.so.6": "libc6", "libnowhere.so.9": "libnowhere9"})


def test_what_is_there_is_no_complaint() -> None:
    require_system_libraries({"libc.so.6": "libc6"})
