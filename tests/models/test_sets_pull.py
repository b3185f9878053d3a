import hashlib
import json
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("huggingface_hub")

from hub_server import COMMIT, LATER, HubState, a_hub

from fittingroom.models import download as downloading
from fittingroom.models.errors import LicenceRefused, PullFailed
from fittingroom.models.hub import Hub
from fittingroom.models.sets import adopt_folder, record_of, set_folder
from fittingroom.models.sets_manifest import WeightSet
from fittingroom.models.sets_pull import pull_set

pytestmark = pytest.mark.neural

WEIGHTS, CONFIG, POSE = b"weights" * 1000, b'{"a": 1}', b"onnx" * 50
Usage = namedtuple("Usage", "total used free")


def silk(**first: Any) -> WeightSet:
    known = {"use": "testing", "license": "MIT", "publisher": "nobody", "trained_on": "nothing", "commercial": True}
    parts = [
        {"id": "someone/silk", "files": ["model.safetensors", "text/*.json"]} | known | first,
        {"id": "someone/pose", "files": ["p.onnx"], "into": "pose", "needed": False} | known,
    ]
    entry = {"use": "testing", "download": 7208, "memory": {}, "seconds": {}, "basis": "estimated"}
    return WeightSet.model_validate({"name": "silk", "repositories": parts} | entry)


@pytest.fixture
def server() -> Iterator[HubState]:
    files = {"model.safetensors": WEIGHTS, "text/config.json": CONFIG, "README.md": b"# read"}
    with a_hub(silk=files, pose={"p.onnx": POSE}) as state:
        yield state


