"""From nested parameters to an action's typed request, with the published code and text for each misfit.

pydantic finds all misfits at once; one is reported, in the order unknown, missing, wrong type, as the published
service checks. Invariant: either a request model or one `ApiError` that names a parameter by its dotted path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fittingroom.actions.fields import TEXT_ONLY, WireModel
from fittingroom.errors import ApiError

Model = TypeVar("Model", bound=WireModel)

MAX_SHOWN = 128
"""Characters of a caller's parameter name that are repeated in a message."""


def bind(model: type[Model], parameters: Mapping[str, Any], *, text_only: bool) -> Model:
    """Build `model`. text_only: every value came as text, so decimal text stands for an integer."""
    try:
        return model.model_validate(parameters, context={TEXT_ONLY: text_only})
    except ValidationError as error:
        first = min(error.errors(include_url=False, include_context=False), key=_rank)
        raise _refusal(first) from None  # the original holds the caller's values, which the log must not


def _is_missing(error: ErrorDetails) -> bool:
    return error["type"] == "missing" or error["input"] is None


def _rank(error: ErrorDetails) -> int:
    if error["type"] == "extra_forbidden":
        return 0
    return 1 if _is_missing(error) else 2


def _refusal(error: ErrorDetails) -> ApiError:
    parameter = ".".join(str(part) for part in error["loc"])[:MAX_SHOWN]
    if error["type"] == "extra_forbidden":
        return ApiError("unknown_parameter", parameter=parameter)
    if _is_missing(error):
        return ApiError("missing_parameter", parameter=parameter)
    return ApiError("parameter_type", parameter=parameter, type=_expected(error["type"]))


def _expected(error_type: str) -> str:
    """The wire's name of the type that pydantic asked for."""
    if error_type.startswith("string"):
        return "string"
    if error_type.startswith("model"):
        return "object"
    if error_type.startswith("list"):
        return "array"
    if error_type.startswith("float") or error_type == "finite_number":
        return "float"
    return "integer"  # int_type, int_parsing_size, and the bounds of int64
