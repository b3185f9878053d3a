import tomllib
from pathlib import Path

import pytest

from fittingroom.configuration import leaves, load_configuration
from fittingroom.settings import Settings


def test_the_output_is_a_configuration_file(run, tmp_path: Path) -> None:
    shown = run("config", "show", "--data-dir", tmp_path).out
    (tmp_path / "copy.toml").write_text(shown)
    assert load_configuration(tmp_path / "copy.toml").settings == Settings(data_dir=tmp_path)


def test_every_setting_is_there(run) -> None:
    shown = run("config", "show").out
    for leaf in leaves():
        assert f"\n{leaf.path[-1]} = " in "\n" + shown or f"# {leaf.path[-1]} is " in shown, leaf.name


def test_each_value_says_where_it_came_from(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "c.toml").write_text("[server]\nport = 81\n")
    monkeypatch.setenv("FITTINGROOM_DISPATCH__WORKERS", "2")
    lines = run("config", "show", "--config", tmp_path / "c.toml", "--data-dir", tmp_path).out.splitlines()
    assert "port = 81  # file" in lines
    assert "workers = 2  # environment" in lines
    assert f'data_dir = "{tmp_path}"  # flag' in lines
    assert 'host = "127.0.0.1"  # default' in lines


def test_secrets_are_not_shown(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_RESULTS__SIGNING_KEY", "a very well kept secret")
    shown = run("config", "show").out
    assert "well kept" not in shown
    assert "# signing_key is set and not shown  # environment" in shown
    assert "# master_key is not set" in shown
    assert "# database is not set" in shown
    assert tomllib.loads(shown)["results"]["lifetime"] == 3600


def test_the_database_s_url_is_not_shown_since_it_may_hold_a_password(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_ACCOUNTS__DATABASE", "postgresql://alice:hunter2@127.0.0.1:1/x")
    assert "hunter2" not in run("config", "show").out
    failed = run("accounts", "list")
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith("the database of accounts cannot be opened: connection failed")
    assert "hunter2" not in failed.err


def test_a_bad_value_is_a_line_and_exit_code_one(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITTINGROOM_SERVER__PORT", "x")
    done = run("config", "show")
    assert (done.code, done.out) == (1, "")
    assert "server.port (environment)" in done.err


def test_the_document_is_what_the_command_prints(run) -> None:
    """If this fails: `fittingroom config document > docs/settings.md`."""
    kept = Path(__file__).parents[2] / "docs" / "settings.md"
    assert run("config", "document").out == kept.read_text(encoding="utf-8")


def test_the_document_holds_every_setting_and_nothing_of_this_machine(run) -> None:
    printed = run("config", "document").out
    for leaf in leaves():
        assert f"| `{leaf.name}` | `{leaf.variable}`" in printed
    assert str(Path.home()) not in printed or str(Path.home()) == "/"
