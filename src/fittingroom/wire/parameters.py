"""Turns bytes into parameters: a JSON object, or pairs of a form or query whose dotted names nest.

Only the shape is decided here; types and names are the binder's. Invariant: whatever the bytes are, the outcome is a
`dict` of plain values that holds only valid Unicode, or `ApiError("malformed_body")`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from fittingroom.errors import ApiError

MAX_PAIRS = 1000
MAX_DEPTH = 32
MAX_MARKS = 20_000
"""Quotes and commas in a JSON body. No request comes near it, and a 10 MB body of nothing but names would hold the
event loop for seconds before anybody's signature is checked; counting takes milliseconds."""


def parse_json(body: bytes) -> dict[str, Any]:
    """The parameters of a JSON body. An empty body counts as `{}`, so that the answer names the missing parameter."""
    if not body.strip():
        return {}
    if body.count(b'"') + body.count(b",") > MAX_MARKS:
        raise _malformed("too many values", "JSON")
    try:
        text = body.decode("utf-8")
        value = json.loads(text, parse_constant=_no_constant)
        if "\\ud" in text.lower():  # only an escape can make a lone surrogate, which no UTF-8 answer or URL can hold
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise _malformed("not valid UTF-8", "JSON") from error
    except (ValueError, RecursionError) as error:
        raise _malformed("not valid JSON", "JSON") from error
    if not isinstance(value, dict):
        raise _malformed("not a JSON object", "JSON")
    return value


def parse_pairs(encoded: bytes) -> dict[str, str]:
    """Name -> value of a form body or a query, percent-decoded, `+` as blank. Of a repeated name the last counts."""
    try:
        pairs = parse_qsl(encoded.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PAIRS)
    except UnicodeError as error:
        raise _malformed("not valid UTF-8", "form parameters") from error
    except ValueError as error:
        raise _malformed(f"more than {MAX_PAIRS} parameters", "form parameters") from error
    return dict(pairs)


def nest(pairs: Mapping[str, str]) -> dict[str, Any]:
    """`{"LogoParam.LogoRect.X": "1"}` -> `{"LogoParam": {"LogoRect": {"X": "1"}}}`.

    A name that is both a value and a parent is `ApiError("parameter_type")`.
    """
    nested: dict[str, Any] = {}
    for name, value in pairs.items():
        *parents, last = name.split(".", MAX_DEPTH)
        at = nested
        for depth, parent in enumerate(parents, start=1):
            child = at.setdefault(parent, {})
            if not isinstance(child, dict):
                raise ApiError("parameter_type", parameter=".".join(parents[:depth]), type="object")
            at = child
        if isinstance(at.get(last), dict):
            raise ApiError("parameter_type", parameter=name, type="object")
        at[last] = value
    return nested


def _malformed(detail: str, form: str) -> ApiError:
    return ApiError("malformed_body", detail=detail, form=form)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
