"""When a statement counts: `ip_equal` and `ip_not_equal` on the caller's address, `qcs:ip`.

CAM has more operators and keys. Each of them is refused by name, because a condition that is left out of account makes
an allow wider than its writer meant. Several values of one operator: any of them; two operators: both must hold.
Invariant: a condition that is accepted is kept in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fittingroom.accounts.cam.addresses import Address, Network, Networks, parse_network
from fittingroom.accounts.cam.document import Node
from fittingroom.accounts.cam.problems import guess, quoted

_OPERATORS: Final = ("ip_equal", "ip_not_equal")
_KEY: Final = "qcs:ip"
_ORDERS = ("equal", "not_equal", "less_than", "less_than_equal", "greater_than", "greater_than_equal")
_CLOUD_OPERATORS: Final = frozenset(
    (
        *(f"{kind}_{order}" for kind in ("numeric", "date") for order in _ORDERS),
        *("string_equal", "string_not_equal", "string_equal_ignore_case", "string_not_equal_ignore_case"),
        *("string_like", "string_not_like", "bool_equal", "binary_equal", "null_equal"),
    )
)
_CLOUD_KEYS = ("qcs:current_time", "qcs:resource_tag", "qcs:request_tag", "qcs:uin", "qcs:owner_uin", "qcs:mfa", "mfa")
_KEY_HINTS: Final = {key: f"the condition key {key} is not supported here; use {_KEY}." for key in _CLOUD_KEYS}
_ENDING = "_if_exist"


@dataclass(frozen=True, slots=True)
class Condition:
    """inside: the address must be in one of these. outside: in none of these. None: not asked."""

    inside: Networks | None = None
    outside: Networks | None = None

    def holds(self, address: Address | None, *, unknown: bool) -> bool:
        """unknown: the answer where the condition asks for an address and there is none."""
        if self.inside is None and self.outside is None:
            return True
        if address is None:
            return unknown
        return (self.inside is None or address in self.inside) and (self.outside is None or address not in self.outside)


def read_condition(node: Node, *, apart: str = "") -> Condition:
    """apart: an operator that somebody else reads. Raises `PolicyError`."""
    networks = {operator: _networks(operator, inner) for operator, inner in node.members() if operator != apart}
    return Condition(networks.get("ip_equal"), networks.get("ip_not_equal"))


def _networks(operator: str, node: Node) -> Networks:
    if operator not in _OPERATORS:
        plain = operator.rpartition(":")[2].removesuffix(_ENDING)
        if plain in _CLOUD_OPERATORS or (plain != operator and plain in _OPERATORS):
            node.refuse(f"the operator {quoted(operator)} is not supported here; use ip_equal or ip_not_equal.")
        node.refuse(f"no such operator.{guess(operator, _OPERATORS)} Use ip_equal or ip_not_equal.")
    return Networks.of(_network(value) for value in node.fields((_KEY,), hints=_KEY_HINTS)[_KEY].texts())


def _network(node: Node) -> Network:
    try:
        return parse_network(node.text())
    except ValueError as error:
        node.refuse(f"{quoted(node.text())} is no address or network: {error}.")
