"""What holds without Ray: nothing imports it unless it was chosen, and a missing extra is one line."""

import os
import subprocess
import sys

import pytest

from fittingroom.cli.main import app
from fittingroom.dispatch.ray import library

IMPORTS = """
import sys
import fittingroom.server.run, fittingroom.cli.main
from fittingroom.server.services import local_services
from fittingroom.settings import Settings
local_services(Settings(data_dir=sys.argv[1])).database.close()
sys.exit("ray" in sys.modules)
"""


def test_nothing_imports_ray_unless_it_was_chosen(tmp_path) -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_serving_without_the_extra_names_it_in_one_line(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(library, "installed", lambda: False)
    command = ["serve", "--dispatch", "ray", "--port", "0", "--data-dir", str(tmp_path)]
    with pytest.raises(SystemExit) as ended:
        app(command)
    assert ended.value.code == 1
    assert capsys.readouterr().err == library.MISSING + "\n"
    assert 'pip install "fittingroom[ray]"' in library.MISSING


def test_telemetry_is_off_unless_asked_for(monkeypatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    library.prepare()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    monkeypatch.setattr(os, "environ", {"RAY_USAGE_STATS_ENABLED": "1"})
    library.prepare()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "1"


@pytest.mark.parametrize("bounds", [{"min_replicas": 3, "max_replicas": 2}])
def test_bounds_of_replicas_that_cross_are_refused(bounds) -> None:
    from pydantic import ValidationError

    from fittingroom.settings import RaySettings

    with pytest.raises(ValidationError, match="max_replicas must not be less"):
        RaySettings.model_validate(bounds)
