"""The section "Temporary credentials" of docs/clients.md: its commands and its code, run as they stand there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from client_environments import node_environment, python_environment
from running_server import RunningServer, fittingroom, make_key

from fittingroom.client import Credential

TEXT = (Path(__file__).parents[2] / "docs" / "clients.md").read_text(encoding="utf-8")
SECTION = TEXT.split("## Temporary credentials\n")[1].split("\n## ")[0]
PYTHON = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
(NODE,) = re.findall(r"```js\n(.*?)```", SECTION, re.DOTALL)
COMMANDS = [shlex.split(line, comments=True) for line in SECTION.splitlines() if line.startswith("    fittingroom ")]


@pytest.fixture(scope="module")
def shop(world: Any) -> tuple[Credential, str]:
    """What an operator has who ran the section's commands: a key of the account's root user, and the RoleArn."""
    data_dir = world.server.data_dir
    fittingroom("accounts", "create", "shop", "--data-dir", data_dir)
    assert len(COMMANDS) == 3
    for words in COMMANDS:
        told = fittingroom(*words[1:], "--data-dir", data_dir)
        if words[1:3] == ["roles", "create"]:
            arn = told.split()[1]
    key = make_key(data_dir, "shop")
    time.sleep(1.0)  # running servers look for new keys every half second
    return key, arn


@pytest.fixture
def names(world: Any, shop: tuple[Credential, str], secure: RunningServer) -> dict[str, str]:
    """What the section's code takes as given."""
    key, arn = shop
    return {
        "ENDPOINT": f"localhost:{secure.port}",
        "ROLE_ARN": arn,
        "SECRET_ID": key.secret_id,
        "SECRET_KEY": key.secret_key,
        "secretId": key.secret_id,
        "secretKey": key.secret_key,
        "person_url": world.pictures["person"],
        "garment_url": world.pictures["garment"],
        "ModelUrl": world.pictures["person"],
        "ClothesUrl": world.pictures["garment"],
    }


def run(*words: str | Path, folder: Path | None = None, **variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    here = {**kept, "PYTHONPATH": "", **variables}
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60, cwd=folder, env=here)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def bundle(authority: Path, tmp_path: Path) -> str:
    """A folder with a certifi whose bundle has the authority appended, as the section says."""
    python = python_environment("python-intl") / "python"
    where = Path(run(python, "-c", "import certifi; print(certifi.where())").strip())
    shutil.copytree(where.parent, tmp_path / "certifi")
    with (tmp_path / "certifi" / where.name).open("ab") as file:
        file.write(b"\n" + (authority / "ca.pem").read_bytes())
    return str(tmp_path)


def told(names: dict[str, str], line: str) -> str:
    return "".join(line.format(name=name, value=json.dumps(value)) for name, value in names.items())


def test_the_helper_of_python(names: dict[str, str], bundle: str) -> None:
    code = told(names, "{name} = {value}\n") + PYTHON[0]
    assert run(python_environment("python-intl") / "python", "-c", code, PYTHONPATH=bundle).startswith('{"ResultImage"')


def test_a_federation_token(names: dict[str, str], bundle: str) -> None:
    code = told(names, "{name} = {value}\n") + PYTHON[1]
    identity = json.loads(run(python_environment("python-intl") / "python", "-c", code, PYTHONPATH=bundle))
    assert identity["UserId"] == f"{identity['AccountId']}:shop-floor"


def test_the_helper_of_node(names: dict[str, str], authority: Path) -> None:
    node, project = node_environment("node")
    code = told(names, "const {name} = {value};\n") + NODE
    assert "ResultImage" in run(node, "-e", code, folder=project, NODE_EXTRA_CA_CERTS=str(authority / "ca.pem"))


def test_all_of_its_code_is_run() -> None:
    assert len(PYTHON) == 2
    assert SECTION.count("```") == 2 * (len(PYTHON) + 1)
