"""What `doctor` says of Ray without a cluster; with one, see tests/dispatch/ray/test_doctor.py."""

import socket

import pytest

from fittingroom.cli import ray_check
from fittingroom.setting_dispatch import DispatchSettings, RaySettings
from fittingroom.settings import Settings


def settings(address: str | None = None, kind: str = "ray") -> Settings:
    return Settings(dispatch=DispatchSettings.model_validate({"kind": kind}), ray=RaySettings(address=address))


def problem(address: str) -> str:
    first, finding = ray_check.ray(settings(address))
    assert (first.level, first.what) == ("ok", "ray")
    assert (finding.level, finding.what) == ("problem", "ray cluster")
    return finding.detail


@pytest.fixture
def with_ray(monkeypatch) -> None:
    monkeypatch.setattr(ray_check, "installed", lambda: True)
    monkeypatch.setattr(ray_check, "version", lambda name: "2.60.0")


def fails_with(monkeypatch, written: str) -> None:
    monkeypatch.setattr(ray_check, "JOIN", f"import sys; sys.stderr.write({written!r}); sys.exit(1)")


def test_nothing_is_said_of_ray_where_jobs_do_not_go_there() -> None:
    assert list(ray_check.ray(settings("127.0.0.1:1", kind="local"))) == []


def test_doctor_looks_at_ray(run, monkeypatch) -> None:
    monkeypatch.setattr("fittingroom.cli.doctor.examine", lambda _: iter(()))
    monkeypatch.setattr(ray_check, "installed", lambda: False)
    monkeypatch.setenv("FITTINGROOM_DISPATCH__KIND", "ray")
    done = run("doctor")
    assert done.code == 1
    assert ray_check.MISSING in done.out


def test_a_missing_extra_is_a_problem(monkeypatch) -> None:
    monkeypatch.setattr(ray_check, "installed", lambda: False)
    (finding,) = ray_check.ray(settings("auto"))
    assert (finding.level, finding.detail) == ("problem", ray_check.MISSING)


def test_a_ray_of_the_server_s_own_needs_no_cluster(with_ray) -> None:
    assert [finding.level for finding in ray_check.ray(settings())] == ["ok", "ok"]


def test_an_address_where_nobody_listens(with_ray) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        detail = problem(f"127.0.0.1:{bound.getsockname()[1]}")
    assert "nobody answers" in detail
    assert "ray start --head" in detail


def test_an_address_of_ray_s_client_is_no_use(with_ray) -> None:
    assert "ray://head:10001 is no address" in problem("ray://head:10001")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (
            "Traceback (most recent call last):\n  File x\nRuntimeError: Version mismatch: this\nRay: 1\n",
            "same versions",
        ),
        ("W gcs_client InvalidAuthToken\nTraceback (most\n  x\nConnectionError: no\n", "RAY_AUTH_MODE=token"),
        ("Traceback (most recent call last):\n  x\nConnectionError: could not find any\n", "ray start --address"),
    ],
)
def test_a_cluster_that_cannot_be_joined(with_ray, monkeypatch, written: str, words: str) -> None:
    fails_with(monkeypatch, written)
    detail = problem("auto")
    assert words in detail
    assert "Error: " in detail
    assert "\n" not in detail


def test_a_cluster_that_never_answers(with_ray, monkeypatch) -> None:
    monkeypatch.setattr(ray_check, "JOIN", "import time; time.sleep(60)")
    monkeypatch.setattr(ray_check, "JOIN_SECONDS", 0.2)
    assert "more than 0.2 seconds" in problem("auto")
