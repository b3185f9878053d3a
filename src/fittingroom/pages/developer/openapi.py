"""The OpenAPI 3.1 document of this server, made from the table of actions and the catalogue of errors.

The API has one path, `/`, and tells actions apart by the header `X-TC-Action`, which OpenAPI cannot say; so each action
stands under `/#Name`: the fragment is never sent, and a generated client posts to `/`. Extensions hold what OpenAPI has
no place for: Chinese words, the examples (`x-codeSamples`) and the messages of errors (`x-errors`). Invariant: an
action of the table is in the document, with every parameter; a code that the server never answers is not in `Code`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any, Final, get_type_hints

from fittingroom.actions.fields import WireResult
from fittingroom.actions.registry import ACTIONS, Action
from fittingroom.errors.catalogue import CATALOGUE
from fittingroom.errors.reasons import REASONS
from fittingroom.pages.developer.schemas import described, schemas
from fittingroom.pages.developer.words import Words, example_of, of_action, of_field
from fittingroom.pages.examples import example_code

LABELS: Final = {"python": "Python", "node": "Node", "go": "Go", "java": "Java", "curl": "curl"}

_TEXT: Final = {"type": "string"}
_HEADERS: Final[Mapping[str, tuple[bool, Mapping[str, Any], Words]]] = {
    "X-TC-Timestamp": (
        True,
        {"type": "integer"},
        Words("Unix seconds; within five minutes of the server's clock.", "Unix 秒；与服务器时钟相差不超过五分钟。"),
    ),
    "X-TC-Region": (False, _TEXT, Words("Any region name, such as ap-singapore.", "任意地域名称，如 ap-singapore。")),
    "X-TC-Language": (
        False,
        {"enum": ["en-US", "zh-CN"], "default": "en-US"},
        Words("The language of error messages.", "错误信息的语言。"),
    ),
    "X-TC-Token": (False, _TEXT, Words("Of a temporary credential.", "临时凭证的 Token。")),
}
_NAMED: Final = Words("The action's name.", "接口名。")
_DATED: Final = Words("The version of the API that the action belongs to.", "接口所属的 API 版本。")
_SIGNATURE: Final = (
    "TC3-HMAC-SHA256, as the official SDKs make it. The header is "
    "`TC3-HMAC-SHA256 Credential=<SecretId>/<date>/<service>/tc3_request, SignedHeaders=content-type;host, "
    "Signature=<hex>`. The signatures HmacSHA1 and HmacSHA256 of older SDKs are taken too."
)


def document(endpoint: str) -> dict[str, Any]:
    """The document as JSON values. endpoint: `scheme://host[:port]` of this server. Raises `ValueError` for another."""
    actions = [action for named in ACTIONS.values() for action in named.values()]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fitting Room",
            "version": version("fittingroom"),
            "summary": "Virtual try-on, wire-compatible with Tencent Cloud aiart ChangeClothes",
            "description": "Every answer is HTTP 200; an error is in `Response.Error`. All actions are posted to `/`; "
            "the part of a path after `#` only names the action and is not sent.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": endpoint}],
        "security": [{"TC3": []}],
        "tags": [{"name": name} for name in dict.fromkeys(action.product for action in actions)],
        "paths": {f"/#{action.name}": {"post": _operation(action, endpoint)} for action in actions},
        "components": {
            "schemas": _schemas(actions),
            "parameters": {name: _header(name, *rest) for name, rest in _HEADERS.items()},
            "securitySchemes": {
                "TC3": {"type": "apiKey", "in": "header", "name": "Authorization", "description": _SIGNATURE}
            },
        },
        "x-errors": [*_errors()],
    }


def result_of(action: Action) -> type[WireResult]:
    """The model of an action's answer."""
    found: type[WireResult] = get_type_hints(action.handle)["return"]
    return found


def _operation(action: Action, endpoint: str) -> dict[str, Any]:
    words, example = of_action(action.name), example_of(action.name)
    codes = example_code(action.name, example, endpoint)
    fixed = [
        _header("X-TC-Action", True, {"const": action.name}, _NAMED),
        _header("X-TC-Version", True, {"const": action.version}, _DATED),
    ]
    request = {"schema": _reference(action.request.__name__), "example": example}
    return {
        "operationId": action.name,
        "tags": [action.product],
        "summary": words.en,
        "x-summary-zh": words.zh,
        "x-permission": action.permission,
        "x-version": action.version,
        "parameters": [*fixed, *({"$ref": f"#/components/parameters/{name}"} for name in _HEADERS)],
        "requestBody": {"required": True, "content": {"application/json": request}},
        "responses": {
            "200": {
                "description": "The result, or an error.",
                "content": {"application/json": {"schema": _reference(f"{action.name}Answer")}},
            }
        },
        "x-codeSamples": [{"lang": name, "label": label, "source": codes[name]} for name, label in LABELS.items()],
    }


def _schemas(actions: list[Action]) -> dict[str, Any]:
    made = schemas([action.request for action in actions], [result_of(action) for action in actions])
    request_id = described(_TEXT, of_field("Answer", "RequestId"))
    codes = [entry.code for entry in CATALOGUE.values() if entry.answered]
    error = {"Code": {"type": "string", "enum": codes}, "Message": _TEXT}
    failure = _object({"Error": _object(error), "RequestId": request_id})
    for action in actions:
        result = made[result_of(action).__name__]
        success = _object({**result["properties"], "RequestId": request_id})
        made[f"{action.name}Answer"] = _object({"Response": {"oneOf": [success, _reference("Failure")]}})
    return {**made, "Failure": failure}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _reference(model: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model}"}


def _header(name: str, required: bool, schema: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return described({"name": name, "in": "header", "required": required, "schema": schema}, words)


def _errors() -> Iterable[dict[str, Any]]:
    for entry in CATALOGUE.values():
        said = {"code": entry.code, "list": entry.source, "en": entry.en, "zh": entry.zh}
        if not entry.answered:
            yield said | {"never": entry.never}
            continue
        causes = [reason for reason in REASONS.values() if reason.code == entry.code]
        messages = [{"en": reason.en, "zh": reason.zh} for reason in causes]
        yield said | {"when": entry.when, "remedy": entry.remedy, "messages": messages}
