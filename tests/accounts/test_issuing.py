"""Temporary credentials for callers: what they are bound to, and what the audit holds of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from token_place import ALICE, ARN, OTHER, OWNER, POLICY, ROLE, Place, furnished

from fittingroom.accounts import AccountError, Database, Vault, schema
from fittingroom.accounts.issuing import Wanted
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio

WANTED = Wanted("AssumeRole", "night", 60, None)


@pytest.fixture
def place(database: Database, vault: Vault) -> Place:
    return furnished(database, vault)


@pytest.mark.parametrize("arn", [f"qcs::cam::uin/{OWNER}:roleName/dresser", f"qcs::cam::uin/{OWNER}:role/{ROLE}"])
async def test_a_role_is_found_by_name_and_by_id(place: Place, arn: str) -> None:
    found = place.issuer.role(arn)
    assert found is not None
    assert (found.id, found.name) == (ROLE, "dresser")


@pytest.mark.parametrize(
    "arn",
    [
        f"qcs::cam::uin/{OTHER}:roleName/dresser",
        f"qcs::cam::uin/{OTHER}:role/{ROLE}",
        f"qcs::cam::uin/{OWNER}:roleName/Dresser",
        f"qcs::cam::uin/{OWNER}:role/dresser",
        f"qcs::cam::uin/{OWNER}:role/u-alice",
        f"qcs::cam::uin/{OWNER}:role/tencentcloudServiceRoleName/dresser",
        f"qcs::cam::uin/{OWNER}:roleName/dresser\n",
        "dresser",
        "",
    ],
)
async def test_nothing_else_is_found(place: Place, arn: str) -> None:
    assert place.issuer.role(arn) is None


async def test_a_credential_acts_for_the_role_and_says_whence_it_comes(place: Place) -> None:
    caller, role = await place.caller(), place.issuer.role(ARN)
    assert role is not None
    session = await place.issuer.issue(caller, role, Wanted("AssumeRole", "night", 60, POLICY))
    known = await place.known(session)
    assert known is not None
    assert (known.principal, known.secret_key, known.expires_at) == (role, session.secret_key, session.expires_at)
    assert known.policy is not None
    assert known.origin is not None
    assert (known.origin.name, known.origin.issuer_uin, known.origin.key_id) == ("night", ALICE, "AKIDalice")
    again = await place.issuer.issue(known, role, WANTED)
    assert again.origin.issuers == ("u-alice", ROLE)
    assert (again.origin.issuer_uin, again.origin.key_id) == (OWNER, "AKIDalice")


async def test_its_row_names_everything_but_its_secrets(place: Place) -> None:
    caller, role = await place.caller(), place.issuer.role(ARN)
    assert role is not None
    session = await place.issuer.issue(caller, role, Wanted("AssumeRole", "night", 60, POLICY))
    (row,) = place.rows()
    assert (row.actor, row.action, row.account_id, row.target) == (str(ALICE), "sts.AssumeRole", "a1", "role:dresser")
    assert json.loads(row.detail) == {
        "caller": ALICE,
        "expires_at": session.expires_at,
        "name": "night",
        "narrowed": True,
        "secret_id": session.secret_id,
        "with": "AKIDalice",
    }
    told = " ".join(str(part) for part in row)
    assert session.secret_key not in told
    assert session.token not in told
    known = await place.known(session)
    assert known is not None
    await place.issuer.issue(known, role, WANTED)
    assert place.rows()[1].actor == f"{OWNER}:role/dresser:night"


ENDS: list[Callable[[Place], None]] = [
    lambda place: place.change(schema.keys, secret_id="AKIDalice", revoked_at=1.0),
    lambda place: place.change(schema.keys, secret_id="AKIDalice", enabled=False),
    lambda place: place.change(schema.keys, secret_id="AKIDalice", expires_at=time.time() - 1),
    lambda place: place.change(schema.users, id="u-alice", enabled=False),
    lambda place: place.change(schema.users, id="u-alice", sessions_after=time.time() + 1),
    lambda place: place.change(schema.roles, id=ROLE, sessions_after=time.time() + 1),
    lambda place: place.change(schema.roles, id=ROLE, name="still there", sessions_after=time.time() + 1),
]


@pytest.mark.parametrize("end", ENDS)
async def test_it_ends_with_its_role_its_user_and_their_key(place: Place, end: Callable[[Place], None]) -> None:
    caller, role = await place.caller(), place.issuer.role(ARN)
    assert role is not None
    session = await place.issuer.issue(caller, role, WANTED)
    of_it = await place.known(session)
    assert of_it is not None
    chained = await place.issuer.issue(of_it, role, WANTED)
    unconcerned = await place.issuer.issue(await place.caller("root"), (await place.caller("root")).principal, WANTED)
    assert await place.known(chained) is not None
    end(place)
    assert await place.known(session) is None
    assert await place.known(chained) is None
    assert await place.known(unconcerned) is not None


async def test_it_goes_on_when_others_end(place: Place) -> None:
    caller = await place.caller()
    session = await place.issuer.issue(caller, caller.principal, WANTED)
    place.change(schema.users, id="u-root", enabled=False, sessions_after=time.time() + 1)
    place.change(schema.keys, secret_id="AKIDroot", revoked_at=1.0)
    place.change(schema.keys, secret_id="AKIDalice", expires_at=time.time() + 100)
    assert await place.known(session) is not None


async def test_nothing_outlives_the_key_that_asked(place: Place) -> None:
    place.change(schema.keys, secret_id="AKIDalice", expires_at=time.time() + 20)
    caller = await place.caller()
    session = await place.issuer.issue(caller, caller.principal, WANTED)
    assert session.expires_at <= time.time() + 20
    known = await place.known(session)
    assert known is not None
    again = await place.issuer.issue(known, caller.principal, Wanted("AssumeRole", "night", 43_200, None))
    assert again.expires_at <= session.expires_at


async def test_a_token_that_would_be_too_long_is_refused_and_leaves_no_row(place: Place) -> None:
    caller = await place.caller()
    noise = "".join(f"{number * 2_654_435_761 % 2**32:08x}" for number in range(1000))
    with pytest.raises(ApiError) as caught:
        await place.issuer.issue(caller, caller.principal, Wanted("GetFederationToken", "x", 60, noise))
    assert caught.value.code == "InvalidParameter.PolicyTooLong"
    assert place.rows() == []


async def test_without_its_row_there_is_no_credential(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = await place.caller()

    def broken() -> None:
        raise AccountError("the database of accounts failed: disk full")

    monkeypatch.setattr(place.database, "writing", broken)
    with pytest.raises(AccountError, match="disk full"):
        await place.issuer.issue(caller, caller.principal, WANTED)