@pytest.fixture
def hub(server: HubState, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return Hub(server.address)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def names(store: Path) -> list[str]:
    return sorted(path.relative_to(store).as_posix() for path in store.rglob("*") if path.is_file())


WHOLE = [".lock", "silk/model.safetensors", "silk/pose/p.onnx", "silk/set.json", "silk/text/config.json"]


def asked(server: HubState) -> list[str]:
    return [path for path, _ in server.asked]


def test_a_fresh_pull_brings_the_set_and_says_from_where(
    hub: Hub, server: HubState, store: Path, recorder: Any
) -> None:
    pull_set(silk(revision=COMMIT), store, recorder, hub=hub)
    assert names(store) == WHOLE
    folder = set_folder("silk", store, sets={"silk": silk()})
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    record = record_of("silk", store)
    assert record is not None
    assert {origin.id: origin.revision for origin in record.origins} == {"someone/silk": COMMIT, "someone/pose": COMMIT}
    assert record.files["text/config.json"].sha256 == hashlib.sha256(CONFIG).hexdigest()
    assert recorder.lines == [
        f"silk: someone/silk at {COMMIT} from {server.address}, the commit that this version names",
        f"silk: someone/pose at {COMMIT} from {server.address}, kept for later pulls",
        "silk: 3 files brought, checksums verified",
    ]
    assert recorder.advanced == {"model.safetensors": 7000, "text/config.json": 8, "pose/p.onnx": 200}


def test_what_is_there_is_hashed_and_kept_without_a_word_to_the_hub(
    hub: Hub, server: HubState, store: Path, recorder: Any
) -> None:
    pull_set(silk(), store, hub=hub)
    server.asked.clear()
    server.repositories.clear()
    pull_set(silk(), store, recorder, hub=hub)
    assert server.asked == []
    assert recorder.lines == ["silk: present, sha256 verified"]


def test_an_interrupted_pull_goes_on_at_the_byte_where_it_stopped(
    hub: Hub, server: HubState, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading, "CONTINUATIONS", 2)
    server.breaks_after = 3000
    with pytest.raises(PullFailed, match=r"model\.safetensors: .*the same command goes on from there"):
        pull_set(silk(), store, hub=hub)
    assert not (store / "silk").exists()
    server.asked.clear()
    server.breaks_after = None
    pull_set(silk(), store, hub=hub)
    assert ("model.safetensors", "bytes=6000-") in server.asked
    assert names(store) == WHOLE
    assert (store / "silk" / "model.safetensors").read_bytes() == WEIGHTS


def test_files_that_came_whole_are_not_fetched_twice(hub: Hub, server: HubState, store: Path) -> None:
    server.served["p.onnx"] = b"evil" * 50
    with pytest.raises(PullFailed, match=r"pose/p\.onnx from .* does not have the checksum"):
        pull_set(silk(), store, hub=hub)
    server.served.clear()
    server.asked.clear()
    pull_set(silk(), store, hub=hub)
    assert asked(server) == ["p.onnx"]


@pytest.mark.parametrize("path", ["model.safetensors", "text/config.json"])
def test_wrong_bytes_are_refused_and_removed(hub: Hub, server: HubState, store: Path, path: str) -> None:
    right = {"model.safetensors": WEIGHTS, "text/config.json": CONFIG}[path]
    server.served[path] = right[:-1] + b"!"
    with pytest.raises(PullFailed, match="does not have the checksum it should have; removed"):
        pull_set(silk(), store, hub=hub)
    assert not (store / "silk").exists()
    assert not [name for name in names(store) if path in name]


def test_a_revision_that_moved_is_not_followed(hub: Hub, server: HubState, store: Path, recorder: Any) -> None:
    pull_set(silk(), store, hub=hub)
    moved = server.repositories["someone/silk"]
    moved.commits[LATER] = {**moved.commits[COMMIT], "model.safetensors": b"new"}
    moved.names["main"] = LATER
    pull_set(silk(), store, recorder, hub=hub)
    assert recorder.lines == ["silk: present, sha256 verified"]
    (store / "silk" / "model.safetensors").write_bytes(b"damaged")
    pull_set(silk(), store, hub=hub)
    assert (store / "silk" / "model.safetensors").read_bytes() == WEIGHTS


def test_another_revision_is_brought_when_it_is_named(hub: Hub, server: HubState, store: Path, recorder: Any) -> None:
    pull_set(silk(revision=COMMIT), store, hub=hub)
    moved = server.repositories["someone/silk"]
    moved.commits[LATER] = {**moved.commits[COMMIT], "model.safetensors": b"new"}
    moved.names["v2"] = LATER
    server.asked.clear()
    pull_set(silk(revision=COMMIT), store, recorder, revision="v2", hub=hub)
    assert (store / "silk" / "model.safetensors").read_bytes() == b"new"
    assert asked(server) == ["model.safetensors"]  # the others are the same bytes
    assert recorder.lines[0].endswith(f"at {LATER} from {server.address}, not the commit that this version names")
    record = record_of("silk", store)
    assert record is not None
    assert record.origins[0].revision == LATER
    pull_set(silk(revision=COMMIT), store, hub=hub)
    assert (store / "silk" / "model.safetensors").read_bytes() == WEIGHTS
    assert names(store) == WHOLE


def test_only_the_damaged_file_is_fetched_again(hub: Hub, server: HubState, store: Path, recorder: Any) -> None:
    pull_set(silk(), store, hub=hub)
    server.asked.clear()
    (store / "silk" / "text" / "config.json").write_bytes(b'{"a": 2}')
    pull_set(silk(), store, recorder, hub=hub)
    assert asked(server) == ["text/config.json"]
    assert recorder.lines[0] == "silk: text/config.json: wrong sha256; fetching what is not right"
    assert (store / "silk" / "text" / "config.json").read_bytes() == CONFIG


def test_a_disk_without_hard_links_copies(
    hub: Hub, server: HubState, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull_set(silk(), store, hub=hub)
    server.asked.clear()
    (store / "silk" / "text" / "config.json").unlink()

    def none(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("os.link", none)
    pull_set(silk(), store, hub=hub)
    assert asked(server) == ["text/config.json"]


def test_files_of_my_own_are_kept(hub: Hub, server: HubState, store: Path, tmp_path: Path, recorder: Any) -> None:
    mine = tmp_path / "mine"
    (mine / "text").mkdir(parents=True)
    (mine / "model.safetensors").write_bytes(b"mine")
    (mine / "text" / "config.json").write_bytes(b"{}")
    adopt_folder("silk", mine, store, sets={"silk": silk()})
    pull_set(silk(), store, recorder, hub=hub)
    assert recorder.lines == ["silk: present, sha256 verified (files of your own)"]
    assert server.asked == []
    pull_set(silk(), store, revision="main", hub=hub)
    assert (store / "silk" / "model.safetensors").read_bytes() == WEIGHTS


def test_a_missing_file_stops_the_pull_before_the_first_byte(hub: Hub, server: HubState, store: Path) -> None:
    del server.repositories["someone/pose"].commits[COMMIT]["p.onnx"]
    with pytest.raises(PullFailed, match=r"someone/pose at .* holds no p\.onnx"):
        pull_set(silk(), store, hub=hub)
    assert server.asked == []


def test_a_full_disk_stops_it_before_the_first_byte(
    hub: Hub, server: HubState, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(9000, 2000, 7000))
    with pytest.raises(PullFailed, match=r"0 MB are needed.*Free some space"):
        pull_set(silk(), store, hub=hub)
    assert server.asked == []


def test_the_token_goes_to_the_hub_and_not_to_its_store(
    hub: Hub, server: HubState, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.token = "hf_secret"
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    pull_set(silk(), store, hub=hub)
    assert names(store) == WHOLE
    assert server.tokens_at_the_store == []
    assert "hf_secret" not in (store / "silk" / "set.json").read_text()


def test_left_overs_of_another_commit_do_not_enter_the_set(hub: Hub, server: HubState, store: Path) -> None:
    (store / ".set-silk" / "text").mkdir(parents=True)
    (store / ".set-silk" / "text" / "old.json").write_bytes(b"{}")
    (store / ".set-silk" / "model.safetensors.0123.part").write_bytes(b"x")
    (store / ".set-silk" / "model.safetensors").write_bytes(b"half")
    pull_set(silk(), store, hub=hub)
    assert names(store) == WHOLE
    assert set(json.loads((store / "silk" / "set.json").read_text())["files"]) == {name[5:] for name in WHOLE[1:]} - {
        "set.json"
    }


def test_a_set_that_allows_no_commercial_use_is_not_asked_for(hub: Hub, server: HubState, store: Path) -> None:
    with pytest.raises(LicenceRefused, match=r"neural\.allow_noncommercial"):
        pull_set(silk(commercial=False), store, hub=hub)
    assert not store.exists()
    pull_set(silk(commercial=False), store, allow_noncommercial=True, hub=hub)
    assert names(store) == WHOLE


def test_no_network_leaves_what_is_there(store: Path, hub: Hub) -> None:
    pull_set(silk(), store, hub=hub)
    (store / "silk" / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(PullFailed, match="cannot be asked for"):
        pull_set(silk(), store, hub=Hub("http://127.0.0.1:9"))
    assert names(store) == WHOLE
