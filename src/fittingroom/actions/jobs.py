"""The job form of an action that dresses people: `Submit<Action>Job` takes its parameters, `Query<Action>Job` tells.

Both are made from the action's request model and its `order`, so an action becomes a job by one line of the registry.
Submitting checks every value as a direct call does, then keeps the parameters; whoever makes the picture reads them
again by the same `order`. Invariant: a job's answer has the product's own form, and tells nothing to other accounts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError, create_model

from fittingroom.accounts.jobs import Found, NewJob, Outcome
from fittingroom.accounts.status import check_status
from fittingroom.actions.checking import check_callback_url
from fittingroom.actions.context import RequestContext, WorkContext
from fittingroom.actions.dressing import Dressed, Order
from fittingroom.actions.fields import WireModel, WireResult
from fittingroom.actions.services import Services
from fittingroom.errors import ApiError, Language

CALLBACK_URL: Final = "CallbackUrl"

_STATES: Final[dict[str, tuple[str, str, str]]] = {
    "waiting": ("1", "Waiting", "等待中"),
    "running": ("2", "Running", "运行中"),
    "failed": ("4", "Failed", "处理失败"),
    "done": ("5", "Done", "处理完成"),
}


def files(dressed: Dressed) -> tuple[str, ...]:
    """The URLs of all that was made: the samples, then the mask where one was asked for."""
    return (dressed.delivered, *dressed.others, *([] if dressed.mask is None else [dressed.mask]))


def plain_details(dressed: Dressed) -> list[str]:
    """As the product's other actions say it."""
    return ["Success"] * len(files(dressed))


@dataclass(frozen=True, slots=True)
class JobForm:
    """An action that can be a job. name: of the action. request: the model of its parameters. order: what is to be made
    of them; raises `ApiError` for what can be refused without work. details: what `ResultDetails` says of each file."""

    name: str
    request: type[WireModel]
    order: Callable[[Any, WorkContext], Order]
    details: Callable[[Dressed], list[str]] = plain_details

    def submission(self) -> type[WireModel]:
        """The model of `Submit<Action>Job`: the action's own parameters, and `CallbackUrl`."""
        return create_model(f"Submit{self.name}JobRequest", __base__=self.request, callback_url=(str | None, None))

    async def submit(self, request: Any, context: RequestContext, services: Services) -> SubmitJobResult:
        """Keep what is asked for; the job's id."""
        self.order(request, context)
        callback: str | None = request.callback_url
        if callback is not None:
            check_callback_url(callback, CALLBACK_URL, context.settings.fetch.allow_net)
        check_status(context.account.status)
        values = request.model_dump(by_alias=True, exclude_none=True)
        parameters = json.dumps({name: value for name, value in values.items() if name != CALLBACK_URL})
        limit = context.settings.jobs.max_parameters_bytes
        if len(parameters) > limit:
            raise ApiError("job_parameters_large", limit=limit)
        job = NewJob(
            account_id=context.account.id,
            action=self.name,
            request_id=context.request_id,
            language=context.language,
            base_url=context.base_url,
            parameters=parameters,
            callback=callback,
        )
        await services.jobs.submit(job)
        return SubmitJobResult(job_id=job.id)

    async def query(self, request: QueryJobRequest, context: RequestContext, services: Services) -> QueryJobResult:
        """How the job stands."""
        found = await services.jobs.find(request.job_id, context.account.id, self.name)
        return answer(found, context.language, context.base_url)

    def read(self, parameters: str, context: WorkContext) -> Order:
        """The order of a kept job. Raises `ApiError`, where a value is not allowed any more."""
        try:
            request = self.request.model_validate_json(parameters)
        except ValidationError:
            # Not chained: the original quotes the caller's values, which the log must not.
            raise ApiError("internal", cause="the job's parameters do not fit this version") from None
        return self.order(request, context)


class SubmitJobResult(WireResult):
    """`JobId`: what to ask for the job by."""

    job_id: str


class QueryJobRequest(WireModel):
    """`JobId`, as the submission answered it."""

    job_id: str


class QueryJobResult(WireResult):
    """As the product's other queries answer. `JobStatusCode`: 1 waiting, 2 running, 4 failed, 5 done. `ResultImage`:
    URLs; `ResultDetails`: a text for each."""

    job_status_code: str
    job_status_msg: str
    job_error_code: str
    job_error_msg: str
    result_image: list[str]
    result_details: list[str]


def answer(found: Found, language: Language, base_url: str) -> QueryJobResult:
    """A job as its caller sees it. base_url: of this server, for results that it keeps itself."""
    outcome = found.outcome or Outcome()
    code, english, chinese = _STATES[found.state]
    is_chinese = language == "zh-CN"
    return QueryJobResult(
        job_status_code=code,
        job_status_msg=chinese if is_chinese else english,
        job_error_code=outcome.code,
        job_error_msg=outcome.zh if is_chinese else outcome.en,
        result_image=[absolute(url, base_url) for url in outcome.pictures],
        result_details=list(outcome.details),
    )


def absolute(url: str, base_url: str) -> str:
    """A result's URL with its server's base, where it has none."""
    return base_url + url if url.startswith("/") else url
