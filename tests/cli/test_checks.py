import socket
import sys
from pathlib import Path

import pytest

from fittingroom.accounts import Database, Store, Vault
from fittingroom.accounts.store import accounts, keys
from fittingroom.cli import checks
from fittingroom.cli.checks import Finding
from fittingroom.models.manifest import engine_weights
from fittingroom.models.sets import adopt_folder
from fittingroom.settings import EngineSettings, ModerationSettings, ServerSettings, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", server=ServerSettings(port=0))


def made(settings: Settings) -> Settings:
    database = Database.open(settings.data_dir)
    store = Store(database, Vault.open(settings.data_dir), "cli:alice")
    accounts.create(store, "shop")
    keys.create(store, "shop")
    database.close()
    return settings


def test_looking_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    assert checks.data_dir(settings).level == "ok"
    assert [finding.level for finding in checks.keys(settings)] == ["note"]
    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_that_is_a_file_is_a_problem(settings: Settings) -> None:
    settings.data_dir.write_text("")
    assert checks.data_dir(settings).level == "problem"


def test_a_data_directory_that_cannot_be_written_is_a_problem(settings: Settings, monkeypatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    finding = checks.data_dir(settings)
    assert finding.level == "problem"
    assert "--data-dir" in finding.detail


def test_accounts_that_open_are_fine(settings: Settings) -> None:
    assert [finding.level for finding in checks.keys(made(settings))] == ["ok"]


def test_a_lost_master_key_is_a_problem_and_not_replaced(settings: Settings) -> None:
    key = made(settings).data_dir / "master.key"
    key.unlink()
    (finding,) = checks.keys(settings)
    assert finding.level == "problem"
    assert "master.key is missing" in finding.detail
    assert not key.exists()


@pytest.mark.parametrize(("name", "word"), [("master.key", "master key"), ("accounts.db", "database")])
def test_damaged_files_are_problems(settings: Settings, name: str, word: str) -> None:
    for found in made(settings).data_dir.glob(name + "*"):
        found.write_bytes(b"damaged " * 100)
    (finding,) = checks.keys(settings)
    assert finding.level == "problem"
    assert word in finding.detail


def test_a_free_port_is_fine_and_a_taken_one_a_problem() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        other.listen()
        taken = checks.port(Settings(server=ServerSettings(port=port)))
    assert taken.level == "problem"
    assert "--port" in taken.detail
    assert checks.port(Settings(server=ServerSettings(port=port))).level == "ok"


def test_no_certificate_is_no_finding_and_a_bad_one_a_problem(settings: Settings, tmp_path: Path) -> None:
    assert list(checks.certificate(settings)) == []
    bad = ServerSettings(tls_cert=tmp_path / "c", tls_key=tmp_path / "k")
    (finding,) = checks.certificate(Settings(server=bad))
    assert finding.level == "problem"


def test_a_good_certificate_is_fine(tmp_path: Path) -> None:
    import trustme

    issued = trustme.CA().issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "c")
    issued.private_key_pem.write_to_path(tmp_path / "k")
    good = ServerSettings(tls_cert=tmp_path / "c", tls_key=tmp_path / "k")
    assert [finding.level for finding in checks.certificate(Settings(server=good))] == ["ok"]


def test_engines(settings: Settings) -> None:
    flat = settings.model_copy(update={"engine": EngineSettings(name="flat_engine:FlatEngine")})
    assert checks.engine(flat).level == "ok"
    unknown = checks.engine(settings.model_copy(update={"engine": EngineSettings(name="nope")}))
    assert unknown.level == "problem"
    assert "installed: drape" in unknown.detail


def test_missing_weights_are_problems_of_drape_alone(settings: Settings, tmp_path: Path) -> None:
    missing = list(checks.weights(settings, tmp_path / "none"))
    assert [finding.level for finding in missing] == ["problem"] * len(engine_weights())
    assert all("fittingroom models pull" in finding.detail for finding in missing)
    other = settings.model_copy(update={"engine": EngineSettings(name="other")})
    assert {finding.level for finding in checks.weights(other, tmp_path / "none")} == {"note"}


def test_present_weights_are_fine(settings: Settings, tmp_path: Path) -> None:
    for weight in engine_weights().values():
        with (tmp_path / weight.file).open("wb") as file:
            file.truncate(weight.bytes)
    assert {finding.level for finding in checks.weights(settings, tmp_path)} == {"ok"}


