import multiprocessing
import os
import time

import pytest

from fittingroom.dispatch.control import Control
from fittingroom.engines.protocol import Cancelled


@pytest.fixture
def control() -> Control:
    return Control(multiprocessing.get_context("spawn"))


def test_a_job_with_time_left_passes(control: Control) -> None:
    control.begin(time.monotonic() + 60)
    control.checkpoint()


def test_a_passed_deadline_stops(control: Control) -> None:
    control.begin(time.monotonic() - 0.001)
    with pytest.raises(Cancelled, match="deadline"):
        control.checkpoint()


def test_a_stop_stops_and_the_next_job_does_not_see_it(control: Control) -> None:
    control.begin(time.monotonic() + 60)
    control.stop()
    with pytest.raises(Cancelled, match="nobody waits"):
        control.checkpoint()
    control.begin(time.monotonic() + 60)
    control.checkpoint()


def test_the_worker_announces_itself(control: Control) -> None:
    assert control.pid == 0
    control.announce()
    assert control.pid == os.getpid()


def test_a_worker_stops_when_its_gateway_has_died(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    control.announce()
    control.begin(time.monotonic() + 60)
    control.checkpoint()
    monkeypatch.setattr(os, "getppid", lambda: 1)
    with pytest.raises(Cancelled, match="gateway has died"):
        control.checkpoint()
