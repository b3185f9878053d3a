"""The examples that the pages show are run as they stand, against a server that knows nothing of them.

Python and Node have the official SDKs here, the shell needs openssl and curl. Go and Java have no SDK in the test
suite: their form is held by tests/pages/test_examples.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from answers import picture
from client_environments import node_environment, python_environment
from jsonschema import validate
from pictures import encoded, figure

from fittingroom.pages.developer.openapi import document
from fittingroom.pages.examples import example_code

ALLOWED = json.dumps({"version": "2.0", "statement": [{"effect": "allow", "action": "aiart:*", "resource": "*"}]})
RUN_HERE = ["python", "node", "curl"]


@pytest.fixture(params=RUN_HERE)
def run(request, world, tmp_path):
    """Runs the example of a language in an empty folder; what it printed, or its complaint as `CalledProcessError`."""
    language = request.param

    def ran(action: str, parameters: dict, secret_key: str = world.key.secret_key) -> str:
        program = example_code(action, parameters, world.server.url)[language]
        command, variables = command_of(language)
        variables |= {"TENCENTCLOUD_SECRET_ID": world.key.secret_id, "TENCENTCLOUD_SECRET_KEY": secret_key}
        inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        (tmp_path / "program").write_text(program, encoding="utf-8")
        done = subprocess.run(
            [*command, "program"],
            cwd=tmp_path,
            env=inherited | variables,
            check=True,
            capture_output=True,
            text=True,
            timeout=90,
        )
        return done.stdout

    return ran


def command_of(language: str) -> tuple[list[str], dict[str, str]]:
    if language == "curl":
        missing = [tool for tool in ("bash", "openssl", "curl") if shutil.which(tool) is None]
        if missing:
            pytest.skip(f"no {' '.join(missing)} on this machine")
        return ["bash"], {}
    if language == "node":
        node, project = node_environment("node")
        return [str(node)], {"NODE_PATH": str(project / "node_modules")}
    return [str(python_environment("python-intl") / "python")], {}


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
    assert "AuthFailure.SignatureFailure" in failed.value.stderr
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
