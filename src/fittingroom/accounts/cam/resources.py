"""Resources in six parts, `qcs:project:service:region:account:resource`, as patterns and as those of requests.

An empty part of a pattern means all, as CAM has it (an empty account means the policy's own, and no request reaches
another's). `aiart` knows permissions by action only, so its resource part is always `*`. Invariant: a pattern that
could never match a resource of `aiart` although it names that service is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fittingroom.accounts.cam.document import Node
from fittingroom.accounts.cam.globs import Glob
from fittingroom.accounts.cam.problems import guess, quoted

_PARTS = 6
_NAME = re.compile(r"[A-Za-z0-9_*-]*")
_ACCOUNT = re.compile(r"|\*|ui[nd]/[A-Za-z0-9_*-]+")
_FORM = "qcs::aiart:<region>:uin/<account>:*"
_ANY = Glob("*")


@dataclass(frozen=True, slots=True)
class Resource:
    """What a request wants to use. region may be empty: the caller named none. account: `uin/<number>`."""

    service: str
    region: str
    account: str
    resource: str = "*"

    def __str__(self) -> str:
        return f"qcs::{self.service}:{self.region}:{self.account}:{self.resource}"


@dataclass(frozen=True, slots=True)
class ResourcePattern:
    """Which resources a statement is about."""

    service: Glob
    region: Glob
    account: Glob
    resource: Glob

    def matches(self, resource: Resource, *, unknown: bool) -> bool:
        """unknown: the answer where the pattern asks for a region and the request names none."""
        return (
            (self.region.matches(resource.region) or (unknown and not resource.region))
            and self.service.matches(resource.service)
            and self.account.matches(resource.account)
            and self.resource.matches(resource.resource)
        )

    def reaches_aiart(self) -> bool:
        """Whether a resource of `aiart`, in some region and account, can match."""
        return self.service.matches("aiart") and self.resource.matches("*")


EVERYTHING = ResourcePattern(_ANY, _ANY, _ANY, _ANY)


def read_resources(node: Node) -> tuple[ResourcePattern, ...]:
    """Raises `PolicyError`."""
    return tuple(_pattern(entry) for entry in node.texts())


def _pattern(node: Node) -> ResourcePattern:
    text = node.text()
    if text == "*":
        return EVERYTHING
    parts = text.split(":", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != "qcs":
        node.refuse(f"{quoted(text)} is no resource: write * or six parts, such as {_FORM}; a part may be empty.")
    _, project, service, region, account, resource = parts
    if project not in {"", "*"}:
        node.refuse(f"the project {quoted(project)}, second of the six parts, is not supported here; leave it empty.")
    _check_names(node, service, region, account)
    _check_reachable(node, service, account, resource)
    return ResourcePattern(Glob(service or "*"), Glob(region or "*"), Glob(account or "*"), Glob(resource))


def _check_names(node: Node, service: str, region: str, account: str) -> None:
    for part, name in ((service, "service"), (region, "region")):
        if not _NAME.fullmatch(part):
            node.refuse(f"the {name} {quoted(part)} has characters that no {name} has.")
    if not _ACCOUNT.fullmatch(account):
        node.refuse(f"the account {quoted(account)}, fifth of the six parts, must be uin/<number>, * or empty.")
    if "*" not in service and service not in {"", "aiart"} and (hint := guess(service, ["aiart"])):
        node.refuse(f"{quoted(service)} is no service of this server.{hint}")


def _check_reachable(node: Node, service: str, account: str, resource: str) -> None:
    if not resource:
        node.refuse("the last of the six parts is empty; write * there for everything.")
    if Glob(service or "*").matches("aiart") and account.startswith("uid/"):
        node.refuse("this server's accounts have no APPID, the uid/ of the cloud; write uin/<number>.")
    if service == "aiart" and not Glob(resource).matches("*"):
        node.refuse(f"aiart has no single resources; write * in place of {quoted(resource)}.")
