"""`fittingroom call` against a running server over plain http, as the shell would run it."""

from __future__ import annotations

import subprocess

import pytest
from answers import MAGENTA, near, picture
from pictures import encoded, logo
from running_server import COMMAND, environment


@pytest.fixture
def call(world, tmp_path):
    """Runs `fittingroom call` on these URLs with these flags; the finished process and the output file."""
    variables = {
        "TENCENTCLOUD_SECRET_ID": world.key.secret_id,
        "TENCENTCLOUD_SECRET_KEY": world.key.secret_key,
        "FITTINGROOM_ENDPOINT": world.server.url,
    }
    out = tmp_path / "out.jpg"

    def run(garment: str, *flags: str, **changed: str):
        pictures = [world.pictures["person"], world.pictures[garment]]
        command = [str(COMMAND), "call", *pictures, "--type", "Upper-body", "--out", str(out), *flags]
        given = environment({**variables, **changed})
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, env=given), out

    return run


def test_a_picture_with_a_mark_of_ones_own(call, tmp_path):
    mark = tmp_path / "logo.png"
    mark.write_bytes(encoded(logo()))
    done, out = call("garment", "--logo-image", str(mark), "--logo-rect", "0,0,80,40")
    assert done.returncode == 0, done.stderr
    assert near(picture(out.read_bytes()), (20, 20), MAGENTA)


def test_a_refusal_in_chinese(call):
    done, out = call("absent", "--language", "zh-CN")
    assert done.returncode == 1
    assert done.stderr.startswith("FailedOperation.ImageDownloadError: ")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in done.stderr)
    assert "RequestId: " in done.stderr
    assert not out.exists()


def test_a_wrong_key(call):
    done, out = call("garment", TENCENTCLOUD_SECRET_KEY="x" * 32)
    assert done.returncode == 1
    assert done.stderr.startswith("AuthFailure.SignatureFailure: ")
    assert not out.exists()
