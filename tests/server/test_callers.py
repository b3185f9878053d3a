"""Who may call, as the official SDK sees it: keys and users on and off, policies, address lists, rotation.

One real server; everything is changed as an operator changes it, while the server runs.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import re
from collections.abc import Iterator

import pytest
from answers import picture
from code_world import Place, Refused, World, typed, until
from picture_server import PictureServer
from tencentcloud.aiart.v20221229 import aiart_client, models
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from fittingroom.accounts import Database, Store, Vault, cam
from fittingroom.accounts.store import accounts, keys, networks, policies, users
from fittingroom.client import Credential

NAMES = (f"account-{number}" for number in itertools.count())
PERMITTED = "MissingParameter"
"""What a call without parameters is answered with once it is permitted."""
UNKNOWN = "AuthFailure.SecretIdNotFound"
UNAUTHORIZED = "AuthFailure.UnauthorizedOperation"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with PictureServer() as origin, contextlib.ExitStack() as stack:
        yield World(tmp_path_factory.mktemp("callers"), origin, stack)


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    return world.place("plain")


@pytest.fixture(scope="module")
def store(place: Place) -> Iterator[Store]:
    database = Database.open(place.server.data_dir)
    yield Store(database, Vault.open(place.server.data_dir), "cli:tests")
    database.close()


class Shop:
    """An account of one test, with what an operator does to it and what the SDK then sees."""

    def __init__(self, store: Store, place: Place) -> None:
        self.store, self._place, self.name = store, place, next(NAMES)
        self.uin = accounts.create(store, self.name).uin

    def user(self, name: str, *documents: dict[str, object]) -> Credential:
        """A key of a new sub-user to which policies of these documents are attached."""
        users.create(self.store, self.name, name)
        for number, document in enumerate(documents):
            policies.create(self.store, self.name, f"{name}-{number}", json.dumps(document))
            policies.attach(self.store, self.name, f"{name}-{number}", name)
        return self.key(name)

    def key(self, user: str | None = None) -> Credential:
        made = keys.create(self.store, self.name, user)
        return Credential(made.secret_id, made.secret_key)

    def answer(self, key: Credential, code: str, language: str = "en-US") -> Refused:
        """The SDK's refusal with this code, which the server gives as soon as it knows of the last change."""
        seen: list[Refused] = []

        def answered() -> bool:
            seen.append(typed(self._place, language, {}, key))
            return seen[-1].code == code

        until(answered, 5)
        return seen[-1]


@pytest.fixture
def shop(store: Store, place: Place) -> Shop:
    return Shop(store, place)


def denying(action: str) -> dict[str, object]:
    return {"version": "2.0", "statement": [{"effect": "deny", "action": action, "resource": "*"}]}


def test_a_disabled_key_is_unknown_until_it_is_enabled(shop: Shop) -> None:
    key, other = shop.key(), shop.key()
    shop.answer(key, PERMITTED)
    keys.disable(shop.store, key.secret_id)
    shop.answer(key, UNKNOWN)
    shop.answer(other, PERMITTED)
    keys.enable(shop.store, key.secret_id)
    shop.answer(key, PERMITTED)


def test_a_disabled_user_is_unknown_and_others_are_not(shop: Shop) -> None:
    key, of_root = shop.user("alice", cam.allow_all()), shop.key()
    shop.answer(key, PERMITTED)
    users.disable(shop.store, shop.name, "alice")
    shop.answer(key, UNKNOWN)
    shop.answer(of_root, PERMITTED)
    users.enable(shop.store, shop.name, "alice")
    shop.answer(key, PERMITTED)


@pytest.mark.parametrize(
    ("language", "wording"),
    [
        (
            "en-US",
            r"you are not authorized to perform operation \(aiart:ChangeClothes\)\nresource \({}\) has no permission\n",
        ),
        ("zh-CN", r"您无权执行操作 \(aiart:ChangeClothes\)\n资源 \({}\) 没有权限，请联系管理员授权\n"),
    ],
)
def test_a_sub_user_without_a_policy_is_refused_in_the_published_words(shop: Shop, language: str, wording: str) -> None:
    refused = shop.answer(shop.user("alice"), UNAUTHORIZED, language)
    resource = re.escape(f"qcs::aiart:ap-singapore:uin/{shop.uin}:")
    expected = re.escape(f"[request id:{refused.request_id}]") + wording.format(resource + r"[^)]*")
    assert re.fullmatch(expected, refused.message), refused.message


