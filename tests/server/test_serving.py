"""The server as an operator runs it, in a process of its own."""

import functools
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from picture_server import PictureServer
from pictures import encoded, figure, garment
from running_server import FLAT, LOOPBACK, RATES, RunningServer, environment, running

from fittingroom.accounts import Database, Store, Vault
from fittingroom.accounts.store import accounts, keys
from fittingroom.client import ApiClient, CallFailed, CallRefused, Credential


@pytest.fixture(scope="module")
def pictures() -> Iterator[PictureServer]:
    with PictureServer() as server:
        server.publish("/person.png", encoded(figure()))
        for trick in (None, "slow", "crash"):
            server.publish(f"/{trick}.png", encoded(garment(trick=trick)))
        yield server


def new_data(folder: Path) -> Path:
    with opened(folder / "data") as store:
        accounts.create(store, "shop")
    return folder / "data"


@contextmanager
def opened(data_dir: Path) -> Iterator[Store]:
    """What the command line does, without waiting for a process."""
    database = Database.open(data_dir)
    yield Store(database, Vault.open(data_dir), "cli:alice")
    database.close()


def make_key(data_dir: Path) -> Credential:
    with opened(data_dir) as store:
        issued = keys.create(store, "shop")
    return Credential(issued.secret_id, issued.secret_key)


