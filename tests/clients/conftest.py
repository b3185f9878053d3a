"""One running server with the flat engine, its accounts and pictures, and the drivers of the official clients.

All of it lives for the whole session. Each client calls with an account of its own, because an account may have one
running job and clients that do not know of each other must not wait for each other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from client_driver import Driver, driver
from picture_server import PictureServer
from pictures import encoded, figure, garment, logo
from running_server import FLAT, LOOPBACK, RunningServer, assert_quiet, fittingroom, make_key, running

from fittingroom.client import Credential

HERE = Path(__file__).parent

Ask = Callable[..., dict[str, Any]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here runs an official client."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.clients)


@dataclass(frozen=True)
class Client:
    """A way to call: the environment, the class inside it, and whether it can ask for Chinese."""

    environment: str
    way: str
    languages: bool = True

    @property
    def id(self) -> str:
        return f"{self.environment}:{self.way}"


CLIENTS = [
    Client("python-intl", "sync"),
    Client("python-intl", "common"),
    Client("python-domestic", "sync"),
    Client("python-domestic", "async"),
    Client("python-domestic", "common"),
    Client("python-domestic", "common-async"),
    Client("node", "aiart"),
    Client("node", "common"),
    Client("node-intl", "common", languages=False),
]


@dataclass(frozen=True)
class World:
    """The server and all that a case needs. pictures: name -> URL."""

    server: RunningServer
    key: Credential
    temporary: Credential
    pictures: dict[str, str]
    origin: PictureServer

    def parameters(self, **changes: object) -> dict[str, object]:
        """Good parameters without a mark, changed; None takes one away."""
        good = {
            "ModelUrl": self.pictures["person"],
            "ClothesUrl": self.pictures["garment"],
            "ClothesType": "Upper-body",
            "LogoAdd": 0,
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def case(self, way: str, **changes: Any) -> dict[str, Any]:
        """A case for a driver, as the drivers document it."""
        good = {
            "client": way,
            "scheme": "http",
            "endpoint": self.server.endpoint,
            "id": self.key.secret_id,
            "key": self.key.secret_key,
            "token": None,
            "method": "POST",
            "sign": "TC3-HMAC-SHA256",
            "language": "en-US",
            "region": "ap-singapore",
            "action": "ChangeClothes",
            "timeout": 60,
            "params": self.parameters(),
        }
        return {**good, **changes}


@pytest.fixture(scope="session")
def origin() -> Iterator[PictureServer]:
    with PictureServer() as server:
        yield server


@pytest.fixture(scope="session")
def pictures(origin: PictureServer) -> dict[str, str]:
    drawn = {
        "person": encoded(figure()),
        "garment": encoded(garment()),
        "logo": encoded(logo()),
        "slow": encoded(garment(trick="slow")),
        "crash": encoded(garment(trick="crash")),
        "no-person": encoded(garment(trick="no-person")),
        "no-garment": encoded(garment(trick="no-garment")),
        "small": encoded(garment((512, 800))),
        "text": b"This is not a picture.",
    }
    urls = {name: origin.publish(f"/{name}.png", data) for name, data in drawn.items()}
    return {**urls, "absent": origin.url("/absent.png")}


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the account `tests`."""
    folder = tmp_path_factory.mktemp("clients") / "data"
    fittingroom("accounts", "create", "tests", "--data-dir", folder)
    return folder


@pytest.fixture(scope="session")
def world(data_dir: Path, origin: PictureServer, pictures: dict[str, str]) -> Iterator[World]:
    key = make_key(data_dir, "tests")
    temporary = make_key(data_dir, "tests", "--temporary", "3600")
    with running(data_dir, *FLAT, *LOOPBACK) as server:
        yield World(server, key, temporary, pictures, origin)
        assert_quiet(server, key, temporary)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `ca.pem`, `other.pem`, `cert.pem` and `key.pem`."""
    folder = tmp_path_factory.mktemp("tls")
    ca = trustme.CA()
    made = ca.issue_cert("localhost", "127.0.0.1")
    ca.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "other.pem")
    made.private_key_pem.write_to_path(folder / "key.pem")
    for number, blob in enumerate(made.cert_chain_pems):
        blob.write_to_path(folder / "cert.pem", append=number > 0)
    return folder


@pytest.fixture(scope="session")
def secure(world: World, authority: Path) -> Iterator[RunningServer]:
    """A second server on the same data directory, with TLS."""
    flags = ["--tls-cert", authority / "cert.pem", "--tls-key", authority / "key.pem"]
    with running(world.server.data_dir, *FLAT, *LOOPBACK, *flags) as server:
        yield server


@pytest.fixture(scope="session")
def drivers() -> Iterator[Callable[[str], Driver]]:
    """environment -> its driver, started on first use."""
    started: dict[str, Driver] = {}
    with contextlib.ExitStack() as stack:

        def get(environment: str) -> Driver:
            if environment not in started:
                started[environment] = stack.enter_context(driver(environment))
            return started[environment]

        yield get


@pytest.fixture(params=CLIENTS, ids=lambda client: client.id)
def client(request: pytest.FixtureRequest) -> Client:
    return request.param


@pytest.fixture
def ask(client: Client, world: World, drivers: Callable[[str], Driver]) -> Ask:
    """Call with `client`; keyword arguments change the case."""
    return lambda **changes: drivers(client.environment).ask(world.case(client.way, **changes))
