"""Every action this server offers, by version and name. Adding one is one file beside this and one line here.

Invariant: names are compared exactly as published, upper and lower case included.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from fittingroom.actions import (
    assume_role,
    change_clothes,
    change_outfit,
    get_caller_identity,
    get_federation_token,
    jobs,
)
from fittingroom.actions.context import RequestContext
from fittingroom.actions.fields import WireModel, WireResult
from fittingroom.actions.jobs import JobForm
from fittingroom.actions.services import Services
from fittingroom.errors import ApiError

Handler = Callable[[Any, RequestContext, Services], Coroutine[Any, Any, WireResult]]


@dataclass(frozen=True, slots=True)
class Action:
    """One operation. product: as policies name it. request: the model that binds its parameters; `handle` gets an
    instance of it. asked: whether the wire asks for the permission before `handle`; else `handle` asks itself, for a
    resource that the parameters name, or none is needed."""

    name: str
    version: str
    product: str
    request: type[WireModel]
    handle: Handler
    asked: bool = True

    @property
    def permission(self) -> str:
        """As policies name it: `aiart:ChangeClothes`."""
        return f"{self.product}:{self.name}"


def _job_actions(form: JobForm) -> tuple[Action, Action]:
    """The two actions by which an action of aiart is a job."""
    submit = Action(f"Submit{form.name}Job", "2022-12-29", "aiart", form.submission(), form.submit)
    return submit, Action(f"Query{form.name}Job", "2022-12-29", "aiart", jobs.QueryJobRequest, form.query)


JOBS: Final[dict[str, JobForm]] = {
    form.name: form
    for form in (
        JobForm("ChangeClothes", change_clothes.ChangeClothesRequest, change_clothes.order),
        JobForm("ChangeOutfit", change_outfit.ChangeOutfitRequest, change_outfit.order, change_outfit.details),
    )
}
"""Actions that can be jobs, by name. Whoever runs a kept job finds its order here."""

_ALL = (
    Action(
        name="ChangeClothes",
        version="2022-12-29",
        product="aiart",
        request=change_clothes.ChangeClothesRequest,
        handle=change_clothes.handle,
    ),
    *(action for form in JOBS.values() for action in _job_actions(form)),
    Action(
        name="ChangeOutfit",
        version="2022-12-29",
        product="aiart",
        request=change_outfit.ChangeOutfitRequest,
        handle=change_outfit.handle,
    ),
    Action(
        name="AssumeRole",
        version="2018-08-13",
        product="sts",
        request=assume_role.AssumeRoleRequest,
        handle=assume_role.handle,
        asked=False,
    ),
    Action(
        name="GetFederationToken",
        version="2018-08-13",
        product="sts",
        request=get_federation_token.GetFederationTokenRequest,
        handle=get_federation_token.handle,
    ),
    Action(
        name="GetCallerIdentity",
        version="2018-08-13",
        product="sts",
        request=get_caller_identity.GetCallerIdentityRequest,
        handle=get_caller_identity.handle,
        asked=False,
    ),
)

ACTIONS: Final[dict[str, dict[str, Action]]] = {
    version: {action.name: action for action in _ALL if action.version == version}
    for version in dict.fromkeys(action.version for action in _ALL)
}
"""Version -> name -> action."""


def find(name: str, version: str) -> Action:
    """The action, or `ApiError` with NoSuchVersion or InvalidAction, in this order."""
    actions = ACTIONS.get(version)
    if actions is None:
        meant = next((action.product for action in _ALL if action.name == name), _ALL[0].product)
        raise ApiError("no_such_version", version=version[:64], service=meant)
    action = actions.get(name)
    if action is None:
        service = next(iter(actions.values())).product
        raise ApiError("invalid_action", action=name[:64], version=version, service=service)
    return action
