"""Temporary credentials as the official SDKs get and use them, against a real server, over https and plain http.

`STSAssumeRoleCredential` of the Python SDKs knows https only and trusts certifi's bundle alone, so the authority is
appended to a copy of that bundle, as an operator would do it in the client's environment. A full URL as its endpoint
takes it to plain http.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from answers import decoded, refused
from client_driver import Driver, driver
from client_environments import python_environment
from running_server import RunningServer, assert_quiet, fittingroom

from fittingroom.accounts import Database, Store, Vault
from fittingroom.accounts.store import accounts, keys, policies, roles, users
from fittingroom.client import Credential

ALLOW_STS = {"version": "2.0", "statement": [{"effect": "allow", "action": "sts:*", "resource": "*"}]}
DRESS_ONLY = {"version": "2.0", "statement": [{"effect": "allow", "action": "aiart:ChangeClothes", "resource": "*"}]}
VERSIONS = ("python-intl", "python-domestic")
SIGNATURES = ["TC3-HMAC-SHA256", "HmacSHA256"]


@dataclass(frozen=True)
class Staff:
    """The user sam, who may call sts and nothing else, and roles of the account that it may take."""

    key: Credential
    store: Store
    data_dir: Path
    uin: int

    def arn(self, role: str = "dresser") -> str:
        return f"qcs::cam::uin/{self.uin}:roleName/{role}"

    def run(self, *words: str) -> str:
        """A command of the operator."""
        return fittingroom(*words, "--data-dir", self.data_dir)

    def role(self, name: str) -> str:
        """A new role that may dress. Its ARN."""
        roles.create(self.store, "tests", name)
        roles.attach(self.store, "tests", name, "dress")
        return self.arn(name)


@pytest.fixture(scope="module")
def staff(world: Any, drivers: Callable[[str], Driver]) -> Iterator[Staff]:
    data_dir = world.server.data_dir
    database = Database.open(data_dir)
    store = Store(database, Vault.open(data_dir), "cli:tests")
    policies.create(store, "tests", "sts", json.dumps(ALLOW_STS))
    policies.create(store, "tests", "dress", json.dumps(DRESS_ONLY))
    made = Staff(_user(store, "sam"), store, data_dir, accounts.find(store, "tests").uin)
    made.role("dresser")
    _until(lambda: "ok" in _sts(drivers("python-intl"), world, made.key, "AssumeRole", _assume(made.arn())))
    yield made
    database.close()
    assert_quiet(world.server, made.key)


def _user(store: Store, name: str) -> Credential:
    users.create(store, "tests", name)
    policies.attach(store, "tests", "sts", name)
    key = keys.create(store, "tests", name)
    return Credential(key.secret_id, key.secret_key)


def _assume(arn: str, **more: object) -> dict[str, object]:
    return {"RoleArn": arn, "RoleSessionName": "night", **more}


def _sts(client: Driver, world: Any, key: Credential, action: str, params: dict[str, object], **more: Any) -> Any:
    """A call of the typed client of sts."""
    used = {"id": key.secret_id, "key": key.secret_key, "token": key.token}
    return client.ask(world.case("sts", action=action, params=params, **used, **more))


def _credential(answer: dict[str, Any]) -> Credential:
    assert "ok" in answer, answer
    parts = answer["ok"]["Credentials"]
    return Credential(parts["TmpSecretId"], parts["TmpSecretKey"], parts["Token"])


def _dress(client: Driver, world: Any, key: Credential, way: str = "common", **more: Any) -> Any:
    return client.ask(world.case(way, id=key.secret_id, key=key.secret_key, token=key.token, **more))


def _until(condition: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def trusting(authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """A driver of a Python SDK whose certifi knows the authority too."""

    def start(environment: str) -> Any:
        python = python_environment(environment) / "python"
        where = "import certifi, os; print(os.path.dirname(certifi.__file__))"
        told = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True, env={})
        folder = tmp_path_factory.mktemp("bundle")
        shutil.copytree(told.stdout.strip(), folder / "certifi")
        bundle = folder / "certifi" / "cacert.pem"
        with bundle.open("ab") as file:
            file.write(b"\n" + (authority / "ca.pem").read_bytes())
        # The asynchronous client takes its authorities from the environment; see test_tls.
        return driver(environment, {"PYTHONPATH": str(folder), "SSL_CERT_FILE": str(bundle)})

    return start


@pytest.mark.parametrize("environment", VERSIONS)
def test_the_helper_of_the_python_sdks_over_https(
    world: Any, staff: Staff, secure: RunningServer, trusting: Callable[[str], Any], environment: str
) -> None:
    endpoint = f"localhost:{secure.port}"
    role = {"arn": staff.arn(), "session": "night", "seconds": 900, "endpoint": endpoint}
    ways = ["sync"] if environment == "python-intl" else ["sync", "async"]
    with trusting(environment) as python:
        for way in ways:
            for sign in SIGNATURES if way == "sync" else SIGNATURES[:1]:
                case = {"scheme": "https", "endpoint": endpoint, "assume": role, "sign": sign}
                decoded(_dress(python, world, staff.key, way, **case))


def test_the_helper_trusts_no_authority_that_its_bundle_has_not(
    world: Any, staff: Staff, secure: RunningServer, drivers: Callable[[str], Driver]
) -> None:
    role = {"arn": staff.arn(), "session": "night", "seconds": 900, "endpoint": f"localhost:{secure.port}"}
    answer = _dress(drivers("python-intl"), world, staff.key, "sync", assume=role)
    assert answer["error"]["code"] == "ClientNetworkError"
    assert "CERTIFICATE_VERIFY_FAILED" in answer["error"]["message"]


@pytest.mark.parametrize("environment", VERSIONS)
def test_the_helper_over_plain_http_and_its_refreshing(
    world: Any, staff: Staff, drivers: Callable[[str], Driver], environment: str
) -> None:
    """The SDK asks again when a tenth of the life is over: after one of ten seconds here, hence the pause."""
    role = {"arn": staff.arn(), "session": "night", "seconds": 10, "endpoint": world.server.url}
    answer = _dress(drivers(environment), world, staff.key, "refreshed", assume=role, pause=2.2)
    first, second = answer["ok"].pop("used")
    assert first != second
    decoded(answer)


def test_the_helper_shows_a_refusal(world: Any, staff: Staff, drivers: Callable[[str], Driver]) -> None:
    for arn, code in ((staff.arn("nobody"), "InternalError.GetRoleError"), ("dresser", "InvalidParameter.ParamError")):
        role = {"arn": arn, "session": "night", "seconds": 900, "endpoint": world.server.url}
        refused(_dress(drivers("python-intl"), world, staff.key, "sync", assume=role), code)


@pytest.mark.parametrize("sign", SIGNATURES)
@pytest.mark.parametrize(("environment", "way"), [("python-intl", "sync"), ("node", "aiart"), ("node-intl", "common")])
def test_the_typed_clients(
    world: Any, staff: Staff, drivers: Callable[[str], Driver], environment: str, way: str, sign: str
) -> None:
    client = drivers(environment)
    answer = _sts(client, world, staff.key, "AssumeRole", _assume(staff.arn(), DurationSeconds=600), sign=sign)
    assert 590 <= answer["ok"]["ExpiredTime"] - time.time() <= 600
    assert answer["ok"]["Expiration"].endswith("Z")
    taken = _credential(answer)
    for how in SIGNATURES:
        decoded(_dress(client, world, taken, way, sign=how))
    root = {"Name": "floor", "Policy": quote(json.dumps(DRESS_ONLY))}
    federated = _credential(_sts(client, world, world.key, "GetFederationToken", root, sign=sign))
    decoded(_dress(client, world, federated, way, sign=sign))
    refused(_sts(client, world, federated, "AssumeRole", _assume(staff.arn())), "AuthFailure.UnauthorizedOperation")
    me = _sts(client, world, taken, "GetCallerIdentity", {}, sign=sign)["ok"]
    assert (me["Type"], me["AccountId"], me["UserId"].split(":")[1]) == ("CAMRole", str(staff.uin), "night")
    assert_quiet(world.server, taken, federated)


def test_the_helper_of_node(world: Any, staff: Staff, drivers: Callable[[str], Driver]) -> None:
    role = {"arn": staff.arn(), "session": "night", "seconds": 900, "endpoint": world.server.endpoint}
    for sign in SIGNATURES:
        decoded(_dress(drivers("node"), world, staff.key, "aiart", assume=role, sign=sign))


def test_the_helper_of_node_over_https(world: Any, staff: Staff, secure: RunningServer, authority: Path) -> None:
    endpoint = f"localhost:{secure.port}"
    role = {"arn": staff.arn(), "session": "night", "seconds": 900, "endpoint": endpoint}
    with driver("node", {"NODE_EXTRA_CA_CERTS": str(authority / "ca.pem")}) as node:
        decoded(_dress(node, world, staff.key, "aiart", assume=role, scheme="https", endpoint=endpoint))


def test_one_product_is_not_the_other(world: Any, staff: Staff, drivers: Callable[[str], Driver]) -> None:
    """sam may call sts alone; the role may dress alone."""
    python = drivers("python-intl")
    denied = "AuthFailure.UnauthorizedOperation"
    refused(_dress(python, world, staff.key), denied)
    taken = _credential(_sts(python, world, staff.key, "AssumeRole", _assume(staff.arn())))
    decoded(_dress(python, world, taken))
    refused(_sts(python, world, taken, "AssumeRole", _assume(staff.arn())), denied)
    refused(
        _sts(python, world, taken, "GetFederationToken", {"Name": "floor", "Policy": json.dumps(DRESS_ONLY)}), denied
    )


@pytest.mark.parametrize("environment", ["python-intl", "node"])
def test_tokens_that_do_not_fit(world: Any, staff: Staff, drivers: Callable[[str], Driver], environment: str) -> None:
    """Signed rightly each time: with another's token, a changed one, none, and after its time, hence the wait."""
    client, failure = drivers(environment), "AuthFailure.TokenFailure"
    late = _credential(_sts(client, world, staff.key, "AssumeRole", _assume(staff.arn(), DurationSeconds=2)))
    asked = time.monotonic()
    one, two = (_credential(_sts(client, world, staff.key, "AssumeRole", _assume(staff.arn()))) for _ in range(2))
    assert one.token is not None
    for token in (two.token, one.token[:-8] + "AAAAAAA=", None, "x"):
        refused(_dress(client, world, Credential(one.secret_id, one.secret_key, token)), failure)
    refused(_dress(client, world, Credential(staff.key.secret_id, staff.key.secret_key, one.token)), failure)
    time.sleep(max(0.0, 2.1 - (time.monotonic() - asked)))
    refused(_dress(client, world, late), failure)
    decoded(_dress(client, world, one))


