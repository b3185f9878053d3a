"""A replica's set-up in this process; `test_dispatcher.py` runs it in Ray."""

import os
import time

import fake_engines
import pytest

from fittingroom.dispatch.ray import replica as module
from fittingroom.dispatch.ray.replica import Replica, SetUpFailed
from fittingroom.dispatch.worker import WorkerPlan
from fittingroom.setting_logs import LogSettings
from fittingroom.settings import EngineSettings, ImageSettings, ModerationSettings, Settings


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a replica does to its process stays away from this one."""
    monkeypatch.setattr(module, "configure_logs", lambda settings: None)
    monkeypatch.setattr(module, "forbid_core_dumps", lambda: None)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def plan(engine: str) -> WorkerPlan:
    moderation = ModerationSettings(enabled=False)
    return WorkerPlan(fake_engines.render, f"fake_engines:{engine}", 1, 0, ImageSettings(), moderation, LogSettings())


def test_a_failed_set_up_says_why_in_one_line() -> None:
    with pytest.raises(SetUpFailed, match=r"^FileNotFoundError: the weight x is missing; bring it with .*pull`$"):
        Replica(plan("Unloadable"), 60, 1)


def test_a_replica_that_does_not_load_in_time_ends_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(fake_engines.Fake, "load", lambda self: time.sleep(0.5))
    Replica(plan("Fake"), 0.1, 1)
    assert ended == [1]
    Replica(plan("Fake"), 60, 1)
    assert ended == [1]


def test_the_secret_of_the_review_hook_does_not_travel() -> None:
    given = {"hook_url": "http://127.0.0.1:1/", "hook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    settings = Settings(engine=EngineSettings(name="x"), moderation=ModerationSettings.model_validate(given))
    travelling = WorkerPlan.of(settings, fake_engines.render, 1)
    assert (travelling.moderation.hook_url, travelling.moderation.hook_secret) == (None, None)
