"""The token service in memory, with a role of the shop that trusts it, and calls of the actions of sts."""

from __future__ import annotations

import time
from ipaddress import ip_address
from typing import Any

import callers

from fittingroom.accounts.cam import parse, parse_trust
from fittingroom.accounts.issuing import Wanted
from fittingroom.accounts.records import KeyRecord, Principal, PrincipalKind
from fittingroom.accounts.sessions import Session
from fittingroom.actions.context import RequestContext
from fittingroom.actions.registry import find
from fittingroom.settings import Settings

ARN = f"qcs::cam::uin/{callers.UIN}:roleName/dresser"
NOW = 1_543_914_376
REQUEST_ID = "11111111-2222-4333-8444-555555555555"


def rule(action: str, effect: str = "allow", **more: Any) -> dict[str, Any]:
    return {"effect": effect, "action": action, "resource": "*", **more}


def policy(*rules: dict[str, Any]) -> Any:
    return parse({"version": "2.0", "statement": list(rules)}, "test")


def trusting(*principals: str, **more: Any) -> Any:
    """A trust policy. principals: `uin/1:root` for accounts, `uin/1:uin/2` for users."""
    named = {"qcs": [f"qcs::cam::{principal}" for principal in principals]}
    rules = [{"effect": "allow", "action": "sts:AssumeRole", "principal": named, **more}]
    return parse_trust({"version": "2.0", "statement": rules}, "trust")


def role(**values: Any) -> Principal:
    """`dresser` of the shop, for all of the shop."""
    owner = callers.account()
    good = {"max_seconds": 43_200, "trust": trusting(f"uin/{owner.uin}:root")}
    return Principal(PrincipalKind.ROLE, "role-1", owner.uin, "dresser", owner, **{**good, **values})


class TokenRoom:
    """Stands for `Services`; knows `roles` and remembers what it issued."""

    def __init__(self, *roles: Principal) -> None:
        self.tokens = self
        self.roles = roles or (role(),)
        self.issued: list[tuple[KeyRecord, Principal, Wanted]] = []

    def role(self, arn: str) -> Principal | None:
        return next((one for one in self.roles if arn == f"qcs::cam::uin/{one.account.uin}:roleName/{one.name}"), None)

    async def issue(self, caller: KeyRecord, principal: Principal, wanted: Wanted) -> Session:
        self.issued.append((caller, principal, wanted))
        return Session("AKIDtmp", "tmp-secret", "tmp-token", principal.id, NOW, NOW + wanted.seconds, wanted.policy)

    async def call(
        self, name: str, parameters: dict[str, Any], caller: KeyRecord | None = None, address: str = "10.0.0.1"
    ) -> dict[str, Any]:
        """The answer of an action to a caller, the root user of the shop by default."""
        action = find(name, "2018-08-13")
        context = RequestContext(
            request_id=REQUEST_ID,
            caller=caller or callers.key("AKIDroot", "secret"),
            address=ip_address(address),
            language="en-US",
            base_url="https://shop.example",
            deadline=time.monotonic() + 55,
            settings=Settings(),
        )
        result = await action.handle(action.request.model_validate(parameters), context, self)
        return result.model_dump(by_alias=True)