def test_extras_are_never_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.heic().level == "ok"
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    assert checks.heic().level == "note"
    monkeypatch.setattr("shutil.which", lambda name, *_: None)
    assert checks.npm().level == "note"
    monkeypatch.setattr("shutil.which", lambda name, *_: "/bin/npm")
    assert checks.npm().level == "ok"


def test_a_library_that_imports_is_fine() -> None:
    assert checks.library("json") == Finding("ok", "json", "can be imported")


def test_a_library_that_lacks_a_system_library_names_the_package(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "needs_gl.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finding = checks.library("needs_gl")
    assert finding.level == "problem"
    assert "apt-get install libgl1" in finding.detail


def test_a_library_that_kills_its_process_is_a_problem(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "deadly.py").write_text("import os; os.abort()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finding = checks.library("deadly")
    assert finding.level == "problem"
    assert "exit code -6" in finding.detail


def test_a_library_that_never_ends_is_a_problem(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "slow.py").write_text("import time; time.sleep(60)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(checks, "IMPORT_SECONDS", 0.2)
    assert checks.library("slow").level == "problem"


def test_all_matters_are_looked_at(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "library", lambda name, *_: Finding("ok", name, ""))
    looked = [finding.what for finding in checks.examine(settings)]
    assert looked[:2] == ["python", "cores"]
    assert {"data directory", "accounts", "port", "engine", "HEIC", "npm", *checks.LIBRARIES} <= set(looked)
    assert sum(what.startswith("weight ") for what in looked) == len(engine_weights())


def test_python_is_the_one_that_runs() -> None:
    assert checks.python().detail == ".".join(map(str, sys.version_info[:3]))


def test_review_is_on_and_its_thresholds_are_told(settings: Settings) -> None:
    finding = checks.review(settings)
    assert finding == Finding("ok", "review", "by open_nsfw, inputs refused from 0.8, results from 0.8")


def test_review_switched_off_is_a_note(settings: Settings) -> None:
    off = ModerationSettings(enabled=False, hook_url="http://10.0.0.1/?key=private")
    finding = checks.review(settings.model_copy(update={"moderation": off}))
    assert finding == Finding("note", "review", "off by moderation.enabled; only by moderation.hook_url")


def test_a_reviewer_that_cannot_be_loaded_is_a_problem(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "library", lambda *_: Finding("problem", "x", "cannot be imported (no such file)"))
    assert checks.review(settings) == Finding("problem", "review", "the reviewer cannot be imported (no such file)")


def test_a_statement_after_the_import_counts() -> None:
    assert checks.library("json", "json.loads('[]')").level == "ok"
    assert checks.library("json", "json.loads('[')").level == "problem"


def test_what_auto_stands_for_is_said(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_MODELS_DIR", str(tmp_path))
    found = checks.engine(settings)
    assert found.level == "ok"
    assert found.detail.startswith("drape: it needs no card; fashn: ")
    on_ray = Settings.model_validate({"dispatch": {"kind": "ray"}, "ray": {"gpus": 1}})
    assert checks.engine(on_ray).level == "problem"


def test_a_set_is_missed_where_its_engine_was_named_or_it_is_damaged(settings: Settings, tmp_path: Path) -> None:
    named = settings.model_copy(update={"engine": EngineSettings(name="fashn")})
    found = {finding.what: finding for finding in checks.weights(named, tmp_path)}
    assert found["weights of fashn"].level == "problem"
    assert "run `fittingroom models pull fashn` (2.3 GB)" in found["weights of fashn"].detail
    assert found["weight selfie_multiclass"].level == "problem"
    assert found["weight migan_pipeline_v2"].level == "note"
    assert "weights of qwen-edit" not in found
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.safetensors").write_bytes(b"x")
    folder = adopt_folder("fashn", tmp_path / "mine", tmp_path)
    assert Finding("ok", "weights of fashn", "2.3 GB") in checks.weights(named, tmp_path)
    (folder / "model.safetensors").unlink()
    (wrong,) = [finding for finding in checks.weights(settings, tmp_path) if finding.what == "weights of fashn"]
    assert (wrong.level, "missing" in wrong.detail, "(model.safetensors)" in wrong.detail) == ("note", True, True)
