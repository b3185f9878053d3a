"""What the tests of error codes call: running servers of several settings, their accounts, and the official SDK.

Each server is an unmodified `fittingroom serve` with the flat engine, started when the first code needs it. A refusal
is what the SDK's exception says; where no SDK can send such a request, `raw` sends it and the trigger says why.
Invariant: leaving the world ends every server.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flat_engine import TRICKS
from picture_server import PictureServer
from pictures import encoded, figure, garment
from running_server import FLAT, LOOPBACK, RunningServer, running
from tencentcloud.aiart.v20221229 import aiart_client, models
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential as SdkCredential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from fittingroom.accounts import Database, Store, Vault
from fittingroom.accounts.store import accounts, keys, networks, users
from fittingroom.client import Credential

LANGUAGES = ("en-US", "zh-CN")

PER_SECOND = 4
"""Requests, of servers that count them: enough for all other codes."""

SETTINGS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "plain": ((*FLAT, *LOOPBACK), {}),
    "tight": (
        (*FLAT, *LOOPBACK),
        {
            "WIRE__STRICT_SERVICE": "true",
            "WIRE__REGIONS": "ap-singapore",
            "WIRE__MAX_RESPONSE_BYTES": "1000",
            "RESULTS__MAX_TOTAL_BYTES": "1",
            "DISPATCH__QUEUE": "0",
        },
    ),
    "hasty": (
        (*FLAT, *LOOPBACK),
        {
            "LIMITS__DEADLINE": "2",
            "LIMITS__RATE": "0",
            "LIMITS__ACCOUNT_RATE": str(PER_SECOND),
            "IMAGES__MIN_CONFIDENCE": "0.5",
        },
    ),
    "strict": ((*FLAT, *LOOPBACK), {"MODERATION__MAX_INPUT_SCORE": "0.000001"}),
    "broken": (("--engine", "no_such_module:Engine", *LOOPBACK), {"LIMITS__ADDRESS_RATE": str(PER_SECOND)}),
}
"""Name -> flags and environment of a server."""


@dataclass(frozen=True)
class Refused:
    """What a caller sees of a refusal."""

    code: str
    message: str
    request_id: str


@dataclass(frozen=True)
class Place:
    """A server, or the folder of one that is not started yet, and a key of each of its accounts."""

    server: RunningServer
    keys: dict[str, Credential]


class World:
    """Servers, pictures and the SDK. pictures: name -> URL. flags: of all servers."""

    def __init__(
        self, folder: Path, origin: PictureServer, stack: contextlib.ExitStack, flags: tuple[str, ...] = ()
    ) -> None:
        self._flags = flags
        self._folder = folder
        self._stack = stack
        self._places: dict[str, Place] = {}
        self.origin = origin
        self.pictures = {"person": origin.publish("/person.png", encoded(figure()))}
        for trick in (None, *TRICKS):
            self.pictures[trick or "garment"] = origin.publish(f"/{trick}.png", encoded(garment(trick=trick)))

    def place(self, name: str) -> Place:
        """The server of these settings, started on first use."""
        if name not in self._places:
            self._places[name] = self._stack.enter_context(self.started(name, *SETTINGS[name]))
        return self._places[name]

    @contextlib.contextmanager
    def started(self, name: str, flags: tuple[str, ...], variables: dict[str, str]) -> Iterator[Place]:
        """A server of its own."""
        data_dir = self._folder / name
        keys = _accounts(data_dir)
        named = {f"FITTINGROOM_{key}": value for key, value in variables.items()}
        with running(
            data_dir, *flags, *self._flags, variables=named, ready="no_such_module:Engine" not in flags
        ) as server:
            yield Place(server, keys)

    def drawn(self, name: str, size: tuple[int, int]) -> str:
        """The URL of a person's picture of another size."""
        return self.origin.publish(f"/{name}.png", encoded(figure(size)))

    def parameters(self, **changes: object) -> dict[str, Any]:
        """Good ones, changed; None takes one away."""
        good = {
            "ModelUrl": self.pictures["person"],
            "ClothesUrl": self.pictures["garment"],
            "ClothesType": "Upper-body",
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}


