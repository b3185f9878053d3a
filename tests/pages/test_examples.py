"""The form of the examples in every language: nothing that a caller wrote becomes code, and the tools that read a
language without its SDK read ours. That they work is in tests/clients/test_examples.py."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from fittingroom.actions.registry import ACTIONS
from fittingroom.pages.examples import TEMPLATES, example_code

ENDPOINT = "https://tryon.example.com"
NASTY = {
    "ModelUrl": 'https://example.com/`\'"""\\u0022\\"$(touch x)@@HOST@@@@?end@@\n\u4e2d\u6587\U0001f600\u2028*/.jpg',
    "LogoParam": {"LogoRect": {"X": 1, "Y": None}, "Odd": [True, 0.5, {}]},
}


def between(text: str, start: str, end: str) -> str:
    return text.split(start, 1)[1].split(end, 1)[0]


def test_python_gets_the_very_value():
    tree = ast.parse(example_code("ChangeClothes", NASTY, ENDPOINT)["python"])
    found = next(
        node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "parameters"
    )
    assert ast.literal_eval(found) == NASTY


def test_node_gets_the_very_value():
    program = example_code("ChangeClothes", NASTY, ENDPOINT)["node"]
    assert json.loads(between(program, "const parameters = ", ";\nclient.request")) == NASTY


def test_go_gets_the_very_value():
    literal = between(example_code("ChangeClothes", NASTY, ENDPOINT)["go"], "const parameters = `", "`\n\nfunc")
    assert "`" not in literal
    assert json.loads(literal) == NASTY


def test_a_shell_gets_the_very_value(tmp_path):
    program = example_code("ChangeClothes", NASTY, ENDPOINT)["curl"]
    line = "body=" + between(program, "\nbody=", "\nnow=") + '\nprintf %s "$body"'
    told = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == NASTY
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(shutil.which("java") is None, reason="no java on this machine")
def test_java_gets_the_very_value(tmp_path):
    literal = between(
        example_code("ChangeClothes", NASTY, ENDPOINT)["java"], "String parameters = ", ";\n        String"
    )
    source = "class A { public static void main(String[] a) { System.out.print(" + literal + "); } }"
    (tmp_path / "A.java").write_text(source, encoding="ascii")
    told = subprocess.run(["java", "-Xshare:auto", "A.java"], cwd=tmp_path, capture_output=True, text=True, check=False)
    if "jdk.compiler" in told.stderr:
        pytest.skip("java without its compiler")
    assert json.loads(told.stdout) == NASTY, told.stderr


@pytest.mark.parametrize("action", [name for actions in ACTIONS.values() for name in actions])
def test_every_action_has_a_program_in_every_language(action):
    made = example_code(action, {}, ENDPOINT)
    assert made.keys() == TEMPLATES.keys()
    for name, program in made.items():
        assert "@@" not in program
        assert action in program
        assert "tryon.example.com" in program
        assert ("dressed.jpg" in program) == (action == "ChangeClothes"), name
        assert "TENCENTCLOUD_SECRET_KEY" in program


def test_a_url_is_shown_and_not_saved():
    made = example_code("ChangeClothes", {"RspImgType": "url"}, ENDPOINT)
    assert not [name for name, program in made.items() if "dressed.jpg" in program]


@pytest.mark.parametrize(
    "endpoint", ["tryon.example.com", "ftp://a", "http://", "http://a'b", 'http://a"b', "http://a b"]
)
def test_an_endpoint_that_is_none_is_refused(endpoint):
    with pytest.raises(ValueError, match="endpoint"):
        example_code("ChangeClothes", {}, endpoint)


def test_an_unknown_action_is_refused():
    with pytest.raises(ValueError, match="no action"):
        example_code("ChangeShoes", {}, ENDPOINT)


def test_go_is_laid_out_as_go_does(tmp_path: Path):
    gofmt = shutil.which("gofmt")
    if gofmt is None:
        pytest.skip("no gofmt on this machine")
    for action in ("ChangeClothes", "ChangeOutfit"):
        (tmp_path / "main.go").write_text(example_code(action, NASTY, ENDPOINT)["go"], encoding="utf-8")
        told = subprocess.run([gofmt, "-l", "main.go"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert told.stdout == ""
