"""Settings of what a server tells its operator: its log and its traces.

Invariant: as of all settings, see `settings`; neither has anything to do with what callers get.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from fittingroom.setting_types import Seconds, Section, web_address


class LogSettings(Section):
    """What is written to stderr."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level written.")
    format: Literal["auto", "json", "console"] = Field(
        default="auto", description="auto: console on a terminal, else JSON."
    )


class TraceSettings(Section):
    """Traces of requests, for an OpenTelemetry collector."""

    endpoint: Annotated[str, AfterValidator(web_address)] | None = Field(
        default=None,
        description="URL that takes OTLP/HTTP, such as `http://127.0.0.1:4318/v1/traces`; default: no traces.",
    )
    sample: float = Field(default=1.0, ge=0, le=1, description="Part of the requests that is traced.")
    callers: bool = Field(
        default=False, description="Go on with the trace that a caller's `traceparent` names, as it says."
    )
    timeout: Seconds = Field(default=10.0, description="Seconds that `trace.endpoint` may take to answer.")