def test_an_allowing_policy_lets_a_sub_user_get_a_picture(shop: Shop, world: World, place: Place) -> None:
    key = shop.user("alice", cam.allow_change_clothes())
    shop.answer(key, PERMITTED)
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=place.server.endpoint))
    signing = credential.Credential(key.secret_id, key.secret_key)
    request = models.ChangeClothesRequest()
    request.from_json_string(json.dumps(world.parameters()))
    answer = aiart_client.AiartClient(signing, "ap-singapore", profile).ChangeClothes(request)
    picture(base64.b64decode(answer.ResultImage))


def test_a_detached_policy_no_longer_allows(shop: Shop) -> None:
    key = shop.user("alice", cam.allow_change_clothes())
    shop.answer(key, PERMITTED)
    policies.detach(shop.store, shop.name, "alice-0", "alice")
    shop.answer(key, UNAUTHORIZED)


def test_a_deny_wins_also_over_the_root_user(shop: Shop) -> None:
    key, of_root = shop.user("alice", cam.allow_all(), denying("aiart:ChangeClothes")), shop.key()
    shop.answer(of_root, PERMITTED)
    shop.answer(key, UNAUTHORIZED)
    policies.attach(shop.store, shop.name, "alice-1", "root")
    shop.answer(of_root, UNAUTHORIZED)


def test_ip_equal_lets_in_from_its_networks_alone(shop: Shop) -> None:
    shop.answer(shop.user("near", cam.allow_change_clothes("127.0.0.0/8")), PERMITTED)
    far = shop.user("far", cam.allow_change_clothes("10.0.0.0/8"))
    shop.answer(far, UNAUTHORIZED)
    policies.replace(shop.store, shop.name, "far-0", json.dumps(cam.allow_change_clothes("10.0.0.0/8", "127.0.0.1")))
    shop.answer(far, PERMITTED)


def test_a_denied_address(shop: Shop) -> None:
    key = shop.key()
    shop.answer(key, PERMITTED)
    networks.add(shop.store, shop.name, "deny", "127.0.0.0/8")
    assert "IP blacklist" in shop.answer(key, "IpInBlacklist").message
    networks.remove(shop.store, shop.name, "deny", "127.0.0.0/8")
    shop.answer(key, PERMITTED)


def test_an_address_on_no_allow_list(shop: Shop) -> None:
    key = shop.key()
    shop.answer(key, PERMITTED)
    networks.add(shop.store, shop.name, "allow", "10.0.0.0/8")
    assert "IP whitelist" in shop.answer(key, "IpNotInWhitelist").message
    networks.add(shop.store, shop.name, "allow", "127.0.0.1")
    shop.answer(key, PERMITTED)


def test_a_rotated_key_works_until_its_grace_is_over(shop: Shop) -> None:
    old = shop.key()
    shop.answer(old, PERMITTED)
    rotated = keys.rotate(shop.store, old.secret_id, grace=1)
    new = Credential(rotated.secret_id, rotated.secret_key)
    shop.answer(new, PERMITTED)
    shop.answer(old, PERMITTED)
    keys.rotate(shop.store, old.secret_id, grace=0)
    shop.answer(old, UNKNOWN)
    shop.answer(new, PERMITTED)


def test_a_deleted_user_s_keys_are_unknown(shop: Shop) -> None:
    key = shop.user("alice", cam.allow_all())
    shop.answer(key, PERMITTED)
    users.remove(shop.store, shop.name, "alice")
    shop.answer(key, UNKNOWN)


def test_a_renamed_account_s_keys_go_on_working(shop: Shop) -> None:
    key = shop.key()
    accounts.rename(shop.store, shop.name, f"{shop.name}-new")
    shop.answer(key, PERMITTED)


def test_the_last_use_of_a_key_is_written_when_a_server_ends(world: World) -> None:
    with world.started("ending", ("--engine", "flat_engine:FlatEngine"), {}) as place:
        assert typed(place, "en-US", {}).code == PERMITTED
        folder = place.server.data_dir
    database = Database.open(folder)
    used = {key.secret_id: key.used_at for key in keys.listing(Store(database, Vault.open(folder), "cli:tests"))}
    database.close()
    assert used.pop(place.keys["shop"].secret_id) is not None
    assert set(used.values()) == {None}
