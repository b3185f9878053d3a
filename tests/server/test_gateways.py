"""Two servers on one database: what an operator takes away is refused by both within five seconds.

Half a minute: four real servers start, and PostgreSQL stops and starts again under two of them. The seconds that each
change took are printed (`pytest -s`).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from postgres_server import PostgresServer
from running_server import RunningServer
from two_gateways import gateways

from fittingroom.accounts import Store, cam
from fittingroom.accounts.store import accounts, keys, networks, policies, users
from fittingroom.client import ApiClient, CallRefused, Credential

SECONDS = 5.0
ALLOWED = "MissingParameter"
"""With which a call without parameters ends once it is permitted."""


@dataclass(frozen=True)
class Two:
    """url: of the database they share."""

    servers: list[RunningServer]
    store: Store
    database: str


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def two(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("gateways")
    url = f"sqlite:///{folder / 'shared.db'}"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url(server.new_database())
    with gateways(folder, url) as (servers, store):
        yield Two(servers, store, request.param)
        for running in servers:
            told = running.output.read_text(encoding="utf-8", errors="replace")
            assert "internal_error" not in told
            assert "Traceback" not in told
            if request.param == "postgresql":
                assert server.password not in told


def code(server: RunningServer, key: Credential) -> str:
    try:
        ApiClient(server.url, key, timeout=10).call("ChangeClothes", {})
    except CallRefused as refused:
        return refused.code
    raise AssertionError("a call without parameters was answered")


def until(server: RunningServer, key: Credential, wanted: str, seconds: float = SECONDS) -> float:
    """Seconds until the server answers so."""
    begun = time.monotonic()
    while (answered := code(server, key)) != wanted:
        assert time.monotonic() - begun < seconds, f"{answered} instead of {wanted} after {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - begun


def everywhere(two: Two, key: Credential, wanted: str, what: str) -> None:
    """Both servers answer so within the seconds; prints how long each took."""
    took: dict[int, float | BaseException] = {}

    def watch(number: int) -> None:
        try:
            took[number] = until(two.servers[number], key, wanted)
        except BaseException as error:
            took[number] = error

    threads = [threading.Thread(target=watch, args=(number,)) for number in range(len(two.servers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in took.values():
        if isinstance(failure, BaseException):
            raise failure
    print(f"{two.database}: {what}: {', '.join(f'{took[number]:.2f} s' for number in sorted(took))}")


@pytest.fixture
def alice(two: Two, request: pytest.FixtureRequest) -> Credential:
    """A sub-user that is allowed the action, of an account of this test alone."""
    account = request.node.originalname[:40]
    accounts.create(two.store, account)
    users.create(two.store, account, "alice")
    policies.create(two.store, account, "clothes", json.dumps(cam.allow_change_clothes()))
    policies.attach(two.store, account, "clothes", "alice")
    made = keys.create(two.store, account, "alice")
    credential = Credential(made.secret_id, made.secret_key)
    everywhere(two, credential, ALLOWED, "a new key is known")
    return credential


Change = Callable[[Store, str, Credential], object]


def test_a_revoked_key(two: Two, alice: Credential) -> None:
    keys.revoke(two.store, alice.secret_id)
    everywhere(two, alice, "AuthFailure.SecretIdNotFound", "revoke a key")


def test_a_disabled_key(two: Two, alice: Credential) -> None:
    keys.disable(two.store, alice.secret_id)
    everywhere(two, alice, "AuthFailure.SecretIdNotFound", "disable a key")
    keys.enable(two.store, alice.secret_id)
    everywhere(two, alice, ALLOWED, "enable a key")


def test_a_disabled_user(two: Two, alice: Credential) -> None:
    users.disable(two.store, "test_a_disabled_user", "alice")
    everywhere(two, alice, "AuthFailure.SecretIdNotFound", "disable a user")


def test_a_detached_policy(two: Two, alice: Credential) -> None:
    policies.detach(two.store, "test_a_detached_policy", "clothes", "alice")
    everywhere(two, alice, "AuthFailure.UnauthorizedOperation", "detach a policy")


def test_a_denied_network(two: Two, alice: Credential) -> None:
    networks.add(two.store, "test_a_denied_network", "deny", "127.0.0.0/8")
    everywhere(two, alice, "IpInBlacklist", "deny a network")
    networks.remove(two.store, "test_a_denied_network", "deny", "127.0.0.0/8")
    everywhere(two, alice, ALLOWED, "take the network off the list")


def test_ended_sessions(two: Two, alice: Credential) -> None:
    made = keys.create_temporary(two.store, "test_ended_sessions", "alice", 600)
    brief = Credential(made.secret_id, made.secret_key, made.token)
    everywhere(two, brief, ALLOWED, "a temporary key of another process is known")
    users.end_sessions(two.store, "test_ended_sessions", "alice")
    everywhere(two, brief, "AuthFailure.TokenFailure", "end the sessions of a user")


def test_postgresql_may_be_restarted_under_them(two: Two, alice: Credential, request: pytest.FixtureRequest) -> None:
    """While it is down they answer from memory, at first; then they refuse; then they go on by themselves."""
    if two.database != "postgresql":
        pytest.skip("SQLite has no server")
    server: PostgresServer = request.getfixturevalue("postgres")
    server.stop()
    try:
        assert code(two.servers[0], alice) == ALLOWED
        for gateway in two.servers:
            until(gateway, alice, "InternalError", 8)
    finally:
        server.start()
    everywhere(two, alice, ALLOWED, "PostgreSQL is back")
    keys.revoke(two.store, alice.secret_id)
    everywhere(two, alice, "AuthFailure.SecretIdNotFound", "revoke a key after the restart")
