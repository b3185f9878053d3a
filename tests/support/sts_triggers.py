"""How each error code of sts is brought about, as its recipe in the catalogue says; see `code_triggers`."""

from __future__ import annotations

import json
from typing import Any

from code_triggers import each
from code_world import Place, Refused, World, common

from fittingroom.client import Credential

VERSION = "2018-08-13"
ALLOW = {"effect": "allow", "action": "aiart:*", "resource": "*"}


def _sts(
    place: Place, language: str, action: str, parameters: dict[str, Any], key: Credential | None = None
) -> Refused:
    return common(place, language, parameters, key=key, service="sts", version=VERSION, action=action)


def _assume(world: World, language: str, **changes: object) -> Refused:
    good = {"RoleArn": "qcs::cam::uin/1:roleName/nobody", "RoleSessionName": "night"}
    return _sts(world.place("plain"), language, "AssumeRole", {**good, **changes})


def _federate(world: World, language: str, key: Credential | None = None, **changes: object) -> Refused:
    policy = json.dumps({"version": "2.0", "statement": [{**ALLOW, **changes}]})
    return _sts(world.place("plain"), language, "GetFederationToken", {"Name": "floor", "Policy": policy}, key)


@each("FailedOperation.TempKeyNotAllowed")
def _temporary(world: World, language: str) -> Refused:
    return _federate(world, language, world.place("plain").keys["temporary"])


@each("InternalError.GetRoleError")
def _no_role(world: World, language: str) -> Refused:
    return _assume(world, language)


@each("InvalidParameter.OverTimeError")
def _too_long_a_life(world: World, language: str) -> Refused:
    return _assume(world, language, DurationSeconds=43_201)


@each("InvalidParameter.ParamError")
def _out_of_form(world: World, language: str) -> Refused:
    return _assume(world, language, RoleSessionName="a b")


@each("InvalidParameter.PolicyTooLong")
def _too_long_a_policy(world: World, language: str) -> Refused:
    addresses = [f"10.0.{number // 250}.{number % 250}" for number in range(1000)]
    return _federate(world, language, condition={"ip_equal": {"qcs:ip": addresses}})


@each("InvalidParameter.ResouceError")
def _no_resource(world: World, language: str) -> Refused:
    return _federate(world, language, resource="everything")


@each("InvalidParameter.StrategyFormatError")
def _no_policy(world: World, language: str) -> Refused:
    return _sts(world.place("plain"), language, "GetFederationToken", {"Name": "floor", "Policy": "{}"})


@each("UnsupportedOperation")
def _not_served(world: World, language: str) -> Refused:
    return _assume(world, language, SourceIdentity="1")
