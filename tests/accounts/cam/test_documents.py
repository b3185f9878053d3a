"""Documents as people bring them from the cloud, the presets, and those of docs/permissions.md."""

import json
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from fittingroom.accounts.cam import (
    PolicyError,
    Request,
    Resource,
    allow_all,
    allow_change_clothes,
    evaluate,
    parse,
    parse_trust,
)

PERMISSIONS = Path(__file__).parents[3] / "docs" / "permissions.md"
CLOTHES, BACKGROUND, ROLE = "aiart:ChangeClothes", "aiart:ReplaceBackground", "sts:AssumeRole"

# name -> (document, actions of this server that it allows from 10.121.2.7, region ap-guangzhou, account 100)
REAL: dict[str, tuple[str, set[str]]] = {
    "QcloudAIARTFullAccess": (
        '{"version":"2.0","statement":[{"action":["aiart:*"],"resource":"*","effect":"allow"}]}',
        {CLOTHES, BACKGROUND},
    ),
    "AdministratorAccess": (
        '{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"*"}]}',
        {CLOTHES, BACKGROUND, ROLE},
    ),
    "old names": (
        '{"version":"2.0","statement":[{"effect":"allow","action":["name/aiart:ChangeClothes"],"resource":["*"]}]}',
        {CLOTHES},
    ),
    "all products in the old form": (
        '{"version":"2.0","statement":[{"effect":"allow","action":"name/*:*","resource":"*"}]}',
        {CLOTHES, BACKGROUND, ROLE},
    ),
    "read-only everywhere": (
        """{"version": "2.0", "statement": [{"effect": "allow",
            "action": ["*:Describe*", "*:Get*", "name/cos:*Bucket*", "cvm:Inquiry*"], "resource": "*"}]}""",
        set(),
    ),
    "storage besides try-on": (
        """{
    "version": "2.0",
    "statement": [
        {
            "effect": "allow",
            "action": ["name/cos:PutObject", "name/cos:GetObject", "name/cos:InitiateMultipartUpload"],
            "resource": ["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/exampleobject"]
        },
        {"effect": "allow", "action": ["aiart:ChangeClothes"], "resource": ["*"]}
    ]
}""",
        {CLOTHES},
    ),
    "the example of the reference, less its sets": (
        """{"version":"2.0","statement":[
  {"effect":"allow","action":["name/cos:PutObject"],
   "resource":["qcs::cos:bj:uid/1238423:prefix/bucketA/*","qcs::cos:gz:uid/1238423:prefix/bucketB/object2"],
   "condition": {"ip_equal":{"qcs:ip":"10.121.2.10/24"}}},
  {"effect":"allow","action":"name/cmqqueue:Sendmessages","resource":"*"}]}""",
        set(),
    ),
    "from the office only": (
        """{"version":"2.0","statement":[{"effect":"allow","action":["aiart:*"],"resource":["*"],
   "condition":{"ip_equal":{"qcs:ip":["10.121.2.10/24","2001:db8::/32"]}}}]}""",
        {CLOTHES, BACKGROUND},
    ),
    "all but from the office": (
        """{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"*"},
   {"effect":"deny","action":"aiart:*","resource":"*","condition":{"ip_equal":{"qcs:ip":"10.121.2.0/24"}}}]}""",
        {ROLE},
    ),
    "deny from outside the office": (
        """{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"*"},
   {"effect":"deny","action":"*","resource":"*","condition":{"ip_not_equal":{"qcs:ip":["10.121.2.0/24"]}}}]}""",
        {CLOTHES, BACKGROUND, ROLE},
    ),
    "one region of one account": (
        """{"version":"2.0","statement":[{"effect":"allow","action":"aiart:ChangeClothes",
   "resource":"qcs::aiart:ap-guangzhou:uin/100:*"}]}""",
        {CLOTHES},
    ),
    "a role may be taken": (
        """{"version":"2.0","statement":[{"effect":"allow","action":["name/sts:AssumeRole"],
   "resource":["qcs::cam::uin/100:roleName/try-on","qcs::cam::uin/100000000001:roleName/other"]}]}""",
        {ROLE},
    ),
    "elements in any order": (
        '{"statement":[{"resource":"*","condition":{"ip_equal":{"qcs:ip":"10.121.2.7"}},"action":"*","effect":"allow"}],'
        '"version":"2.0"}',
        {CLOTHES, BACKGROUND, ROLE},
    ),
}

REQUESTS = {
    action: Request(action, resource, ip_address("10.121.2.7"))
    for action, resource in (
        (CLOTHES, Resource("aiart", "ap-guangzhou", "uin/100")),
        (BACKGROUND, Resource("aiart", "ap-guangzhou", "uin/100")),
        (ROLE, Resource("cam", "", "uin/100", "roleName/try-on")),
    )
}


def allowed(document: Any) -> set[str]:
    policy = parse(document)
    return {action for action, request in REQUESTS.items() if evaluate([policy], request).allowed}


@pytest.mark.parametrize("name", REAL)
def test_real_looking_documents(name: str) -> None:
    document, expected = REAL[name]
    assert allowed(document) == expected
    assert allowed(json.loads(document)) == expected
    assert parse(document) == parse(json.loads(document))


def test_presets() -> None:
    assert allowed(allow_all()) == {CLOTHES, BACKGROUND, ROLE}
    assert allowed(allow_change_clothes()) == {CLOTHES}
    assert allowed(allow_change_clothes("10.121.2.0/24")) == {CLOTHES}
    assert allowed(allow_change_clothes("192.0.2.0/24", "2001:db8::1")) == set()
    assert allow_all() is not allow_all()
    assert parse(json.dumps(allow_change_clothes("10.0.0.1")), "x").name == "x"


def test_a_policy_is_a_value() -> None:
    one, two = parse(allow_all(), "a"), parse(allow_all(), "a")
    assert one == two
    assert hash(one) == hash(two)
    assert one != parse(allow_change_clothes(), "a")
    with pytest.raises(AttributeError):
        one.name = "b"  # type: ignore[misc]


def blocks(kind: str) -> list[str]:
    text = PERMISSIONS.read_text(encoding="utf-8")
    return re.findall(rf"<!-- {kind} -->\n+```json\n(.*?)```", text, re.DOTALL)


def test_the_documents_of_the_manual_are_accepted() -> None:
    assert len(blocks("policy")) >= 5
    for document in blocks("policy"):
        parse(document)
    assert len(blocks("trust policy")) >= 1
    for document in blocks("trust policy"):
        parse_trust(document)
    fences = PERMISSIONS.read_text(encoding="utf-8").count("```json")
    assert fences == len(blocks("policy")) + len(blocks("trust policy"))


def test_the_mistakes_of_the_manual_are_answered_as_it_says() -> None:
    """Each row: a document, and the message that comes back."""
    rows = re.findall(r"^\| `(\{.*\})` \| `(.*)` \|$", PERMISSIONS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) >= 5
    for document, message in rows:
        with pytest.raises(PolicyError) as caught:
            parse(document)
        assert str(caught.value) == message
