"""The actions of sts through the whole edge, signed by the official SDK, on a real database of accounts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import insert
from tencentcloud.sts.v20180813.sts_client import StsClient
from token_place import ALICE, ARN, OWNER, POLICY, ROLE, Place, furnished

from fittingroom.accounts import Database, Vault, schema

STS_ONLY = POLICY.replace("aiart:*", "sts:*")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    database = Database.open(tmp_path)
    yield furnished(database, Vault.open(tmp_path))
    database.close()


@pytest.fixture
def make(kit: Any, place: Place) -> Callable[..., Any]:
    """A world on the place's database; the clock is the real one, as the token service's."""

    def world(**settings: Any) -> Any:
        made = kit.World(settings=kit.Settings(**settings), keys=place.directory, tokens=place.issuer)
        made.now = time.time()
        return made

    return world


@pytest.fixture
def world(make: Callable[..., Any]) -> Any:
    return make()


@pytest.fixture
def ask(kit: Any, world: Any) -> Callable[..., Any]:
    """Ask one action as a user; `key` is a name, or the `Credentials` of an answer."""

    def answer(action: str, parameters: dict[str, Any], key: Any = "root", **options: Any) -> Any:
        if isinstance(key, str):
            pair, token = (f"AKID{key}", f"secret of {key}"), None
        else:
            pair, token = (key["TmpSecretId"], key["TmpSecretKey"]), key["Token"]
        token = options.pop("token", token)
        if action != "ChangeClothes":
            options |= {"product": StsClient, "action": action}
        return world.send(kit.sdk_request(parameters, key=pair, token=token, timestamp=world.now, **options))

    return answer


ASSUME = {"RoleArn": ARN, "RoleSessionName": "night"}
FEDERATE = {"Name": "shop-floor", "Policy": quote(POLICY)}
SIGNINGS = [
    {"sign_method": sign, "method": method}
    for sign in ("TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256")
    for method in ("POST", "GET")
]


@pytest.mark.parametrize("signing", SIGNINGS, ids=lambda signing: " ".join(signing.values()))
@pytest.mark.parametrize(("action", "parameters"), [("AssumeRole", ASSUME), ("GetFederationToken", FEDERATE)])
def test_a_credential_works_whatever_the_signature(
    kit: Any, ask: Callable[..., Any], place: Place, signing: Any, action: str, parameters: Any
) -> None:
    place.permit(ROLE, "aiart:ChangeClothes")
    answer = ask(action, {**parameters, "DurationSeconds": 600}, **signing)
    assert answer.code == "OK", answer.json
    assert set(answer.response) == {"Credentials", "ExpiredTime", "Expiration", "RequestId"}
    assert 590 <= answer.response["ExpiredTime"] - time.time() <= 600
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(answer.response["ExpiredTime"]))
    assert answer.response["Expiration"] == moment
    key = answer.response["Credentials"]
    assert len(key["Token"]) <= 4096
    for how in SIGNINGS:
        assert ask("ChangeClothes", kit.GOOD, key, **how).code == "OK"


def test_who_am_i(ask: Callable[..., Any]) -> None:
    """It needs no permission: alice has none."""
    told = ask("GetCallerIdentity", {}, "alice").response
    assert told.pop("RequestId")
    assert told == {
        "Arn": f"qcs::cam:{OWNER}:uin/{ALICE}",
        "AccountId": str(OWNER),
        "UserId": str(ALICE),
        "PrincipalId": str(ALICE),
        "Type": "CAMUser",
    }
    session = ask("AssumeRole", ASSUME).response["Credentials"]
    assert ask("GetCallerIdentity", {}, session).response["UserId"] == f"{ROLE}:night"


@pytest.mark.parametrize(("effect", "code"), [("deny", "IpInBlacklist"), ("allow", "IpNotInWhitelist")])
def test_address_lists_count_where_no_permission_is_needed_too(
    ask: Callable[..., Any], place: Place, effect: str, code: str
) -> None:
    network = {"deny": "127.0.0.0/8", "allow": "10.0.0.0/8"}[effect]
    with place.database.changing() as connection:
        row = {"account_id": "a1", "effect": effect, "network": network, "created_at": 1.0}
        connection.execute(insert(schema.networks).values(row))
    place.directory.update()
    for action, parameters in (("GetCallerIdentity", {}), ("AssumeRole", ASSUME), ("GetFederationToken", FEDERATE)):
        assert ask(action, parameters).code == code


def test_permissions_of_one_product_are_none_of_the_other(kit: Any, ask: Callable[..., Any], place: Place) -> None:
    place.permit("u-alice", "sts:*")
    place.permit(ROLE, "sts:*")
    denied = "AuthFailure.UnauthorizedOperation"
    assert ask("ChangeClothes", kit.GOOD, "alice").code == denied
    assert ask("GetFederationToken", FEDERATE, "alice").code == "OK"
    session = ask("AssumeRole", ASSUME, "alice").response["Credentials"]
    assert ask("ChangeClothes", kit.GOOD, session).code == denied
    assert ask("AssumeRole", ASSUME, session).code == "OK"


def test_permissions_of_the_other_product_are_none_of_the_one(kit: Any, ask: Callable[..., Any], place: Place) -> None:
    place.permit("u-alice", "aiart:*")
    denied = "AuthFailure.UnauthorizedOperation"
    assert ask("ChangeClothes", kit.GOOD, "alice").code == "OK"
    for action, parameters in (("AssumeRole", ASSUME), ("GetFederationToken", FEDERATE)):
        assert ask(action, parameters, "alice").code == denied


@pytest.mark.parametrize(("policy", "dresses", "assumes"), [(POLICY, True, False), (STS_ONLY, False, True)])
def test_a_policy_narrows_even_the_root_user(
    kit: Any, ask: Callable[..., Any], policy: str, dresses: bool, assumes: bool
) -> None:
    key = ask("GetFederationToken", {**FEDERATE, "Policy": quote(policy)}).response["Credentials"]
    assert (ask("ChangeClothes", kit.GOOD, key).code == "OK") is dresses
    assert (ask("AssumeRole", ASSUME, key).code == "OK") is assumes


def test_a_policy_gives_nothing_that_the_user_or_role_has_not(kit: Any, ask: Callable[..., Any], place: Place) -> None:
    place.permit("u-alice", "sts:*")
    for action, parameters in (("GetFederationToken", FEDERATE), ("AssumeRole", {**ASSUME, "Policy": quote(POLICY)})):
        key = ask(action, parameters, "alice").response["Credentials"]
        assert ask("ChangeClothes", kit.GOOD, key).code == "AuthFailure.UnauthorizedOperation"


def test_a_temporary_key_gets_no_federation_token(ask: Callable[..., Any]) -> None:
    key = ask("GetFederationToken", {**FEDERATE, "Policy": quote(STS_ONLY)}).response["Credentials"]
    assert ask("GetFederationToken", FEDERATE, key).code == "FailedOperation.TempKeyNotAllowed"


def test_tokens_that_do_not_fit(kit: Any, ask: Callable[..., Any], place: Place, world: Any) -> None:
    """Missing, of another key, changed, or late; the signature is right each time."""
    place.permit(ROLE, "aiart:*")
    key, other = (ask("AssumeRole", {**ASSUME, "DurationSeconds": 60}).response["Credentials"] for _ in range(2))
    assert ask("ChangeClothes", kit.GOOD, key).code == "OK"
    for token in (None, other["Token"], key["Token"][:-8] + "AAAAAAA=", "x"):
        assert ask("ChangeClothes", kit.GOOD, key, token=token).code == "AuthFailure.TokenFailure"
    assert ask("ChangeClothes", kit.GOOD, "root", token=key["Token"]).code == "AuthFailure.TokenFailure"
    world.now += 58
    assert ask("ChangeClothes", kit.GOOD, key).code == "OK"
    world.now += 2
    assert ask("ChangeClothes", kit.GOOD, key).code == "AuthFailure.TokenFailure"


def test_a_session_ends_with_its_role(kit: Any, ask: Callable[..., Any], place: Place) -> None:
    place.permit(ROLE, "aiart:*")
    key = ask("AssumeRole", ASSUME).response["Credentials"]
    assert ask("ChangeClothes", kit.GOOD, key).code == "OK"
    place.change(schema.roles, id=ROLE, sessions_after=time.time() + 1)
    assert ask("ChangeClothes", kit.GOOD, key).code == "AuthFailure.TokenFailure"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"RoleArn": ARN}, "MissingParameter"),
        ({**ASSUME, "Rolearn": ARN}, "UnknownParameter"),
        ({**ASSUME, "DurationSeconds": "7200"}, "InvalidParameter"),
        ({**ASSUME, "DurationSeconds": 43_201}, "InvalidParameter.OverTimeError"),
        ({**ASSUME, "RoleSessionName": "a b"}, "InvalidParameter.ParamError"),
        ({**ASSUME, "RoleArn": ARN + "s"}, "InternalError.GetRoleError"),
        ({**ASSUME, "Policy": "allow"}, "InvalidParameter.StrategyFormatError"),
        ({**ASSUME, "SourceIdentity": "1"}, "UnsupportedOperation"),
    ],
)
def test_refusals(ask: Callable[..., Any], place: Place, parameters: Any, code: str) -> None:
    assert ask("AssumeRole", parameters).code == code
    assert place.rows() == []


def test_a_credential_is_made_by_no_request_whose_body_is_unsigned(ask: Callable[..., Any], place: Place) -> None:
    """Nor is the action's name: whoever sees such a request go by could make it one that hands out keys."""
    for action, parameters in (("AssumeRole", ASSUME), ("GetFederationToken", FEDERATE), ("GetCallerIdentity", {})):
        answer = ask(action, parameters, unsigned=True)
        assert answer.code == "AuthFailure.SignatureFailure"
        assert "UNSIGNED-PAYLOAD" in answer.message
    assert place.rows() == []


