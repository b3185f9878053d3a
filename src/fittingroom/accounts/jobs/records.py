"""What is known of a job, as plain frozen values.

Invariant: what is private in them (parameters, results' URLs, the callback's URL) is sealed before it is written.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field
from typing import Literal

from fittingroom.errors import ApiError, Language

State = Literal["waiting", "running", "failed", "done"]


class JobLost(Exception):
    """The job is not this gateway's any more: its lease passed, it ended, or its account was purged."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to keep. id: what its caller asks for it by. action: whose job it is, such as `ChangeClothes`. request_id:
    of the request that brought it, for which it is charged. base_url: as its caller reached the server. parameters:
    JSON under the wire's names. callback: a URL, or None."""

    account_id: str
    action: str
    request_id: str
    language: Language
    base_url: str
    parameters: str = field(repr=False)
    callback: str | None = field(default=None, repr=False)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that may be claimed. created_at: by the database's clock."""

    id: str
    account_id: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Job:
    """A job that this gateway has claimed. parameters: None where they cannot be read any more. attempt: the how
    manieth, from 1. late: whether its turn came too late. claim: names this claim and no other; under it the price is
    set aside, since what a dead gateway set aside may still stand."""

    id: str
    account_id: str
    action: str
    request_id: str
    language: Language
    base_url: str
    parameters: str | None = field(repr=False)
    attempt: int = 1
    late: bool = False
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job. pictures: URLs, those of this server without their base. details: a line for each picture.
    code, en, zh: of the error, empty for none."""

    pictures: tuple[str, ...] = field(default=(), repr=False)
    details: tuple[str, ...] = ()
    code: str = ""
    en: str = ""
    zh: str = ""

    @classmethod
    def failure(cls, error: ApiError) -> Outcome:
        """Of an error."""
        return cls(code=error.code, en=error.message("en-US"), zh=error.message("zh-CN"))

    @property
    def state(self) -> State:
        """In which a job with this outcome is."""
        return "failed" if self.code else "done"

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Outcome:
        """From `text`."""
        values = json.loads(text)
        return cls(**values | {"pictures": tuple(values["pictures"]), "details": tuple(values["details"])})


@dataclass(frozen=True, slots=True)
class Found:
    """A job as its caller may see it. request_id: of the submission. outcome: None until it has ended."""

    id: str
    state: State
    request_id: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Due:
    """A job whose callback is due."""

    id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Callback:
    """An ended job that is to be told of now. tries: this one included."""

    found: Found
    account_id: str
    action: str
    language: Language
    base_url: str
    url: str = field(repr=False)
    tries: int = 1
