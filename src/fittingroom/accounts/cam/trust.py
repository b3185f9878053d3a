"""Trust policies: who may take a role, by `sts:AssumeRole`.

They are policies with a `principal` instead of a resource. An account (`qcs::cam::uin/100:root`) stands for all its
users, a user (`qcs::cam::uin/100:uin/101`) for itself. Services and identity providers of the cloud take no roles
here, and nobody can trust everybody. Invariant: a principal that is accepted is an account or a user by number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fittingroom.accounts.cam.actions import read_actions
from fittingroom.accounts.cam.addresses import Address
from fittingroom.accounts.cam.conditions import Condition, read_condition
from fittingroom.accounts.cam.document import Node, load
from fittingroom.accounts.cam.evaluation import Decision
from fittingroom.accounts.cam.policy import Effect, read_effect, read_statements
from fittingroom.accounts.cam.problems import quoted

ASSUME_ROLE: Final = "sts:AssumeRole"
_PRINCIPAL = re.compile(r"qcs::cam::uin/([A-Za-z0-9_-]+):(root|uin/([A-Za-z0-9_-]+))")
_FORMS = "qcs::cam::uin/<account>:root for an account or qcs::cam::uin/<account>:uin/<user> for a user"
_NOT_HERE: Final = {
    "service": "services of the cloud take no roles here; name accounts or users under qcs.",
    "federated": "identity providers take no roles here; name accounts or users under qcs.",
}
_NOT_AT_TOP: Final = {"principal": "put the element into each statement."}


@dataclass(frozen=True, slots=True)
class Principal:
    """account and user: their uin. user None: everybody of the account."""

    account: str
    user: str | None

    def is_caller(self, account: str, user: str) -> bool:
        """Whether the user of that account is meant."""
        return self.account == account and self.user in {None, user}


@dataclass(frozen=True, slots=True)
class TrustStatement:
    """One rule of a role about who may take it."""

    effect: Effect
    principals: tuple[Principal, ...]
    condition: Condition


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """A compiled trust policy. name: for messages and the audit."""

    name: str
    statements: tuple[TrustStatement, ...]

    def decide(self, account: str, user: str, address: Address | None) -> Decision:
        """May this user of this account (their uin) take the role? The first deny, else the first allow, else no."""
        allow = Decision(None, "trust")
        for index, statement in enumerate(self.statements):
            unknown = statement.effect == "deny"
            named = any(principal.is_caller(account, user) for principal in statement.principals)
            if named and statement.condition.holds(address, unknown=unknown):
                decision = Decision(statement.effect, "trust", self.name, index)
                if statement.effect == "deny":
                    return decision
                allow = allow if allow.allowed else decision
        return allow


def parse_trust(document: str | Mapping[str, Any], name: str = "") -> TrustPolicy:
    """Read a role's trust policy from JSON text or the object decoded from it. Raises `PolicyError`."""
    return TrustPolicy(name, tuple(_statement(node) for node in read_statements(load(document), _NOT_AT_TOP)))


def _statement(node: Node) -> TrustStatement:
    fields = node.fields(("effect", "action", "principal"), ("condition", "resource"))
    if not read_actions(fields["action"]).match(ASSUME_ROLE):
        fields["action"].refuse(f"a trust policy is about {ASSUME_ROLE}; name it.")
    if "resource" in fields and fields["resource"].value not in ("*", ["*"]):
        fields["resource"].refuse("a trust policy is about its own role; leave the element out.")
    return TrustStatement(
        read_effect(fields["effect"]),
        tuple(_principal(entry) for entry in _principals(fields["principal"])),
        read_condition(fields["condition"]) if "condition" in fields else Condition(),
    )


def _principals(node: Node) -> list[Node]:
    if node.value == "*":
        node.refuse(f'this would trust everybody; write {{"qcs": [...]}} with {_FORMS}.')
    return node.fields(("qcs",), hints=_NOT_HERE)["qcs"].texts()


def _principal(node: Node) -> Principal:
    text = node.text()
    form = _PRINCIPAL.fullmatch(text)
    if form is None:
        node.refuse(f"{quoted(text)} is no principal of this server; write {_FORMS}.")
    return Principal(form[1], form[3])
