"""Every action this server offers, by version and name. Adding one is one file beside this and one line here.

Invariant: names are compared exactly as published, upper and lower case included.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from fittingroom.actions import change_clothes
from fittingroom.actions.context import RequestContext
from fittingroom.actions.fields import WireModel, WireResult
from fittingroom.actions.services import Services
from fittingroom.errors import ApiError

Handler = Callable[[Any, RequestContext, Services], Coroutine[Any, Any, WireResult]]


@dataclass(frozen=True, slots=True)
class Action:
    """One operation. product: as policies name it. request: the model that binds its parameters; `handle` gets an
    instance of it."""

    name: str
    version: str
    product: str
    request: type[WireModel]
    handle: Handler

    @property
    def permission(self) -> str:
        """As policies name it: `aiart:ChangeClothes`."""
        return f"{self.product}:{self.name}"


_ALL = (
    Action(
        name="ChangeClothes",
        version="2022-12-29",
        product="aiart",
        request=change_clothes.ChangeClothesRequest,
        handle=change_clothes.handle,
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
        raise ApiError("no_such_version", version=version[:64])
    action = actions.get(name)
    if action is None:
        raise ApiError("invalid_action", action=name[:64], version=version)
    return action
