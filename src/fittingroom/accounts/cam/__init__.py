"""The permission language of Tencent Cloud's CAM, version 2.0: read, checked, compiled and asked.

Pure: text and plain values in, decisions out; no database, no HTTP, only the standard library. docs/permissions.md
tells the language as it is supported here. Invariant: what a document says is kept in full or refused.
"""

from fittingroom.accounts.cam.addresses import Address, Network, Networks, parse_network
from fittingroom.accounts.cam.evaluation import Decision, evaluate
from fittingroom.accounts.cam.policy import Policy, Request, parse
from fittingroom.accounts.cam.presets import allow_all, allow_change_clothes
from fittingroom.accounts.cam.problems import PolicyError
from fittingroom.accounts.cam.resources import Resource
from fittingroom.accounts.cam.trust import TrustPolicy, parse_trust

__all__ = [
    "Address",
    "Decision",
    "Network",
    "Networks",
    "Policy",
    "PolicyError",
    "Request",
    "Resource",
    "TrustPolicy",
    "allow_all",
    "allow_change_clothes",
    "evaluate",
    "parse",
    "parse_network",
    "parse_trust",
]
