"""The registry and the base of request models."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from fittingroom.accounts.cam import parse
from fittingroom.actions.change_clothes import ChangeClothesRequest, ChangeClothesResult
from fittingroom.actions.fields import TEXT_ONLY
from fittingroom.actions.get_caller_identity import GetCallerIdentityResult
from fittingroom.actions.logo import LogoParam, LogoRect
from fittingroom.actions.registry import ACTIONS, find
from fittingroom.actions.temporary import TemporaryResult
from fittingroom.errors import ApiError

STS = "2018-08-13"


def with_jobs(name):
    return name, f"Submit{name}Job", f"Query{name}Job"


def test_what_is_there():
    assert find("ChangeClothes", "2022-12-29").request is ChangeClothesRequest
    assert {version: set(actions) for version, actions in ACTIONS.items()} == {
        "2022-12-29": {name for action in ("ChangeClothes", "ChangeOutfit") for name in with_jobs(action)},
        STS: {"AssumeRole", "GetFederationToken", "GetCallerIdentity"},
    }
    assert find("AssumeRole", STS).permission == "sts:AssumeRole"


def test_a_policy_may_name_each_action():
    for actions in ACTIONS.values():
        for action in actions.values():
            statement = {"effect": "allow", "action": action.permission, "resource": "*"}
            parse(json.dumps({"version": "2.0", "statement": [statement]}))


def test_the_wire_asks_for_all_permissions_but_those_that_an_action_asks_for_itself_or_nobody_needs():
    unasked = {action.name for actions in ACTIONS.values() for action in actions.values() if not action.asked}
    assert unasked == {"AssumeRole", "GetCallerIdentity"}


@pytest.mark.parametrize(
    ("name", "version", "code"),
    [
        ("ChangeClothes", "2022-12-30", "NoSuchVersion"),
        ("Nothing", "2019-01-01", "NoSuchVersion"),
        ("changeClothes", "2022-12-29", "InvalidAction"),
        ("TextToImage", "2022-12-29", "InvalidAction"),
        ("AssumeRole", "2022-12-29", "InvalidAction"),
        ("ChangeClothes", STS, "InvalidAction"),
        ("GetSessionToken", STS, "InvalidAction"),
    ],
)
def test_what_is_not(name, version, code):
    with pytest.raises(ApiError) as caught:
        find(name, version)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "version", "service"),
    [
        ("AssumeRole", "2018-08-14", "sts"),
        ("ChangeClothes", "2022-12-30", "aiart"),
        ("Nothing", "2018-08-14", "aiart"),
        ("GetSessionToken", STS, "sts"),
        ("AssumeRole", "2022-12-29", "aiart"),
    ],
)
def test_the_message_names_the_service_that_was_meant(name, version, service):
    with pytest.raises(ApiError) as caught:
        find(name, version)
    assert f"service=`{service}`" in caught.value.message()
    assert f"`{service}`" in caught.value.message("zh-CN")


def test_long_names_are_cut_in_the_message():
    with pytest.raises(ApiError) as caught:
        find("x" * 1000, "2022-12-29")
    assert len(caught.value.message()) < 200


def test_parameters_are_those_of_the_sdk():
    """Same names as the official SDK's request, nested ones included, so nothing published is unknown here."""
    from tencentcloud.aiart.v20221229 import models

    pairs = [
        (ChangeClothesRequest, models.ChangeClothesRequest),
        (LogoParam, models.LogoParam),
        (LogoRect, models.LogoRect),
    ]
    for ours, theirs in pairs:
        published = {name.lstrip("_") for name in vars(theirs()) if name != "headers"}
        assert {field.alias for field in ours.model_fields.values()} == published
    assert {field.alias for field in ChangeClothesResult.model_fields.values()} == {"ResultImage"}


def test_parameters_of_sts_are_those_of_the_sdk():
    from tencentcloud.sts.v20180813 import models

    for name, action in ACTIONS[STS].items():
        theirs = vars(getattr(models, f"{name}Request")())
        published = {field.lstrip("_") for field in theirs if field != "headers"}
        assert {field.alias for field in action.request.model_fields.values()} == published
    for result, name in (
        (TemporaryResult, "AssumeRoleResponse"),
        (GetCallerIdentityResult, "GetCallerIdentityResponse"),
    ):
        published = {field.lstrip("_") for field in vars(getattr(models, name)())} - {"RequestId"}
        assert {field.alias for field in result.model_fields.values()} == published


def test_required_parameters():
    required = {field.alias for field in ChangeClothesRequest.model_fields.values() if field.is_required()}
    assert required == {"ModelUrl", "ClothesUrl", "ClothesType"}


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-7", -7), ("007", 7), (str(2**63 - 1), 2**63 - 1)])
def test_numbers_from_text_only_where_told(text, number):
    assert LogoRect.model_validate({"X": text}, context={TEXT_ONLY: True}).x == number
    for context in (None, {}, {TEXT_ONLY: False}):
        with pytest.raises(ValidationError):
            LogoRect.model_validate({"X": text}, context=context)


@pytest.mark.parametrize("text", ["", " 1", "+1", "1.0", "1e3", "0x1", "1_0", "１", str(2**63), "-" + "9" * 19])
def test_other_text_is_no_number(text):
    with pytest.raises(ValidationError):
        LogoRect.model_validate({"X": text}, context={TEXT_ONLY: True})


def test_requests_take_only_wire_names():
    with pytest.raises(ValidationError):
        LogoRect.model_validate({"x": 1})
    assert ChangeClothesResult(result_image="a").model_dump(by_alias=True) == {"ResultImage": "a"}
