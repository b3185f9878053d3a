import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("huggingface_hub")

from hub_server import COMMIT, LATER, HubRepository, HubState, a_hub

from fittingroom.models.errors import PullFailed
from fittingroom.models.hub import Hub, HubFile, digest_if_right
from fittingroom.models.sets_manifest import Repository

pytestmark = pytest.mark.neural

WEIGHTS, CONFIG = b"weights" * 100, b'{"a": 1}'
FILES = {"model.safetensors": WEIGHTS, "text/config.json": CONFIG, "README.md": b"# read", "pickle.bin": b"x"}


def part(**other: Any) -> Repository:
    known = {"use": "testing", "license": "MIT", "publisher": "nobody", "trained_on": "nothing", "commercial": True}
    entry = {"id": "someone/silk", "files": ["model.safetensors", "text/*.json"]} | known | other
    return Repository.model_validate(entry)


@pytest.fixture
def server() -> Iterator[HubState]:
    with a_hub(silk=dict(FILES)) as state:
        yield state


@pytest.fixture
def hub(server: HubState, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hub:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return Hub(server.address)


def test_only_wanted_files_are_found_with_size_checksum_and_address(hub: Hub, server: HubState) -> None:
    found = hub.look(part(into="sub"), "main")
    assert found.commit == COMMIT
    weights, config = found.files
    assert weights.place == "sub/model.safetensors"
    assert weights.url == f"{server.address}/someone/silk/resolve/{COMMIT}/model.safetensors"
    assert (weights.bytes, weights.sha256) == (700, hashlib.sha256(WEIGHTS).hexdigest())
    assert (config.place, config.bytes, config.sha256) == ("sub/text/config.json", 8, None)
    assert config.blob == hashlib.sha1(b"blob 8\0" + CONFIG, usedforsecurity=False).hexdigest()


def test_a_commit_is_asked_for_as_such(hub: Hub, server: HubState) -> None:
    server.repositories["someone/silk"].commits[LATER] = dict(FILES)
    assert hub.look(part(), LATER).commit == LATER
    server.told_commit = "c" * 40
    with pytest.raises(PullFailed, match=f"answered the commit {'c' * 40} of someone/silk, asked for {LATER}"):
        hub.look(part(), LATER)


@pytest.mark.parametrize(
    ("name", "revision", "message"),
    [
        ("someone/silk", "v9", "has no revision v9 of someone/silk"),
        ("someone/lace", "main", "shows no someone/lace .where it is gated.* HF_TOKEN"),
    ],
)
def test_what_the_hub_does_not_have_is_said(hub: Hub, name: str, revision: str, message: str) -> None:
    with pytest.raises(PullFailed, match=message):
        hub.look(part(id=name), revision)


def test_a_repository_without_a_wanted_file_is_incomplete(hub: Hub) -> None:
    with pytest.raises(PullFailed, match=r"holds no vae/\*, x: the hub or its mirror is incomplete"):
        hub.look(part(files=["model.safetensors", "vae/*", "x"]), "main")


@pytest.mark.parametrize("told", [{"lfs": None, "blobId": None}, {"size": None}])
def test_a_file_without_a_checksum_is_not_wanted(hub: Hub, server: HubState, told: dict[str, Any]) -> None:
    server.told["text/config.json"] = told
    with pytest.raises(PullFailed, match=r"names no checksum of text/config\.json"):
        hub.look(part(), "main")


@pytest.mark.parametrize("path", ["text/../../up.json", "/etc/x.json", "text\\..\\x.json"])
def test_a_file_outside_the_repository_is_refused(hub: Hub, server: HubState, path: str) -> None:
    server.repositories["someone/silk"].commits[COMMIT][path] = b"{}"
    with pytest.raises(PullFailed, match="names a file outside itself"):
        hub.look(part(files=["*.json"]), "main")


def test_pinned_bytes_are_expected_at_the_pinned_commit_alone(hub: Hub, server: HubState) -> None:
    pinned = part(revision=COMMIT, sha256={"model.safetensors": "1" * 64})
    with pytest.raises(PullFailed, match=f"has other bytes of model.safetensors .*, expected {'1' * 64}"):
        hub.look(pinned, COMMIT)
    server.repositories["someone/silk"].commits[LATER] = dict(FILES)
    assert hub.look(pinned, LATER).files[0].sha256 == hashlib.sha256(WEIGHTS).hexdigest()


def test_a_pin_holds_where_the_hub_tells_git_s_checksum_alone(hub: Hub, server: HubState) -> None:
    pinned = part(revision=COMMIT, sha256={"text/config.json": hashlib.sha256(CONFIG).hexdigest()})
    assert hub.look(pinned, COMMIT).files[1].sha256 == hashlib.sha256(CONFIG).hexdigest()


def test_a_gated_repository_needs_the_token(hub: Hub, server: HubState, monkeypatch: pytest.MonkeyPatch) -> None:
    server.token = "hf_secret"
    with pytest.raises(PullFailed, match="HF_TOKEN") as caught:
        hub.look(part(), "main")
    assert hub.headers() == {}
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert hub.look(part(), "main").commit == COMMIT
    assert hub.headers() == {"Authorization": "Bearer hf_secret"}
    assert "hf_secret" not in str(caught.value)


def test_no_network_says_what_to_look_at() -> None:
    with pytest.raises(
        PullFailed, match=r"127\.0\.0\.1:9 cannot be asked for someone/silk .*HF_ENDPOINT.*--from FOLDER"
    ):
        Hub("http://127.0.0.1:9").look(part(), "main")


def test_a_hub_that_is_switched_off_is_not_asked(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(PullFailed, match="HF_HUB_OFFLINE is set"):
        hub.look(part(), "main")


def test_a_repository_is_a_repository_of_its_own(server: HubState) -> None:
    assert isinstance(server.repositories["someone/silk"], HubRepository)


@pytest.mark.parametrize(
    ("content", "right"), [(CONFIG, True), (b'{"a": 2}', False), (b"{}", False)], ids=["same", "other", "shorter"]
)
@pytest.mark.parametrize("lfs", [True, False])
def test_a_file_is_right_by_size_and_checksum(tmp_path: Path, content: bytes, right: bool, lfs: bool) -> None:
    blob = hashlib.sha1(b"blob 8\0" + CONFIG, usedforsecurity=False).hexdigest()
    file = HubFile("c", "u", 8, hashlib.sha256(CONFIG).hexdigest() if lfs else None, blob)
    (tmp_path / "c").write_bytes(content)
    assert digest_if_right(tmp_path / "c", file) == (hashlib.sha256(content).hexdigest() if right else None)


def test_the_library_is_not_imported_before_a_pull() -> None:
    """In a process of its own, since this one has imported it."""
    import subprocess

    code = "import fittingroom.models.hub, fittingroom.cli.models, sys; print('huggingface_hub' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
