"""What the actions of `sts` share: reading the policy that narrows a credential, and the shape of their answer.

The policy comes URL-encoded inside the parameter, as published, whatever the transport encodes on top; plain JSON
begins with a brace, which no encoded text does, and is taken too. Invariant: a policy that comes out of here is the
exact text that the token carries, and one that the permission language accepts.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import unquote_plus

from fittingroom.accounts.cam import PolicyError, parse
from fittingroom.accounts.cam.document import MAX_CHARACTERS
from fittingroom.accounts.sessions import Session
from fittingroom.actions.fields import WireResult
from fittingroom.errors import ApiError

NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,128}")
_ESCAPES = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RESOURCE = re.compile(r"\.resource(\[\d+\])?$")
_SHOWN = 64


class Credentials(WireResult):
    """The three parts of a temporary credential."""

    token: str
    tmp_secret_id: str
    tmp_secret_key: str


class TemporaryResult(WireResult):
    """`ExpiredTime`: Unix seconds. `Expiration`: the same as `2018-12-04T09:06:16Z`."""

    credentials: Credentials
    expired_time: int
    expiration: str


def answer(session: Session) -> TemporaryResult:
    """As published."""
    return TemporaryResult(
        credentials=Credentials(
            token=session.token, tmp_secret_id=session.secret_id, tmp_secret_key=session.secret_key
        ),
        expired_time=int(session.expires_at),
        expiration=datetime.fromtimestamp(session.expires_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def check_seconds(seconds: int, longest: int) -> int:
    """The life of a credential, 1 to `longest` seconds. Raises `ApiError`."""
    if seconds < 1:
        bad_value("DurationSeconds", str(seconds), f"1 to {longest}")
    if seconds > longest:
        raise ApiError("sts_over_time", seconds=seconds, longest=longest)
    return seconds


def check_text(value: str, parameter: str, form: re.Pattern[str], expected: str) -> str:
    """The value, if it is of the form. Raises `ApiError`."""
    if not form.fullmatch(value):
        bad_value(parameter, value, expected)
    return value


def bad_value(parameter: str, value: str, expected: str) -> NoReturn:
    """Raise what sts answers for a parameter out of form."""
    raise ApiError("sts_parameter", parameter=parameter, value=value[:_SHOWN], expected=expected)


def read_policy(encoded: str) -> str:
    """The policy's own text. Raises `ApiError` for one that is too long, is no policy, or asks for what is not here."""
    text = _decoded(encoded.strip())
    if len("".join(text.split())) > MAX_CHARACTERS:
        raise ApiError("sts_policy_too_long", cause=f"a policy of {len(text)} characters")
    try:
        parse(text)
    except PolicyError as error:
        reason = "sts_policy_resource" if _RESOURCE.search(error.where) else "sts_policy"
        raise ApiError(reason, where=error.where, problem=error.problem) from None
    return text


def _decoded(encoded: str) -> str:
    if encoded.startswith("{"):
        return encoded
    if _ESCAPES.search(encoded):
        raise ApiError("sts_policy", where="Policy", problem="a % is not followed by two hexadecimal digits.")
    try:
        return unquote_plus(encoded, errors="strict")
    except UnicodeDecodeError:
        raise ApiError("sts_policy", where="Policy", problem="what is URL-encoded there is no UTF-8.") from None