the_key = functools.cache(make_key)
"""One for all tests of a server: a user has few keys."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return new_data(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(new_data(tmp_path_factory.mktemp("shared")), *FLAT, *LOOPBACK) as server:
        yield server


def caller(server: RunningServer, pictures: PictureServer, key=None) -> Callable[[str], dict[str, object]]:
    client = ApiClient(server.url, key or the_key(server.data_dir), timeout=30)

    def call(trick: str = "None") -> dict[str, object]:
        urls = {"ModelUrl": pictures.url("/person.png"), "ClothesUrl": pictures.url(f"/{trick}.png")}
        return client.call("ChangeClothes", {**urls, "ClothesType": "Upper-body"})

    return call


def readyz(server: RunningServer) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/readyz")
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def known(call: Callable[[], object]) -> bool:
    try:
        call()
    except CallRefused as error:
        if error.code != "AuthFailure.SecretIdNotFound":
            raise
        return False
    return True


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]


def in_thread(call: Callable[[], object], into: list[object]) -> threading.Thread:
    def work() -> None:
        try:
            into.append(call())
        except Exception as error:
            into.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_running_server_follows_new_and_revoked_keys(shared: RunningServer, pictures: PictureServer) -> None:
    key = make_key(shared.data_dir)
    call = caller(shared, pictures, key)
    until(lambda: known(call), 2.5)
    with opened(shared.data_dir) as store:
        keys.revoke(store, key.secret_id)
    until(lambda: not known(call), 2.5)


def test_a_crash_is_one_failed_request_and_the_next_call_works(shared: RunningServer, pictures: PictureServer) -> None:
    call = caller(shared, pictures)
    until(lambda: known(call), 3)
    with pytest.raises(CallRefused) as crash:
        call("crash")
    assert crash.value.code == "FailedOperation.RpcFail"
    assert call()["ResultImage"]


def test_an_account_runs_one_job_at_a_time(shared: RunningServer, pictures: PictureServer) -> None:
    call = caller(shared, pictures)
    until(lambda: known(call), 3)
    answers: list[object] = []
    working = in_thread(lambda: call("slow"), answers)
    until(lambda: readyz(shared)["running"] == 1)
    with pytest.raises(CallRefused) as second:
        call()
    assert second.value.code == "RequestLimitExceeded.JobNumExceed"
    working.join()
    assert isinstance(answers[0], dict), answers[0]
    assert call()["ResultImage"]


def test_a_client_that_leaves_frees_its_permit_and_the_worker(shared: RunningServer, pictures: PictureServer) -> None:
    key = make_key(shared.data_dir)
    call = caller(shared, pictures, key)
    until(lambda: known(call), 3)
    pids = children(shared.process.pid)
    impatient = ApiClient(shared.url, key, timeout=0.4)
    urls = {"ModelUrl": pictures.url("/person.png"), "ClothesUrl": pictures.url("/slow.png")}
    with pytest.raises(CallFailed):
        impatient.call("ChangeClothes", {**urls, "ClothesType": "Upper-body"})
    until(lambda: readyz(shared)["running"] == 0, 1.0)
    assert call()["ResultImage"]
    assert children(shared.process.pid) == pids


def test_the_log_says_what_happened_without_urls_or_secrets(shared: RunningServer, pictures: PictureServer) -> None:
    key = make_key(shared.data_dir)
    until(lambda: known(caller(shared, pictures, key)), 3)
    first, second, third, *lines = shared.output.read_text().splitlines()
    assert first == f"listening on {shared.url}"
    assert second == f"fitting room at {shared.url}/room"
    assert third.startswith(f"console at {shared.url}/console, token ")
    requests = [entry for entry in map(json.loads, lines) if entry["event"] == "request" and entry["code"] == "OK"]
    assert {"request_id", "action", "account", "seconds"} <= set(requests[-1])
    assert (requests[-1]["action"], requests[-1]["account"]) == ("ChangeClothes", "shop")
    written = shared.output.read_text()
    assert key.secret_key not in written
    assert "person.png" not in written


def test_a_signal_lets_running_requests_finish_and_ends_with_zero(data_dir: Path, pictures: PictureServer) -> None:
    with running(data_dir, *FLAT, *LOOPBACK) as server:
        call = caller(server, pictures)
        until(lambda: known(call), 3)
        answers: list[object] = []
        working = in_thread(lambda: call("slow"), answers)
        until(lambda: readyz(server)["running"] == 1)
        for pid in (*children(server.process.pid), server.process.pid):  # as a service manager signals a group
            os.kill(pid, signal.SIGTERM)
        working.join()
        assert isinstance(answers[0], dict), answers[0]
        assert answers[0]["ResultImage"]
        assert server.process.wait(10) == 0
        with pytest.raises(CallFailed):
            call()


def test_a_failed_engine_shows_in_readyz_and_in_the_answer(data_dir: Path, pictures: PictureServer) -> None:
    command = Path(os.sys.executable).with_name("fittingroom")
    words = ["serve", "--port", "0", "--data-dir", data_dir, "--engine", "no_such_module:Engine", *LOOPBACK]
    process = subprocess.Popen(
        [command, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(RATES),
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        server = RunningServer(port, data_dir, data_dir, process)
        until(lambda: readyz(server)["state"] == "SETUP_FAILED")
        assert "no_such_module" in str(readyz(server)["detail"])
        call = caller(server, pictures)
        with pytest.raises(CallRefused) as refused:
            until(lambda: known(call) and False)
        assert refused.value.code == "FailedOperation.ServerError"
        assert "no_such_module" not in str(refused.value)
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


def test_an_engine_that_does_not_fit_ends_the_start_in_one_line(data_dir: Path) -> None:
    command = Path(os.sys.executable).with_name("fittingroom")
    words = ["serve", "--port", "0", "--data-dir", data_dir, "--engine", "flat_engine:HugeEngine"]
    ended = subprocess.run(
        [command, *map(str, words)], capture_output=True, text=True, env=environment(RATES), timeout=60, check=False
    )
    assert ended.returncode == 1
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("the server")]
    assert line == "the server cannot start: huge needs 900.0 GB of memory and cpu has 1.0 GB free"


def test_https_by_certificate_and_key(data_dir: Path, tmp_path: Path, pictures: PictureServer) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    tls = ("--tls-cert", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem")
    with running(data_dir, *FLAT, *LOOPBACK, *tls, variables={"FITTINGROOM_SERVER__HEADER_TIMEOUT": "1"}) as server:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=10)
        connection.request("GET", "/livez")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("server")) == (200, None)
        assert answer.getheader("date")
        connection.close()
        assert server.output.read_text().startswith("listening on https://127.0.0.1:")
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as silent:
            started = time.monotonic()
            assert silent.recv(1) == b""
            assert 0.5 < time.monotonic() - started < 5


def test_workers_end_with_a_server_that_was_killed(data_dir: Path) -> None:
    command = Path(os.sys.executable).with_name("fittingroom")
    words = ["serve", "--port", "0", "--data-dir", str(data_dir), *FLAT]
    process = subprocess.Popen(
        [command, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    )
    assert process.stdout is not None
    port = int(process.stdout.readline().rpartition(":")[2])
    until(lambda: readyz(RunningServer(port, data_dir, data_dir, process))["state"] == "READY")
    workers = children(process.pid)
    assert workers
    process.kill()
    process.wait()
    process.stdout.close()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 10)


def test_a_second_signal_stops_at_once(data_dir: Path, pictures: PictureServer) -> None:
    with running(data_dir, *FLAT, *LOOPBACK) as server:
        call = caller(server, pictures)
        until(lambda: known(call), 3)
        answers: list[object] = []
        working = in_thread(lambda: call("slow"), answers)
        until(lambda: readyz(server)["running"] == 1)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(5) == 0
        working.join()
        assert isinstance(answers[0], CallFailed)


def test_a_replaced_master_key_is_a_line_and_exit_code_one(data_dir: Path) -> None:
    make_key(data_dir)
    (data_dir / "master.key").unlink()
    done = subprocess.run(
        [Path(os.sys.executable).with_name("fittingroom"), "serve", "--port", "0", "--data-dir", data_dir],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "the master key does not open the stored keys: was it replaced or lost?\n"
