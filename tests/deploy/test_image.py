"""The Dockerfile: what hadolint says, and that its paths, port, extras and locks are the project's own."""

from __future__ import annotations

import re
import tomllib

from deploy_tools import DEPLOY, ROOT, output_of, tool

from fittingroom.cli.checks import PACKAGES
from fittingroom.configuration import leaves
from fittingroom.settings import Settings

DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_hadolint_has_nothing_to_say() -> None:
    code, said = output_of(tool("hadolint"), "--failure-threshold", "info", DEPLOY / "Dockerfile")
    assert code == 0, said


def test_every_copied_path_exists_and_is_let_through_to_the_builder() -> None:
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]
    }
    assert {"src", "requirements.lock", "deploy/health.py"} <= copied
    assert copied == allowed
    for path in copied:
        assert (ROOT / path).exists(), path


def test_nothing_but_the_named_paths_reaches_the_builder() -> None:
    first = next(
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )
    assert first == "*"


def test_its_extras_exist_and_are_pinned_by_the_second_lock() -> None:
    extras = re.search(r"^ARG EXTRAS=(.+)$", DOCKERFILE, re.MULTILINE)
    assert extras
    locked = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    for extra in extras[1].split(","):
        for requirement in PROJECT["optional-dependencies"][extra]:
            name = re.match(r"[A-Za-z0-9._-]+", requirement)
            assert name
            assert re.search(rf"^{re.escape(name[0])}==", locked, re.MULTILINE), requirement


def test_its_variables_are_settings_and_its_port_is_the_servers() -> None:
    known = {leaf.variable for leaf in leaves()} | {"FITTINGROOM_MODELS_DIR"}
    named = set(re.findall(r"\b(FITTINGROOM_[A-Z_]+)=", DOCKERFILE))
    assert "FITTINGROOM_DATA_DIR" in named
    assert named <= known
    assert f"\nEXPOSE {Settings().server.port}\n" in DOCKERFILE


def test_it_runs_as_a_user_with_a_number_who_is_not_root() -> None:
    """Kubernetes' runAsNonRoot cannot tell for a name."""
    last = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last)


def test_base_images_are_pinned_by_a_version() -> None:
    images = re.findall(r"^ARG PYTHON_IMAGE=(.+)$", DOCKERFILE, re.MULTILINE)
    assert len(images) == 1
    assert re.fullmatch(r"python:3\.11-slim-[a-z]+", images[0])
    others = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    assert others == {"${PYTHON_IMAGE}", "build", "base", "weights-${WEIGHTS}"}


def test_the_systems_libraries_are_those_that_doctor_asks_for() -> None:
    """Without one of them the server starts and no worker does: seen on a bare Debian."""
    installed = re.search(r"apt-get install --yes --no-install-recommends (.+) \\$", DOCKERFILE, re.MULTILINE)
    assert installed
    assert set(installed[1].split()) == set(PACKAGES.values())
    told = f"apt install {' '.join(sorted(PACKAGES.values()))}"
    for page in ("README.md", "docs/deployment.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert all(name in text for name in PACKAGES.values()), f"{page} should say: {told}"
