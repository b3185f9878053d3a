"""The examples that the pages show are run as they stand, against a server that knows nothing of them.

Python and Node have the official SDKs here, the shell needs openssl and curl. The SDKs of Go and Java are in no
registry that every machine of ours reaches, so those two run where they are said to lie: FITTINGROOM_TEST_GO_SDK is the
folder tencentcloud/common of the SDK's source, FITTINGROOM_TEST_JAVA_CLASSPATH its classes and their libraries.
tests/pages/test_examples.py holds the form of all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from answers import picture
from client_environments import node_environment, python_environment
from jsonschema import validate
from pictures import encoded, figure

from fittingroom.pages.developer.openapi import document
from fittingroom.pages.examples import example_code

ALLOWED = json.dumps({"version": "2.0", "statement": [{"effect": "allow", "action": "aiart:*", "resource": "*"}]})
GO_MODULE = "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
LANGUAGES = ["python", "node", "curl", "go", "java"]


@dataclass(frozen=True)
class Way:
    """How a language's programs are run: the file's name, the command, variables, and further files by name."""

    file: str
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@pytest.fixture(params=LANGUAGES)
def run(request, world, tmp_path):
    """Runs the example of a language in an empty folder; what it printed, or its complaint as `CalledProcessError`."""
    language = request.param
    way = WAYS[language](tmp_path)

    def ran(action: str, parameters: dict, secret_key: str = world.key.secret_key) -> str:
        program = example_code(action, parameters, world.server.url)[language]
        variables = {"TENCENTCLOUD_SECRET_ID": world.key.secret_id, "TENCENTCLOUD_SECRET_KEY": secret_key}
        inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        for name, text in {**way.files, way.file: program}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        done = subprocess.run(
            way.command,
            cwd=tmp_path,
            env={**inherited, **way.variables, **variables},
            check=True,
            capture_output=True,
            text=True,
            timeout=90,
        )
        return done.stdout

    return ran


def python_way(folder: Path) -> Way:
    return Way("program", (str(python_environment("python-intl") / "python"), "program"))


def node_way(folder: Path) -> Way:
    node, project = node_environment("node")
    return Way("program", (str(node), "program"), {"NODE_PATH": str(project / "node_modules")})


def shell_way(folder: Path) -> Way:
    needs("bash", "openssl", "curl")
    return Way("program", ("bash", "program"))


def go_way(folder: Path) -> Way:
    needs("go")
    require, replace = f"require {GO_MODULE} v0.0.0", f"replace {GO_MODULE} => {told('FITTINGROOM_TEST_GO_SDK')}"
    places = {"GOCACHE": str(folder / "cache"), "GOPATH": str(folder / "go"), "GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    return Way("main.go", ("go", "run", "."), places, {"go.mod": f"module example\ngo 1.21\n{require}\n{replace}\n"})


def java_way(folder: Path) -> Way:
    needs("java", "javac")
    return Way("Example.java", ("java", "-cp", told("FITTINGROOM_TEST_JAVA_CLASSPATH"), "Example.java"))


WAYS = {"python": python_way, "node": node_way, "curl": shell_way, "go": go_way, "java": java_way}


def needs(*tools: str) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no {' '.join(missing)} on this machine")


def told(variable: str) -> str:
    if variable not in os.environ:
        pytest.skip(f"{variable} does not say where the SDK is")
    return os.environ[variable]


def test_the_picture_is_saved(run, world, tmp_path):
    person = world.origin.publish("/it's-$(me).png", encoded(figure()))
    told = run("ChangeClothes", world.parameters(ModelUrl=person))
    picture((tmp_path / "dressed.jpg").read_bytes())
    assert told.startswith("dressed.jpg ")
    assert len(told.split()[1]) == 36


def test_any_other_answer_is_printed(run):
    answer = json.loads(run("GetCallerIdentity", {}))
    assert answer.get("Response", answer)["Type"] == "RootAccount"


def test_a_refusal_is_a_failure_with_its_code(run, tmp_path):
    with pytest.raises(subprocess.CalledProcessError) as failed:
        run("ChangeClothes", {"ModelUrl": "https://example.com/a.jpg"}, "not the key")
    assert "AuthFailure.SignatureFailure" in failed.value.stderr + failed.value.stdout
    assert not (tmp_path / "dressed.jpg").exists()


@pytest.fixture
def answered(world, drivers):
    """Calls an action; its answer, which fits the OpenAPI document."""

    def ask(action: str, parameters: dict) -> dict:
        product = "sts" if action.startswith("Get") else "aiart"
        case = world.case("common", action=action, params=parameters, product=product)
        told = drivers("python-intl").ask(case)
        assert "ok" in told, told
        schema = {"$ref": f"#/components/schemas/{action}Answer"}
        validate({"Response": told["ok"]}, schema | {"components": document(world.server.url)["components"]})
        return told["ok"]

    return ask


def test_answers_are_what_the_document_says(answered, world):
    garments = [{"Url": world.pictures["garment"], "ClothesType": "Upper-body"}]
    answered("ChangeClothes", world.parameters(RspImgType="url"))
    answered("ChangeOutfit", {"ModelUrl": world.pictures["person"], "Garments": garments, "WithMask": 1})
    job = answered("SubmitChangeClothesJob", world.parameters())["JobId"]
    answered("QueryChangeClothesJob", {"JobId": job})
    answered("GetCallerIdentity", {})
    answered("GetFederationToken", {"Name": "till", "Policy": ALLOWED})
