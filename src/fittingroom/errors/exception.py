"""The exception that carries a published error code from any room to the wire.

It holds the reason's key and the values for its message template; the text is rendered only at the edge,
in the caller's language. `cause` is for the log and never leaves the server.
"""

from __future__ import annotations

from typing import Literal

from fittingroom.errors.reasons import REASONS

Language = Literal["en-US", "zh-CN"]


class ApiError(Exception):
    """A refusal or failure with a published code.

    reason: a key of `REASONS`; an unknown key raises KeyError at once, so that a typing slip cannot reach a caller.
    cause: what really happened, for the log only (may name hosts, paths, addresses).
    values: fill the message template of the reason.
    """

    def __init__(self, reason: str, *, cause: object = None, **values: object) -> None:
        self.reason = reason
        self.code = REASONS[reason].code
        self.cause = cause
        self.values = values
        super().__init__(f"{self.code} ({reason}): {self.message()}")

    def message(self, language: Language = "en-US") -> str:
        """The text for the caller, in English or Chinese."""
        entry = REASONS[self.reason]
        template = entry.zh if language == "zh-CN" else entry.en
        return template.format(**self.values)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process: `cause` travels as text, since it may not be picklable."""
        cause = None if self.cause is None else repr(self.cause)
        return _rebuild, (self.reason, cause, self.values)


class ResultForbidden(Exception):
    """A result's URL whose signature does not fit. The results route answers 403."""


class ResultGone(Exception):
    """A result whose URL has expired or whose file was swept. The results route answers 410."""


def _rebuild(reason: str, cause: str | None, values: dict[str, object]) -> ApiError:
    return ApiError(reason, cause=cause, **values)
