"""One trace from the signed request to the picture, as a collector gets it from a running server.

A few seconds: a real server starts once, and the SDK sends in batches.
"""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import job_calls
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from otlp_receiver import OtlpReceiver, attributes, tree
from picture_server import PictureServer
from pictures import encoded, figure, garment
from raw_http import Answer, exchange, post, signed
from running_server import FLAT, LOOPBACK, RunningServer, environment, fittingroom, make_key, running

from fittingroom.client import ApiClient, Credential

CALLERS_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{CALLERS_TRACE}-00f067aa0ba902b7-01"
WAY = {
    "request": None,
    "receive": "request",
    "authenticate": "request",
    "authorize": "request",
    "permit": "request",
    "reserve": "request",
    "fetch": "request",
    "picture ModelUrl": "fetch",
    "picture ClothesUrl": "fetch",
    "review": "request",
    "render": "request",
    "queue": "render",
    "work": "render",
    "decode": "work",
    "paste": "work",
    "mark": "work",
    "encode": "work",
    "deliver": "request",
    "charge": "request",
}


@dataclass(frozen=True)
class World:
    server: RunningServer
    key: Credential
    receiver: OtlpReceiver
    origin: PictureServer

    def call(self, garment_url: str, **extra: str) -> Answer:
        parameters = {
            "ModelUrl": self.origin.url("/person.png?q=secret-person"),
            "ClothesUrl": garment_url,
            "ClothesType": "Upper-body",
        }
        body = json.dumps(parameters).encode()
        return exchange(self.server.port, post(signed(self.key, self.server.port, body, extra), body), 30)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("traces") / "data"
    fittingroom("accounts", "create", "private-shop", "--data-dir", data)
    key = make_key(data, "private-shop")
    with OtlpReceiver() as receiver, PictureServer() as origin:
        origin.publish("/person.png?q=secret-person", encoded(figure()))
        origin.publish("/garment.png?q=secret-garment", encoded(garment()))
        settings = {
            "FITTINGROOM_TRACE__ENDPOINT": receiver.url,
            "FITTINGROOM_TRACE__CALLERS": "true",
            "FITTINGROOM_MODERATION__ENABLED": "false",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        with running(data, *FLAT, *LOOPBACK, variables=settings) as server:
            yield World(server, key, receiver, origin)


@pytest.fixture(scope="module")
def traced(world: World) -> tuple[Answer, list[Span]]:
    answer = world.call(world.origin.url("/garment.png?q=secret-garment"))
    assert answer.code is None
    return answer, world.receiver.trace(answer.response["RequestId"])


def test_one_trace_goes_from_the_signed_request_to_the_picture(traced: tuple[Answer, list[Span]]) -> None:
    _, spans = traced
    assert len({span.trace_id for span in spans}) == 1
    found = tree(spans)
    reviews = [span for span in spans if span.name == "review"]
    assert [attributes(span)["fittingroom.pictures"] for span in reviews] == [2, 1]
    assert found == WAY


def test_parts_lie_within_their_parents_and_take_time(traced: tuple[Answer, list[Span]]) -> None:
    _, spans = traced
    by_id = {span.span_id: span for span in spans}
    for span in spans:
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        parent = by_id.get(span.parent_span_id)
        if parent is not None:
            assert parent.start_time_unix_nano <= span.start_time_unix_nano, span.name
            assert span.end_time_unix_nano <= parent.end_time_unix_nano + 1_000_000, span.name
    encoding = next(span for span in spans if span.name == "encode")
    assert encoding.end_time_unix_nano - encoding.start_time_unix_nano > 100_000


def test_the_root_says_which_request_it_is_and_how_it_ended(world: World, traced: tuple[Answer, list[Span]]) -> None:
    answer, spans = traced
    root = next(span for span in spans if span.name == "request")
    assert attributes(root) == {
        "fittingroom.request_id": answer.response["RequestId"],
        "fittingroom.action": "ChangeClothes",
        "fittingroom.code": "OK",
        "fittingroom.outcome": "ok",
    }
    assert root.kind == Span.SPAN_KIND_SERVER
    assert world.receiver.received.resources[0]["service.name"] == "fittingroom"


def test_a_refusal_has_its_code_at_the_part_that_refused(world: World) -> None:
    answer = world.call(world.origin.url("/nowhere.png?q=secret-garment"))
    spans = world.receiver.trace(answer.response["RequestId"])
    failed = {span.name: span.status.message for span in spans if span.status.code == span.status.STATUS_CODE_ERROR}
    assert failed["picture"] == answer.code == "FailedOperation.ImageDownloadError"
    assert "request" not in failed  # the server did what it should
    assert not {"render", "charge"} & {span.name for span in spans}


def test_a_part_given_up_for_anothers_failure_is_not_marked_failed(world: World) -> None:
    left = threading.Event()
    person = world.origin.published["/person.png?q=secret-person"]
    world.origin.publish("/person.png?q=secret-person", lambda connection: waits(connection, left))
    try:
        answer = world.call(world.origin.url("/nowhere.png?q=secret-garment"))
        assert left.wait(10)
    finally:
        world.origin.publish("/person.png?q=secret-person", person)
    spans = world.receiver.trace(answer.response["RequestId"])
    pictures = {attributes(span)["fittingroom.parameter"]: span for span in spans if span.name == "picture"}
    assert pictures["ClothesUrl"].status.message == "FailedOperation.ImageDownloadError"
    assert pictures["ModelUrl"].status.code == Status.STATUS_CODE_UNSET
    assert attributes(pictures["ModelUrl"])["fittingroom.given_up"] is True


def waits(connection: socket.socket, left: threading.Event) -> None:
    """Answer nothing until the fetcher has hung up."""
    connection.settimeout(10)
    while connection.recv(1024):
        pass
    left.set()


def test_a_callers_trace_is_gone_on_with(world: World) -> None:
    answer = world.call(world.origin.url("/garment.png?q=secret-garment"), traceparent=TRACEPARENT)
    spans = world.receiver.trace(answer.response["RequestId"])
    assert {span.trace_id.hex() for span in spans} == {CALLERS_TRACE}
    root = next(span for span in spans if span.name == "request")
    assert root.parent_span_id.hex() == "00f067aa0ba902b7"


def test_a_job_has_a_trace_of_its_own_under_the_same_request_id(world: World) -> None:
    client = ApiClient(world.server.url, world.key)
    parameters = {
        "ModelUrl": world.origin.url("/person.png?q=secret-person"),
        "ClothesUrl": world.origin.url("/garment.png?q=secret-garment"),
        "ClothesType": "Upper-body",
    }
    submitted = client.call("SubmitChangeClothesJob", parameters)
    assert job_calls.ended(client, submitted["JobId"])["JobStatusCode"] == "5"
    spans = world.receiver.trace(submitted["RequestId"], root="job")
    root = next(span for span in spans if span.name == "job")
    assert attributes(root) == {
        "fittingroom.request_id": submitted["RequestId"],
        "fittingroom.action": "ChangeClothes",
        "fittingroom.attempt": 1,
    }
    found = tree(spans)
    assert (found["fetch"], found["render"], found["paste"]) == ("job", "job", "work")


def test_what_is_private_is_in_no_trace(world: World, traced: tuple[Answer, list[Span]]) -> None:
    answer, _ = traced
    secrets = ["secret-person", "secret-garment", "q=", "http", "private-shop", world.key.secret_id]
    secrets += [world.key.secret_key, "Signature"]
    picture = base64.b64decode(answer.response["ResultImage"])
    assert world.receiver.received.bodies
    for body in world.receiver.received.bodies:
        for secret in secrets:
            assert secret.encode() not in body
        assert picture[100:160] not in body
        assert len(body) < 100_000


def test_without_the_extra_the_server_says_in_one_line_what_to_install(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['opentelemetry.sdk.trace'] = None; from fittingroom.cli.main import main; main()"
    words = ["serve", "--port", "0", "--data-dir", str(tmp_path)]
    variables = environment({"FITTINGROOM_TRACE__ENDPOINT": "http://127.0.0.1:9/v1/traces"})
    command = [sys.executable, "-c", hidden, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=variables)
    assert done.returncode == 1
    assert "pip install 'fittingroom[otel]'" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_nothing_of_opentelemetry_is_loaded_unasked(tmp_path: Path) -> None:
    look = (
        "import sys; from pathlib import Path; from fittingroom.server.services import local_services;"
        "from fittingroom.settings import Settings; local_services(Settings(data_dir=Path(sys.argv[1])));"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    command = [sys.executable, "-c", look, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=environment())
    assert done.stdout == "[]\n"
