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


Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1), BeforeValidator(_from_text)]
"""The wire's Integer."""
