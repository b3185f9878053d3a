"""The systemd units: what systemd itself says of them, and that they leave the server its time to drain."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from deploy_tools import DEPLOY, output_of, tool

from fittingroom.server.run import LAST_ANSWERS
from fittingroom.settings import Settings

FOLDER = DEPLOY / "systemd"
UNITS = ("fittingroom.service", "fittingroom-weights.service")
EXPOSURE = 20
"""Tenths: systemd calls 2.0 and less well protected; an ordinary service has more than 90."""

REMEDY = "apt install systemd"


def settings_of(unit: str) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FOLDER / unit, encoding="utf-8")
    return parser["Service"]


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    for unit in UNITS:
        text = (FOLDER / unit).read_text(encoding="utf-8")
        assert "/opt/fittingroom/bin/fittingroom" in text
        (tmp_path / unit).write_text(text.replace("/opt/fittingroom/bin/fittingroom", "/bin/true"), encoding="utf-8")
    code, said = output_of(tool("systemd-analyze", REMEDY), "verify", *(tmp_path / unit for unit in UNITS))
    assert code == 0, said
    assert said == ""


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_little_exposed(unit: str) -> None:
    code, said = output_of(
        tool("systemd-analyze", REMEDY), "security", "--offline=yes", f"--threshold={EXPOSURE}", FOLDER / unit
    )
    assert code == 0, said


def test_users_and_folders_are_understood(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    root = f"--root={tmp_path}"
    code, said = output_of(tool("systemd-sysusers", REMEDY), root, FOLDER / "sysusers.conf")
    assert code == 0, said
    assert "fittingroom:x:" in (tmp_path / "etc" / "passwd").read_text(encoding="utf-8")
    code, said = output_of(tool("systemd-tmpfiles", REMEDY), root, "--create", FOLDER / "tmpfiles.conf")
    assert code == 0, said
    assert (tmp_path / "etc" / "fittingroom").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "etc" / "fittingroom" / "fittingroom.toml").stat().st_mode & 0o777 == 0o640


def test_stopping_leaves_time_for_running_requests() -> None:
    service = settings_of("fittingroom.service")
    settings = Settings()
    needed = settings.server.drain_timeout + LAST_ANSWERS + settings.dispatch.grace
    assert int(service["TimeoutStopSec"]) >= needed
    assert service["KillMode"] == "mixed"
    assert service["OOMPolicy"] == "continue"


def test_both_units_mean_the_same_weights() -> None:
    first, second = (
        {
            line.split("=", 2)[2]
            for line in (FOLDER / unit).read_text(encoding="utf-8").splitlines()
            if line.startswith("Environment=FITTINGROOM_MODELS_DIR")
        }
        for unit in UNITS
    )
    assert first == second != set()