@pytest.mark.parametrize("host", ["sts.tencentcloudapi.com", "sts.intl.tencentcloudapi.com"])
def test_the_public_names_may_be_signed(kit: Any, make: Callable[..., Any], host: str) -> None:
    world = make()
    for sign in ("TC3-HMAC-SHA256", "HmacSHA256"):
        sent = kit.sdk_request(
            ASSUME, key=("AKIDroot", "secret of root"), endpoint=host, timestamp=world.now, product=StsClient,
            action="AssumeRole", sign_method=sign,
        )  # fmt: skip
        sent.headers["Host"] = "10.0.0.7:8443"
        assert world.send(sent).code == "OK"


@pytest.mark.parametrize(
    ("service", "host", "code"),
    [
        ("sts", "127.0.0.1:8000", "OK"),
        ("127", "127.0.0.1:8000", "OK"),
        ("tryon", "tryon.example.com", "OK"),
        ("aiart", "127.0.0.1:8000", "NoSuchProduct"),
        ("cam", "127.0.0.1:8000", "NoSuchProduct"),
    ],
)
def test_strict_services(kit: Any, make: Callable[..., Any], service: str, host: str, code: str) -> None:
    strict, lax = make(wire={"strict_service": True}), make()
    for world, expected in ((strict, code), (lax, "OK")):
        sent = kit.sign_json(
            ASSUME,
            service=service,
            host=host,
            secret_id="AKIDroot",
            secret_key="secret of root",
            timestamp=int(world.now),
            extra={"X-TC-Action": "AssumeRole", "X-TC-Version": "2018-08-13"},
        )
        assert world.send(sent).code == expected


def test_the_row_is_written_and_holds_no_secret(ask: Callable[..., Any], place: Place) -> None:
    key = ask("AssumeRole", ASSUME).response["Credentials"]
    (row,) = place.rows()
    assert (row.actor, row.action, row.target) == (str(OWNER), "sts.AssumeRole", "role:dresser")
    assert json.loads(row.detail)["secret_id"] == key["TmpSecretId"]
    for secret in (key["TmpSecretKey"], key["Token"]):
        assert secret not in str(tuple(row))