ENDS = {
    "the role's sessions are ended": lambda staff, role, user: staff.run("roles", "end-sessions", "tests", role),
    "the role is deleted": lambda staff, role, user: staff.run("roles", "delete", "tests", role),
    "the user is disabled": lambda staff, role, user: staff.run("users", "disable", "tests", user),
    "the user's sessions are ended": lambda staff, role, user: staff.run("users", "end-sessions", "tests", user),
    "the user is deleted": lambda staff, role, user: staff.run("users", "delete", "tests", user),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_session_is_refused_within_five_seconds_when(
    world: Any, staff: Staff, drivers: Callable[[str], Driver], end: str
) -> None:
    python, number = drivers("python-intl"), list(ENDS).index(end)
    role, user = f"night-{number}", f"tim-{number}"
    arn, key = staff.role(role), _user(staff.store, user)
    _until(lambda: "ok" in _sts(python, world, key, "AssumeRole", _assume(arn)))
    taken = _credential(_sts(python, world, key, "AssumeRole", _assume(arn)))
    assert "ok" in _sts(python, world, taken, "GetCallerIdentity", {})
    ENDS[end](staff, role, user)
    with contextlib.suppress(AssertionError):
        _until(lambda: "ok" not in _sts(python, world, taken, "GetCallerIdentity", {}))
    refused(_sts(python, world, taken, "GetCallerIdentity", {}), "AuthFailure.TokenFailure")


def test_a_revoked_key_takes_its_sessions_along(world: Any, staff: Staff, drivers: Callable[[str], Driver]) -> None:
    python, key = drivers("python-intl"), _user(staff.store, "ulla")
    _until(lambda: "ok" in _sts(python, world, key, "AssumeRole", _assume(staff.arn())))
    taken = _credential(_sts(python, world, key, "AssumeRole", _assume(staff.arn())))
    staff.run("keys", "revoke", key.secret_id)
    _until(lambda: "ok" not in _sts(python, world, taken, "GetCallerIdentity", {}))
    refused(_sts(python, world, taken, "GetCallerIdentity", {}), "AuthFailure.TokenFailure")


def test_the_audit_names_who_took_which_role(world: Any, staff: Staff, drivers: Callable[[str], Driver]) -> None:
    taken = _credential(_sts(drivers("python-intl"), world, staff.key, "AssumeRole", _assume(staff.arn())))
    told = staff.run("audit", "--action", "sts", "--json")
    assert taken.secret_id in told
    assert taken.secret_key not in told
    assert taken.token is not None
    assert taken.token not in told
