"""A publisher on 127.0.0.1 that can misbehave, a recorder of what a pull says, and small weights."""

from __future__ import annotations

import hashlib
import io
import stat
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fittingroom.models.manifest import Weight

CONTENT = bytes(range(256)) * 400


@dataclass
class Page:
    """How the publisher serves one path. breaks_after: bytes after which each connection is cut."""

    body: bytes
    status: int = 200
    ranges: bool = True
    breaks_after: int | None = None
    announces: int | None = None
    silent_length: bool = False
    wrong_range: bool = False


@dataclass
class Publisher:
    address: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"{self.address}{path}"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.asked.append((self.path, wanted))
            page = state.pages.get(self.path, Page(b"not here", status=404))
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and page.ranges else 0
            body = page.body[start:]
            self.send_response(206 if start else page.status)
            if start:
                self.send_header(
                    "Content-Range", f"bytes {start + page.wrong_range}-{len(page.body) - 1}/{len(page.body)}"
                )
            if not page.silent_length:
                self.send_header("Content-Length", str(len(body) if page.announces is None else page.announces))
            self.end_headers()
            self.wfile.write(body[: page.breaks_after])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Publisher(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Recorder:
    """A Reporter that remembers."""

    lines: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    advanced: dict[str, int] = field(default_factory=dict)

    def say(self, text: str) -> None:
        self.lines.append(text)

    @contextmanager
    def task(self, label: str, total: int | None, done: int = 0) -> Iterator[Any]:
        self.tasks.append(label)
        self.advanced[label] = done

        def advance(count: int) -> None:
            self.advanced[label] += count

        yield advance


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def _weight(*sources: Mapping[str, object], content: bytes = CONTENT, name: str = "tiny", **other: object) -> Weight:
    """A weight of `content` with the given sources (one that nobody serves where none is given)."""
    entry = {
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
        "sources": sources or ({"type": "url", "url": "http://127.0.0.1:9/tiny.onnx"},),
    }
    return Weight.model_validate(entry | other)


def _tarball(path: Path, members: Mapping[str, bytes]) -> Path:
    """A .tgz that holds `members` in the order given."""
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def content() -> bytes:
    """The bytes of a weight that `weight()` describes."""
    return CONTENT


@pytest.fixture
def weight() -> Callable[..., Weight]:
    return _weight


@pytest.fixture
def tarball() -> Callable[[Path, Mapping[str, bytes]], Path]:
    return _tarball


@pytest.fixture
def page() -> type[Page]:
    return Page


@pytest.fixture
def fake_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `npm` on PATH, alone there, that packs what lies in the returned folder as NAME@VERSION.tgz (slashes as -).

    It writes its arguments to `calls.txt` in the same folder.
    """
    shelf = tmp_path / "registry"
    programs = tmp_path / "bin"
    shelf.mkdir()
    programs.mkdir()
    npm = programs / "npm"
    npm.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, shutil, sys\n"
        f"shelf = pathlib.Path({str(shelf)!r})\n"
        "with (shelf / 'calls.txt').open('a') as calls: calls.write(' '.join(sys.argv[1:]) + '\\n')\n"
        "archive = shelf / (sys.argv[-1].replace('/', '-') + '.tgz')\n"
        "if not archive.exists():\n"
        "    sys.exit('npm warn something old\\nnpm error code E404\\nnpm error 404 Not Found')\n"
        "shutil.copy(archive, sys.argv[sys.argv.index('--pack-destination') + 1])\n",
        encoding="utf-8",
    )
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(programs))
    return shelf
