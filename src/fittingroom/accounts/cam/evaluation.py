"""May this request be done? An explicit deny wins, else any allow, else no.

Policies of a user add up; the session policy of a temporary credential can only narrow them: both must allow, and a
deny in either ends it. The decision names the statement that made it, for the audit and for those who wonder.
Invariant: the order of policies and statements never changes the outcome, and neither a further deny nor a session
policy ever turns a no into a yes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from fittingroom.accounts.cam.policy import Effect, Policy, Request

Layer = Literal["identity", "session", "trust"]


@dataclass(frozen=True, slots=True)
class Decision:
    """effect: of the statement that decided, None where none applied, which is a no.

    policy and statement: its policy's name and its index, None with effect. layer: whose policies decided.
    """

    effect: Effect | None
    layer: Layer = "identity"
    policy: str | None = None
    statement: int | None = None

    @property
    def allowed(self) -> bool:
        """The answer."""
        return self.effect == "allow"

    def __str__(self) -> str:
        if self.effect is None:
            return f"not allowed: no {self.layer} policy allows it"
        verb = "allowed" if self.allowed else "denied"
        return f"{verb} by statement[{self.statement}] of the {self.layer} policy {self.policy!r}"


def evaluate(policies: Iterable[Policy], request: Request, session: Policy | None = None) -> Decision:
    """policies: all those attached to the user. session: that of the temporary credential in use, if it has one."""
    decision = decide(policies, request, "identity")
    if session is None or decision.effect == "deny":
        return decision
    narrowed = decide((session,), request, "session")
    return decision if narrowed.allowed or (decision.effect is None and narrowed.effect is None) else narrowed


def decide(policies: Iterable[Policy], request: Request, layer: Layer) -> Decision:
    """The decision of one layer alone: the first deny, else the first allow, else none."""
    allow: Decision | None = None
    for policy in policies:
        for index, statement in enumerate(policy.statements):
            if (allow is None or statement.effect == "deny") and statement.applies(request):
                decision = Decision(statement.effect, layer, policy.name, index)
                if statement.effect == "deny":
                    return decision
                allow = decision
    return allow or Decision(None, layer)
