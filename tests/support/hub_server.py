"""A hub of models on 127.0.0.1, as far as huggingface-hub and a download need one, that can misbehave.

It answers `/api/models/OWNER/NAME/revision/REV?blobs=true` and `/OWNER/NAME/resolve/COMMIT/PATH`; large files (by name)
are redirected to another origin, as the real one does, which must never see the token.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".onnx")
COMMIT, LATER = "a" * 40, "b" * 40


@dataclass
class HubRepository:
    """commits: content by commit and path. names: branches and tags."""

    commits: dict[str, dict[str, bytes]]
    names: dict[str, str] = field(default_factory=lambda: {"main": COMMIT})


@dataclass
class HubState:
    """breaks_after: bytes of a body after which the connection is cut. served: other bytes than the metadata say.
    told: metadata of a file that differ from the truth. token: without it nothing is shown."""

    address: str = ""
    store: str = ""
    repositories: dict[str, HubRepository] = field(default_factory=dict)
    breaks_after: int | None = None
    served: dict[str, bytes] = field(default_factory=dict)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    told_commit: str | None = None
    token: str | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    tokens_at_the_store: list[str] = field(default_factory=list)


def _entry(path: str, data: bytes, told: dict[str, Any]) -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    entry: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": blob}
    if path.endswith(LARGE):
        entry["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
    return entry | told


class _Handler(BaseHTTPRequestHandler):
    state: HubState

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _refuse(self, status: int, code: str | None = None) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self, data: bytes, kind: str = "application/octet-stream") -> None:
        wanted = self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:][: self.state.breaks_after if kind != "application/json" else None])
        self.close_connection = True


class _Hub(_Handler):
    def do_GET(self) -> None:
        state, path = self.state, unquote(urlsplit(self.path).path)
        if state.token is not None and self.headers.get("Authorization") != f"Bearer {state.token}":
            return self._refuse(401, "GatedRepo")
        if path.startswith("/api/models/"):
            return self._info(path.removeprefix("/api/models/"))
        name, _, rest = path[1:].partition("/resolve/")
        commit, _, file = rest.partition("/")
        data = state.repositories[name].commits[commit].get(file)
        state.asked.append((file, self.headers.get("Range")))
        if data is None:
            return self._refuse(404, "EntryNotFound")
        if file.endswith(LARGE):
            self.send_response(302)
            self.send_header("Location", f"{state.store}/{name}/{commit}/{file}")
            self.send_header("X-Repo-Commit", commit)
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        return self._body(state.served.get(file, data))

    def _info(self, path: str) -> None:
        state = self.state
        name, _, revision = path.partition("/revision/")
        repository = state.repositories.get(name)
        if repository is None:
            return self._refuse(404, "RepoNotFound")
        commit = repository.names.get(revision, revision)
        if commit not in repository.commits:
            return self._refuse(404, "RevisionNotFound")
        files = [_entry(file, data, state.told.get(file, {})) for file, data in repository.commits[commit].items()]
        told = {"id": name, "sha": state.told_commit or commit, "siblings": files}
        return self._body(json.dumps(told).encode(), "application/json")


class _Store(_Handler):
    def do_GET(self) -> None:
        state = self.state
        if token := self.headers.get("Authorization"):
            state.tokens_at_the_store.append(token)
        owner, name, commit, file = unquote(self.path)[1:].split("/", 3)
        self._body(state.served.get(file, state.repositories[f"{owner}/{name}"].commits[commit][file]))


@contextmanager
def a_hub(**repositories: dict[str, bytes]) -> Iterator[HubState]:
    """Repositories `someone/NAME` with these files at `COMMIT`, which `main` names."""
    state = HubState(
        repositories={f"someone/{name}": HubRepository({COMMIT: files}) for name, files in repositories.items()}
    )
    servers = []
    for kind in (_Hub, _Store):
        server = ThreadingHTTPServer(("127.0.0.1", 0), type(kind.__name__, (kind,), {"state": state}))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        servers.append((server, thread))
    state.address, state.store = (f"http://127.0.0.1:{server.server_port}" for server, _ in servers)
    try:
        yield state
    finally:
        for server, thread in servers:
            server.shutdown()
            server.server_close()
            thread.join()
