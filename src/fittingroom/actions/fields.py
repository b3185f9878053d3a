"""The base of request models: exact JSON types, unknown names refused, numbers as text where HTTP has only text.

Models are pydantic in strict mode under the wire's CamelCase names; the wire turns what pydantic finds into published
codes. Invariant: a boolean is never an integer, a number never a text.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic.alias_generators import to_pascal

_DECIMAL = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")

TEXT_ONLY = "text_only"
"""Key of pydantic's validation context: true where every value came as text (GET, form)."""


class WireModel(BaseModel):
    """Base of request models. Names are CamelCase on the wire, and only that name is accepted."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="forbid", frozen=True, strict=True)


class WireResult(WireModel):
    """Base of result models: made in code under their Python names, written under the wire's."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=False)


def _from_text(value: Any, info: ValidationInfo) -> Any:
    text_only = info.context is not None and info.context.get(TEXT_ONLY, False)
    return int(value) if text_only and isinstance(value, str) and _DECIMAL.fullmatch(value) else value


def _float_from_text(value: Any, info: ValidationInfo) -> Any:
    text_only = info.context is not None and info.context.get(TEXT_ONLY, False)
    return float(value) if text_only and isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _list_from_numbered(value: Any, info: ValidationInfo) -> Any:
    """`{"0": a, "1": b}`, as forms and queries spell a list, as a list; gaps leave it as it is, and so refused."""
    text_only = info.context is not None and info.context.get(TEXT_ONLY, False)
    if not text_only or not isinstance(value, dict):
        return value
    names = [str(number) for number in range(len(value))]
    return [value[name] for name in names] if set(value) == set(names) else value


Float = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_float_from_text)]
"""The wire's Float."""

FromNumbered = BeforeValidator(_list_from_numbered)
"""Marks a list, which HTTP forms and queries spell with numbers: `Garments.0.Url=...`."""

Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1), BeforeValidator(_from_text)]
"""The wire's Integer."""