def typed(place: Place, language: str, parameters: dict[str, Any], key: Credential | None = None) -> Refused:
    """The refusal of `AiartClient.ChangeClothes`."""
    request = models.ChangeClothesRequest()
    request.from_json_string(json.dumps(parameters))
    client = aiart_client.AiartClient(_credential(place, key), "ap-singapore", _profile(place, language))
    return refusal(lambda: client.ChangeClothes(request))


def common(
    place: Place,
    language: str,
    parameters: dict[str, Any],
    *,
    key: Credential | None = None,
    service: str = "aiart",
    version: str = "2022-12-29",
    action: str = "ChangeClothes",
    region: str = "ap-singapore",
    method: str = "POST",
    options: dict[str, Any] | None = None,
) -> Refused:
    """The refusal of `CommonClient.call_json`, which sends whatever it is told."""
    client = CommonClient(service, version, _credential(place, key), region, _profile(place, language, method))
    return refusal(lambda: client.call_json(action, parameters, options=options or {}))


def raw(place: Place, language: str, method: str, path: str) -> Refused:
    """The refusal in the envelope, for what no SDK sends."""
    connection = http.client.HTTPConnection("127.0.0.1", place.server.port, timeout=10)
    connection.request(method, path, headers={"X-TC-Language": language})
    answer = json.loads(connection.getresponse().read())["Response"]
    connection.close()
    return Refused(answer["Error"]["Code"], answer["Error"]["Message"], answer["RequestId"])


def refusal(call: Callable[[], object]) -> Refused:
    """What the SDK's exception says."""
    try:
        answer = call()
    except TencentCloudSDKException as error:
        return Refused(str(error.get_code()), str(error.get_message()), str(error.get_request_id()))
    raise AssertionError(f"the server did not refuse: {str(answer)[:300]}")


@contextlib.contextmanager
def busy(world: World, place: Place, key: Credential, trick: str = "slow") -> Iterator[list[Refused]]:
    """While a worker is on a job of this key; afterwards the list holds how it ended, if badly."""
    ended: list[Refused] = []

    def work() -> None:
        with contextlib.suppress(AssertionError):  # it went well
            ended.append(typed(place, "en-US", world.parameters(ClothesUrl=world.pictures[trick]), key))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        until(lambda: readyz(place)["running"] == 1)
        yield ended
    finally:
        thread.join()


def readyz(place: Place) -> dict[str, Any]:
    """What `/readyz` says."""
    connection = http.client.HTTPConnection("127.0.0.1", place.server.port, timeout=10)
    connection.request("GET", "/readyz")
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for it; fails when it takes longer."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def _profile(place: Place, language: str, method: str = "POST") -> ClientProfile:
    made = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=place.server.endpoint, reqMethod=method))
    made.language = language
    return made


def _credential(place: Place, key: Credential | None) -> SdkCredential:
    given = key or place.keys["shop"]
    return SdkCredential(given.secret_id, given.secret_key, given.token)


def _accounts(data_dir: Path) -> dict[str, Credential]:
    """Accounts in all states that a refusal needs, and a key of each; before a server starts."""
    database = Database.open(data_dir)
    store = Store(database, Vault.open(data_dir), "cli:tests")
    made: dict[str, keys.IssuedKey] = {}
    for name in ("shop", "other", "blocked", "listed"):
        accounts.create(store, name)
        made[name] = keys.create(store, name)
    made["temporary"] = keys.create_temporary(store, "shop", None, 3600)
    made["revoked"] = keys.create(store, "shop")
    keys.revoke(store, made["revoked"].secret_id)
    networks.add(store, "blocked", "deny", "127.0.0.0/8")
    networks.add(store, "listed", "allow", "10.0.0.0/8")
    users.create(store, "shop", "alice")  # without any policy
    made["alice"] = keys.create(store, "shop", "alice")
    database.close()
    return {name: Credential(key.secret_id, key.secret_key, key.token) for name, key in made.items()}
