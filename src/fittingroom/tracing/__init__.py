"""One trace from the signed request to the picture, for those who ask for it; nothing at all for the others.

A part of the work is named where it is done, by `span`; whether anybody listens is known by a context variable alone,
so code in between hands nothing on and costs a look-up where tracing is off. Only `otlp`, which the server loads where
`trace.endpoint` is set, knows OpenTelemetry. Invariant: a span's name and attributes are short words of ours (an
action, a published code, a parameter's name, the RequestId): never a URL, a secret, an account or part of a picture.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol

Value = str | bool | int | float


class Span(Protocol):
    """A part of the work that has begun. Times are `time.monotonic()` seconds."""

    def child(self, name: str, begun: float, attributes: Mapping[str, Value]) -> Span:
        """A part of this part."""

    def note(self, attributes: Mapping[str, Value]) -> None:
        """Say more about it."""

    def fail(self, kind: str) -> None:
        """It failed. kind: a published code, or the name of an exception's class."""

    def end(self, ended: float) -> None:
        """It has ended."""


class Tracing(Protocol):
    """Begins traces."""

    def request(self, name: str, request_id: str, parent: str | None = None) -> AbstractContextManager[None]:
        """A trace around a request or a job. parent: the caller's `traceparent`, if it sent one."""

    def close(self) -> None:
        """Send what is left. May take seconds."""


class Untraced:
    """Begins nothing."""

    def request(self, name: str, request_id: str, parent: str | None = None) -> AbstractContextManager[None]:
        """Nothing."""
        return nullcontext()

    def close(self) -> None:
        """Nothing."""


_CURRENT: ContextVar[Span | None] = ContextVar("fittingroom_span", default=None)
_LISTENER: ContextVar[Callable[[str], None] | None] = ContextVar("fittingroom_listener", default=None)


@contextmanager
def heard(listener: Callable[[str], None]) -> Iterator[None]:
    """Inside the block, and in all tasks that it begins, `listener` gets the name of each span that begins."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


@contextmanager
def span(name: str, **attributes: Value) -> Iterator[None]:
    """The block as a part of what runs; nothing where no trace was begun and nobody listens."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(name)
    parent = _CURRENT.get()
    if parent is None:
        yield
        return
    with entered(parent.child(name, time.monotonic(), attributes)):
        yield


@contextmanager
def entered(begun: Span) -> Iterator[None]:
    """The block as this span, which ends with it. What is given up for another's sake has not failed itself."""
    token = _CURRENT.set(begun)
    try:
        yield
    except asyncio.CancelledError:
        begun.note({"given_up": True})
        raise
    except BaseException as error:
        begun.fail(str(getattr(error, "code", type(error).__name__)))
        raise
    finally:
        _CURRENT.reset(token)
        begun.end(time.monotonic())


def note(**attributes: Value) -> None:
    """Say more about the part that runs."""
    current = _CURRENT.get()
    if current is not None:
        current.note(attributes)


def failed(kind: str) -> None:
    """The part that runs has failed, although nothing is raised. kind: a published code."""
    current = _CURRENT.get()
    if current is not None:
        current.fail(kind)


def worked(put: float, taken: float, stages: Mapping[str, float], clock: Callable[[], float] = time.monotonic) -> None:
    """A worker has answered: its queue and its stages become parts of the part that runs.

    put, taken: when the job joined the queue and left it. stages: the worker's own seconds, in the order of its work;
    they are laid one after the other from `taken` on, for clocks of two machines cannot be compared, durations can.
    What is left until now is the way to the worker and back.
    """
    current = _CURRENT.get()
    if current is None:
        return
    current.child("queue", put, {}).end(taken)
    work = current.child("work", taken, {})
    begun = taken
    for name, seconds in stages.items():
        work.child(name, begun, {}).end(begun + seconds)
        begun += seconds
    work.end(max(begun, clock()))
