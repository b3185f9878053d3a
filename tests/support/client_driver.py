"""Talks to one official client: a driver process that takes a case per line and answers per line.

One process serves all cases of its environment, because starting Python or Node with an SDK costs a second. The
driver scripts are in `tests/clients/drivers`; they use the SDK as its documentation shows and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from client_environments import node_environment, python_environment

DRIVERS = Path(__file__).resolve().parents[1] / "clients" / "drivers"
ANSWER_SECONDS = 30
NODE_PACKAGES = {"node": "tencentcloud-sdk-nodejs", "node-intl": "tencentcloud-sdk-nodejs-intl-en"}


class Driver:
    """`ask` sends a case and returns `{"ok": Response}` or `{"error": {type, code, message, request_id}}`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, case: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ)
            assert waiting.select(case["timeout"] + ANSWER_SECONDS), f"the client hung on {case}"
        line = self._process.stdout.readline()
        assert line, f"the driver ended with {self._process.poll()}"
        answer: dict[str, Any] = json.loads(line)
        assert "crash" not in answer, answer["crash"]
        return answer


@contextlib.contextmanager
def driver(environment: str, variables: Mapping[str, str] | None = None) -> Iterator[Driver]:
    """The driver of an environment (`python-intl`, `python-domestic`, `node`, `node-intl`), made when missing."""
    command, folder = _command(environment)
    inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        env={**inherited, **(variables or {})},
    )
    with process:
        try:
            yield Driver(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _command(environment: str) -> tuple[list[str], Path | None]:
    if environment in NODE_PACKAGES:
        node, project = node_environment(environment)
        return [str(node), str(DRIVERS / "node_sdk.js"), NODE_PACKAGES[environment]], project
    return [str(python_environment(environment) / "python"), str(DRIVERS / "python_sdk.py")], None
