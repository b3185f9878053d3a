"""The document is OpenAPI 3.1, complete by the tables it is made from, and true of a running server's answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from fittingroom.actions.registry import ACTIONS
from fittingroom.errors.catalogue import CATALOGUE
from fittingroom.errors.reasons import REASONS
from fittingroom.pages.developer.openapi import document
from fittingroom.pages.examples import example_code

ENDPOINT = "https://tryon.example.com"
DOCUMENT = document(ENDPOINT)
TABLE = {action.name: action for named in ACTIONS.values() for action in named.values()}


def pointers(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else []
        for each in value.values():
            yield from pointers(each)
    elif isinstance(value, list):
        for each in value:
            yield from pointers(each)


def answers(action: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{action}Answer", "components": DOCUMENT["components"]})


def test_it_is_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_its_form_by_hand() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["servers"] == [{"url": ENDPOINT}]
    for pointer in pointers(DOCUMENT):
        at: Any = DOCUMENT
        for step in pointer.removeprefix("#/").split("/"):
            at = at[step]
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    operations = [path["post"]["operationId"] for path in DOCUMENT["paths"].values()]
    assert len(set(operations)) == len(operations)
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT


def test_every_action_is_there_with_every_parameter() -> None:
    assert {path.removeprefix("/#") for path in DOCUMENT["paths"]} == set(TABLE)
    for name, action in TABLE.items():
        post = DOCUMENT["paths"][f"/#{name}"]["post"]
        fixed = {header["name"]: header["schema"]["const"] for header in post["parameters"] if "name" in header}
        assert fixed == {"X-TC-Action": name, "X-TC-Version": action.version}
        schema = DOCUMENT["components"]["schemas"][action.request.__name__]
        assert set(schema["properties"]) == {field.alias for field in action.request.model_fields.values()}
        assert post["x-permission"] == action.permission


def test_every_operation_carries_its_programs() -> None:
    for name in TABLE:
        post = DOCUMENT["paths"][f"/#{name}"]["post"]
        example = post["requestBody"]["content"]["application/json"]["example"]
        codes = {each["lang"]: each["source"] for each in post["x-codeSamples"]}
        assert codes == example_code(name, example, ENDPOINT)


def test_every_error_is_there_and_only_answered_ones_are_promised() -> None:
    told = {error["code"]: error for error in DOCUMENT["x-errors"]}
    assert set(told) == set(CATALOGUE)
    promised = DOCUMENT["components"]["schemas"]["Failure"]["properties"]["Error"]["properties"]["Code"]["enum"]
    assert set(promised) == {reason.code for reason in REASONS.values()} | {
        code for code, entry in CATALOGUE.items() if entry.answered
    }
    for code, error in told.items():
        assert error["en"]
        assert error["zh"]
        assert bool(error.get("never")) != ("messages" in error)
        if "messages" in error:
            causes = [(reason.en, reason.zh) for reason in REASONS.values() if reason.code == code]
            assert [(message["en"], message["zh"]) for message in error["messages"]] == causes


@pytest.mark.parametrize(
    "answer",
    [
        {"ResultImage": "aGk=", "RequestId": "id"},
        {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "."}, "RequestId": "id"},
    ],
)
def test_answers_are_one_of_two_forms(answer: dict[str, Any]) -> None:
    assert answers("ChangeClothes").is_valid({"Response": answer})
    assert not answers("ChangeClothes").is_valid({"Response": {**answer, "More": 1}})
    assert not answers("ChangeClothes").is_valid(answer)


def test_a_code_that_is_never_answered_is_not_valid() -> None:
    never = next(code for code, entry in CATALOGUE.items() if not entry.answered)
    assert not answers("ChangeClothes").is_valid(
        {"Response": {"Error": {"Code": never, "Message": "."}, "RequestId": "id"}}
    )


@pytest.mark.parametrize("endpoint", ["tryon.example.com", "http://a'b"])
def test_an_endpoint_that_is_none_is_refused(endpoint: str) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        document(endpoint)
