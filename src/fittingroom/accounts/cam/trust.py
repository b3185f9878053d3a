"""Trust policies: who may take a role, by `sts:AssumeRole`.

They are policies with a `principal` instead of a resource. An account (`qcs::cam::uin/100:root`) stands for all its
users and roles, a user (`qcs::cam::uin/100:uin/101`) for itself. Services and identity providers of the cloud take no
roles here, and nobody can trust everybody. A condition may ask for an `ExternalId` besides an address. Invariant: a
principal that is accepted is an account or a user by number.
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
_EXTERNAL_ID: Final = "sts:external_id"
_EQUAL: Final = "string_equal"
_NOT_AT_TOP: Final = {"principal": "put the element into each statement."}


@dataclass(frozen=True, slots=True)
class Principal:
    """account and user: their uin. user None: everybody of the account."""

    account: str
    user: str | None

    def is_caller(self, account: str, user: str | None) -> bool:
        """Whether the user of that account is meant."""
        return self.account == account and self.user in {None, user}


@dataclass(frozen=True, slots=True)
class TrustStatement:
    """One rule of a role about who may take it. external_ids: one of these must be shown; None: none is asked for."""

    effect: Effect
    principals: tuple[Principal, ...]
    condition: Condition
    external_ids: frozenset[str] | None = None

    def applies(self, account: str, user: str | None, address: Address | None, external_id: str | None) -> bool:
        """Whether this rule speaks about that caller. What the caller leaves open falls under a deny, no allow."""
        unknown = self.effect == "deny"
        shown = self.external_ids is None or (unknown if external_id is None else external_id in self.external_ids)
        named = any(principal.is_caller(account, user) for principal in self.principals)
        return named and shown and self.condition.holds(address, unknown=unknown)


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """A compiled trust policy. name: for messages and the audit."""

    name: str
    statements: tuple[TrustStatement, ...]

    def decide(
        self, account: str, user: str | None, address: Address | None, external_id: str | None = None
    ) -> Decision:
        """May this user of this account (their uin) take the role? The first deny, else the first allow, else no.

        user: None for one who is no user but a role of the account. external_id: as the caller shows it.
        """
        allow = Decision(None, "trust")
        for index, statement in enumerate(self.statements):
            if statement.applies(account, user, address, external_id):
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
    condition = fields.get("condition")
    return TrustStatement(
        read_effect(fields["effect"]),
        tuple(_principal(entry) for entry in _principals(fields["principal"])),
        Condition() if condition is None else read_condition(condition, apart=_EQUAL),
        None if condition is None else _external_ids(condition),
    )


def _external_ids(condition: Node) -> frozenset[str] | None:
    asked = dict(condition.members()).get(_EQUAL)
    if asked is None:
        return None
    return frozenset(entry.text() for entry in asked.fields((_EXTERNAL_ID,))[_EXTERNAL_ID].texts())


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
