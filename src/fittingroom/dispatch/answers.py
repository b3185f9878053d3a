"""From what a worker answered to what the caller gets, the same whatever carried the job.

Invariant: nothing but a picture or a failure with a reason of the error catalogue gets past `checked`.
"""

from __future__ import annotations

from fittingroom.dispatch.worker import Failure, Outcome, Stopped
from fittingroom.errors import ApiError
from fittingroom.errors.reasons import REASONS
from fittingroom.pipeline import RenderedImage


def checked(answer: object) -> Outcome:
    """`answer` if a worker may answer so, else the failure `unreadable_answer`."""
    if not isinstance(answer, Outcome) or (isinstance(answer, Failure) and answer.reason not in REASONS):
        return Failure("unreadable_answer", f"the worker answered with {type(answer).__name__}", {})
    return answer


def picture(outcome: Outcome, deadline: float) -> RenderedImage:
    """The picture. deadline: seconds that a request may take, for the message. Raises `ApiError`."""
    if isinstance(outcome, RenderedImage):
        return outcome
    if isinstance(outcome, Stopped):
        raise ApiError("timeout", seconds=round(deadline))
    raise ApiError(outcome.reason, cause=outcome.cause or None, **outcome.values)
