"""`fittingroom models` with a small manifest in place of the real one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from fittingroom.cli import models as cli
from fittingroom.models.manifest import Weight

CONTENT = b"weights of a tiny network"


def entry(name: str, content: bytes) -> Weight:
    return Weight.model_validate(
        {
            "name": name,
            "file": f"{name}.onnx",
            "use": "testing",
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "license": "MIT",
            "commercial": True,
            "publisher": "nobody",
            "trained_on": "nothing",
            "contract": "none",
            "sources": [{"type": "url", "url": "http://127.0.0.1:9/none"}],
        }
    )


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds `here` and lacks `gone`; the manifest knows the two."""
    folder = tmp_path / "cache"
    folder.mkdir()
    weights = {"here": entry("here", CONTENT), "gone": entry("gone", CONTENT + b"!")}
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(folder))
    monkeypatch.setattr(cli, "all_weights", lambda: weights)
    monkeypatch.setattr(cli, "all_sets", dict)
    (folder / "here.onnx").write_bytes(CONTENT)
    return folder


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.app(list(words))
    return int(ended.value.code or 0)


def test_list_shows_size_licence_and_state(cache: Path, capsys) -> None:
    assert run("list") == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in out] == ["name", "here", "gone", "in"]
    assert out[1].split() == ["here", "0.0", "MIT", "present", "testing"]
    assert out[2].split() == ["gone", "0.0", "MIT", "missing", "testing"]
    assert out[3] == f"in {cache}"


def test_verify_fails_with_the_command_that_helps(cache: Path, capsys) -> None:
    assert run("verify") == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == ["here: sha256 verified", "gone: missing"]
    assert said.err == "1 of 2 weights are not usable. Run: fittingroom models pull gone\n"


def test_verify_looks_at_the_bytes(cache: Path, capsys) -> None:
    assert run("verify", "here") == 0
    (cache / "here.onnx").write_bytes(CONTENT[:-1] + b"K")
    assert run("verify", "here") == 1
    assert "here: wrong sha256" in capsys.readouterr().out


def test_pull_keeps_what_is_there(cache: Path, capsys) -> None:
    assert run("pull", "here") == 0
    assert capsys.readouterr().out == "here: present\n"


def test_pull_fails_loudly(cache: Path, capsys) -> None:
    assert run("pull") == 1
    said = capsys.readouterr()
    assert "gone: http://127.0.0.1:9/none is not available: it cannot be reached" in said.out
    assert "fittingroom models pull gone --from FILE" in said.err


@pytest.mark.parametrize("name", [[], ["gone"]])
def test_pull_from_a_file_knows_it_by_its_bytes(cache: Path, tmp_path: Path, name: list[str]) -> None:
    mine = tmp_path / "mine"
    mine.write_bytes(CONTENT + b"!")
    assert run("pull", *name, "--from", str(mine)) == 0
    assert (cache / "gone.onnx").read_bytes() == CONTENT + b"!"
    assert run("verify") == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nope"], "No weight is called 'nope'. Known: here, gone."),
        (["--from", "FILE"], "is none of the known weights"),
        (["gone", "--from", "FILE"], "is not gone"),
        (["gone", "here", "--from", "FILE"], "at most one name"),
        (["--from", "ABSENT"], "is not a file"),
    ],
)
def test_pull_refuses(cache: Path, tmp_path: Path, capsys, words: list[str], said: str) -> None:
    (tmp_path / "FILE").write_bytes(b"something else")
    named = [str(tmp_path / word) if word in {"FILE", "ABSENT"} else word for word in words]
    assert run("pull", *named) == 1
    assert said in capsys.readouterr().err
    assert not (cache / "gone.onnx").exists()


def test_verify_refuses_an_unknown_name(cache: Path, capsys) -> None:
    assert run("verify", "nope") == 1
    assert "Known: here, gone" in capsys.readouterr().err


def test_a_terminal_gets_a_bar(capsys) -> None:
    from rich.console import Console

    reporter = cli.TerminalReporter(Console(force_terminal=True, width=100))
    with reporter.task("u2net [x]", 1000) as advance:
        advance(1000)
    with reporter.task("npm pack", None) as advance:
        advance(0)
    out = capsys.readouterr().out
    assert "u2net [x]" in out
    assert "npm pack" in out
