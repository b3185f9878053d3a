"""A policy document, read once and compiled, so that asking it costs microseconds.

The language is CAM's, version 2.0, as docs/permissions.md tells. Everything in a document is understood or refused:
nothing is skipped, since each skipped word would change who may do what. Invariant: a `Policy` means exactly what its
text says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from fittingroom.accounts.cam.actions import Actions, read_actions
from fittingroom.accounts.cam.addresses import Address
from fittingroom.accounts.cam.conditions import Condition, read_condition
from fittingroom.accounts.cam.document import Node, kind, load
from fittingroom.accounts.cam.problems import guess, quoted
from fittingroom.accounts.cam.resources import Resource, ResourcePattern, read_resources

Effect = Literal["allow", "deny"]

VERSION: Final = "2.0"
_NOT_HERE: Final = {
    "principal": "the element belongs to the trust policy of a role; a policy is attached to its user instead.",
    "notAction": "the element is not supported here; list the actions.",
    "notResource": "the element is not supported here; list the resources.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller wants to do. action: `aiart:ChangeClothes`. address: the caller's, None where there is none."""

    action: str
    resource: Resource
    address: Address | None


@dataclass(frozen=True, slots=True)
class Statement:
    """One rule: to whom it applies is known to the holder of the policy."""

    effect: Effect
    actions: Actions
    resources: tuple[ResourcePattern, ...]
    condition: Condition

    def applies(self, request: Request) -> bool:
        """Whether this rule speaks about the request. What the request leaves open falls under a deny, no allow."""
        unknown = self.effect == "deny"
        return (
            self.actions.match(request.action)
            and any(pattern.matches(request.resource, unknown=unknown) for pattern in self.resources)
            and self.condition.holds(request.address, unknown=unknown)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled document. name: for messages and the audit."""

    name: str
    statements: tuple[Statement, ...]


def parse(document: str | Mapping[str, Any], name: str = "") -> Policy:
    """Read a policy of a user or of a temporary credential, from JSON text or the object decoded from it.

    Raises `PolicyError`, which points at the wrong place.
    """
    return Policy(name, tuple(_statement(node) for node in read_statements(load(document), _NOT_HERE)))


def read_statements(node: Node, hints: Mapping[str, str]) -> list[Node]:
    """The statements of a document after its version is checked. hints: as of `Node.fields`. Raises `PolicyError`."""
    fields = node.fields(("version", "statement"), hints=hints)
    version = fields["version"]
    if version.value != VERSION:
        version.refuse(f'found {kind(version.value)}; the only version of the language is the string "{VERSION}".')
    return fields["statement"].items()


def read_effect(node: Node) -> Effect:
    """Raises `PolicyError`."""
    text = node.text()
    if text == "allow":
        return "allow"
    if text == "deny":
        return "deny"
    node.refuse(f'found {quoted(text)}; write "allow" or "deny", in lower case.{guess(text, ["allow", "deny"])}')


def _statement(node: Node) -> Statement:
    fields = node.fields(("effect", "action", "resource"), ("condition",), _NOT_HERE)
    actions, resources = read_actions(fields["action"]), read_resources(fields["resource"])
    if actions.names_aiart() and not any(pattern.reaches_aiart() for pattern in resources):
        fields["resource"].refuse("the statement names actions of aiart, and none of these resources can be aiart's.")
    return Statement(
        read_effect(fields["effect"]),
        actions,
        resources,
        read_condition(fields["condition"]) if "condition" in fields else Condition(),
    )
