"""Running commands in this process."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from fittingroom.cli.main import app


@dataclass(frozen=True)
class Done:
    code: object
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """`run("keys", "list")`, with no settings of this shell."""
    for name in list(os.environ):
        if name.startswith("FITTINGROOM_"):
            monkeypatch.delenv(name)

    def command(*words: object) -> Done:
        with pytest.raises(SystemExit) as ended:
            app([str(word) for word in words])
        return Done(ended.value.code or 0, *capsys.readouterr())

    return command
