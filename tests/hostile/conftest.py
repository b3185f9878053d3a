"""A running server with short time limits, and a check after every test that it still answers as if nothing was.

The account may run several jobs at once here, so that a hostile request cannot hide behind `JobNumExceed`.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import pytest
from answers import picture
from attack import LIMITS, Target
from picture_server import PictureServer
from pictures import encoded, figure, garment
from running_server import FLAT, LOOPBACK, assert_quiet, fittingroom, make_key, running


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("hostile") / "data"
    fittingroom("accounts", "create", "hostile", "--data-dir", folder)
    key = make_key(folder, "hostile")
    with PictureServer() as origin, running(folder, *FLAT, *LOOPBACK, variables=LIMITS) as server:
        person = origin.publish("/person.png", encoded(figure()))
        cloth = origin.publish("/garment.png?q=secret", encoded(garment()))
        yield Target(server, key, origin, person, cloth)
        assert_quiet(server, key)


@pytest.fixture(autouse=True)
def unharmed(target: Target) -> Iterator[None]:
    """After each test: the same process answers a good request with a picture, soon, holding no more files."""
    before = target.open_files()
    yield
    assert target.server.process.poll() is None, "the server died"
    started = time.monotonic()
    answer = target.call()
    assert answer.code is None, answer.response
    picture(base64.b64decode(answer.response["ResultImage"], validate=True))
    assert time.monotonic() - started < 10
    deadline = time.monotonic() + 5
    while (now := target.open_files()) > before + 8:
        assert time.monotonic() < deadline, f"{before} open files before the test, {now} after it"
        time.sleep(0.05)
