"""SIGKILL at every statement, begin and commit of a job; afterwards it is done, and charged once.

A small process for each step, forked from one that has everything imported (tests/support/job_victim.py): some seconds
for each database, of which PostgreSQL gets every third step, since there a lease must pass.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from running_server import environment


@pytest.mark.parametrize(("kind", "stride"), [("sqlite", 1), ("postgresql", 3)])
def test_a_gateway_killed_at_each_step_of_a_job(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, stride: int
) -> None:
    url = [request.getfixturevalue("postgres_url")] if kind == "postgresql" else []
    words = [sys.executable, "-m", "job_victim", str(tmp_path), str(stride), *url]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False, env=environment())
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["killed"] for one in told] == [True] * (len(told) - 1) + [False]
    assert len(told) > 20 // stride
    assert {one["state"] for one in told} == {"done"}
    assert {one["charges"] for one in told} == {1}
    assert [one["spent"] for one in told] == [[number, 0] for number in range(1, len(told) + 1)]
    assert {tuple(one["wrong"]) for one in told} == {()}
    attempts = [one["attempts"] for one in told]
    # Before its claim is committed, and after its end is, a killed gateway's attempt is the only one.
    first, last = attempts.index(2), len(told) - 1 - attempts[::-1].index(2)
    assert attempts == [1] * first + [2] * (last - first + 1) + [1] * (len(told) - 1 - last)
