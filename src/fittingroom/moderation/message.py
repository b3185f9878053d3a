"""What passes between the server and an operator's reviewer: the question and the answer.

Pure functions of bytes; `hook.py` carries them, and signs them by `webhooks`. Invariant: what is not understood in full
is no answer.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fittingroom.moderation.protocol import Role

TYPE: Final = "picture.review"
MAX_REASON: Final = 200
"""Characters of the reviewer's reason that the log keeps."""


class BadAnswer(Exception):
    """The reviewer answered something that is no verdict; the message is for the log."""


class Answer(BaseModel):
    """The verdict of an operator's reviewer. Further members are ignored.

    reason: for the log alone. score: 0..1, higher is worse, if it has one.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    allowed: bool
    reason: str = ""
    score: Annotated[float, Field(ge=0, le=1)] | None = None


def compose(role: Role, picture: str, request_id: str) -> bytes:
    """The body of a question. picture: Base64 of the file."""
    data = {"request_id": request_id, "role": role.value, "picture": picture}
    return json.dumps({"type": TYPE, "timestamp": datetime.now(UTC).isoformat(), "data": data}).encode("ascii")


def read_answer(content: bytes, limit: int) -> Answer:
    """The verdict in an answer's body of at most `limit` bytes. Raises `BadAnswer`."""
    if len(content) > limit:
        raise BadAnswer(f"the answer is longer than {limit} bytes")
    try:
        answer = Answer.model_validate_json(content)
    except ValidationError as error:
        raise BadAnswer(f"the answer is no verdict: {error.errors(include_input=False)[0]['msg']}") from error
    short = "".join(character if character.isprintable() else " " for character in answer.reason[:MAX_REASON])
    return answer.model_copy(update={"reason": short})
