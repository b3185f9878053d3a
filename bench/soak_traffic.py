"""What a server gets to do in a soak: good, slow, bad and hostile requests, each with the answers right for it.

Each kind says which codes may come; anything else is a violation, as is a good answer with another request's picture.
Invariant: every wait has an end, so a server that does not answer is found out and does not hang the run.
"""

from __future__ import annotations

import base64
import contextlib
import json
import random
import socket
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

from picture_server import PictureServer
from raw_http import Answer, closed_within, connected, exchange, post, read_answer, signed
from running_server import RunningServer
from soak_pictures import BOXES, NUMBERS, complaint, garment, person

from fittingroom.client import Credential

BODY_SECONDS, HEADER_SECONDS, FETCH_SECONDS, DEADLINE = 6.0, 6.0, 10.0, 30.0
PATIENCE = 12.0
"""Seconds that the server may take beyond its own limits before a client says that nothing came."""

ANSWER = DEADLINE + PATIENCE
LIMITED = frozenset({"RequestLimitExceeded.JobNumExceed", "RequestLimitExceeded"})
KILLED = frozenset({"FailedOperation.RpcFail"})
CLOSED, SILENT = "closed without an answer", "no answer in time"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Target:
    """The server, a key of an account on it, and where its pictures lie."""

    server: RunningServer
    key: Credential
    origin: PictureServer

    def post(self, parameters: dict[str, object] | bytes, key: Credential | None = None) -> bytes:
        """The bytes of a signed call."""
        body = parameters if isinstance(parameters, bytes) else json.dumps(parameters).encode()
        return post(signed(key or self.key, self.server.port, body), body)

    def call(self, parameters: dict[str, object], key: Credential | None = None, timeout: float = ANSWER) -> Answer:
        """One call on a connection of its own."""
        return exchange(self.server.port, self.post(parameters, key), timeout)


@dataclass
class Tally:
    """What came of all requests. counts: (kind, code) -> how many. seconds: of good answers."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, kind: Kind, code: str, wrong: str | None, seconds: float) -> None:
        """One request has ended."""
        with self.lock:
            self.counts[kind.name, code] = self.counts.get((kind.name, code), 0) + 1
            if wrong is None and code not in kind.allowed:
                wrong = f"answered with {code}"
            if wrong is not None:
                self.violations.append(f"{kind.name}: {wrong} after {seconds:.1f} s")
            elif code == "OK":
                self.seconds.append(seconds)

    def of_code(self, code: str) -> int:
        """Requests of all kinds that ended so."""
        with self.lock:
            return sum(count for (_, answered), count in self.counts.items() if answered == code)


Outcome = tuple[str, str | None]


@dataclass(frozen=True)
class Kind:
    """A way to ask. weight: how often, beside the others. run: asks once; the code, and what is wrong with it."""

    name: str
    weight: float
    run: Callable[[Target, random.Random], Outcome]
    allowed: frozenset[str]


def publish(origin: PictureServer) -> None:
    """All pictures that the requests name."""
    for number in range(NUMBERS):
        origin.publish(f"/person/{number}.png", person(number))
        origin.publish(f"/garment/{number}.png", garment(number))
        origin.publish(f"/slow/{number}.png", garment(number, "slow"))
    for trick in ("crash", "no-person", "no-garment"):
        origin.publish(f"/{trick}.png", garment(0, trick))
    origin.publish("/torn.png", person(0)[:2000])
    origin.publish("/text.png", b"no picture at all" * 100)
    origin.publish("/drip.png", _drip)


def _drip(made: socket.socket) -> None:
    made.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    with contextlib.suppress(OSError):
        for _ in range(200):
            made.sendall(b"\x89")
            time.sleep(0.2)


def _parameters(target: Target, dice: random.Random, garments: str = "garment") -> tuple[dict[str, object], tuple]:
    wanted = (dice.randrange(NUMBERS), dice.randrange(NUMBERS), dice.choice(list(BOXES)))
    return {
        "ModelUrl": target.origin.url(f"/person/{wanted[0]}.png"),
        "ClothesUrl": target.origin.url(f"/{garments}/{wanted[1]}.png"),
        "ClothesType": wanted[2],
        "LogoAdd": 0,
    }, wanted


def _judged(target: Target, parameters: dict[str, object], wanted: tuple) -> Outcome:
    """Ask and look at the picture."""
    answer = target.call(parameters)
    if answer.status != 200 or answer.code is not None:
        return _code(answer), None
    result = answer.response["ResultImage"]
    if parameters.get("RspImgType") == "url":
        with _OPENER.open(result, timeout=PATIENCE) as file:
            return "OK", complaint(file.read(), wanted)
    return "OK", complaint(base64.b64decode(result), wanted)


def _code(answer: Answer) -> str:
    if answer.status == 0:
        return CLOSED
    return f"HTTP {answer.status}" if answer.status != 200 else answer.code or "OK"


def _good(target: Target, dice: random.Random) -> Outcome:
    return _judged(target, *_parameters(target, dice))


def _by_url(target: Target, dice: random.Random) -> Outcome:
    parameters, wanted = _parameters(target, dice)
    return _judged(target, {**parameters, "RspImgType": "url"}, wanted)


def _slow(target: Target, dice: random.Random) -> Outcome:
    return _judged(target, *_parameters(target, dice, "slow"))


def _changed(**changes: str) -> Callable[[Target, random.Random], Outcome]:
    """A good request with other values; those that begin with `/` are paths at the origin."""

    def run(target: Target, dice: random.Random) -> Outcome:
        parameters, _ = _parameters(target, dice)
        for name, value in changes.items():
            parameters[name] = target.origin.url(value) if value.startswith("/") else value
        return _code(target.call(parameters)), None

    return run


def _signed_wrong(target: Target, dice: random.Random) -> Outcome:
    return _code(target.call(_parameters(target, dice)[0], replace(target.key, secret_key="f" * 32))), None


def _unknown(target: Target, dice: random.Random) -> Outcome:
    return _code(target.call(_parameters(target, dice)[0], replace(target.key, secret_id="AKID" + "z" * 32))), None


def _huge(target: Target, dice: random.Random) -> Outcome:
    return _code(exchange(target.server.port, target.post(b"x" * dice.choice((11, 25)) * 2**20), PATIENCE)), None


def _slow_body(target: Target, dice: random.Random) -> Outcome:
    request = target.post(_parameters(target, dice)[0])
    with connected(target.server.port, BODY_SECONDS + PATIENCE) as made, contextlib.suppress(ConnectionError):
        made.sendall(request[:-40])
        for place in range(-40, -30):
            made.sendall(request[place : place + 1])
            time.sleep(BODY_SECONDS / 8)
        return _code(read_answer(made)), None
    return CLOSED, None


def _half_headers(target: Target, dice: random.Random) -> Outcome:
    with connected(target.server.port) as made:
        made.sendall(target.post({})[: dice.randrange(1, 200)])
        return (CLOSED if closed_within(made, HEADER_SECONDS + PATIENCE) else SILENT), None


def _gone(target: Target, dice: random.Random) -> Outcome:
    request = target.post(_parameters(target, dice, dice.choice(("garment", "slow")))[0])
    with connected(target.server.port) as made:
        made.sendall(request)
        time.sleep(dice.random())
    return "hung up", None


def _gone_in_body(target: Target, dice: random.Random) -> Outcome:
    with connected(target.server.port) as made:
        made.sendall(target.post(_parameters(target, dice)[0])[: -dice.randrange(1, 100)])
    return "hung up", None


def _noise(target: Target, dice: random.Random) -> Outcome:
    answer = exchange(
        target.server.port, dice.randbytes(dice.randrange(8, 4000)) + b"\r\n\r\n", HEADER_SECONDS + PATIENCE
    )
    return _code(answer), None


def _only(*codes: str) -> frozenset[str]:
    return frozenset(codes)


_VALUE, _DECODE = "InvalidParameterValue.ParameterValueError", "FailedOperation.ImageDecodeFailed"
_LOAD, _SIZE = "FailedOperation.ImageDownloadError", "RequestSizeLimitExceeded"
_WORK = LIMITED | KILLED

KINDS = (
    Kind("good", 10, _good, _WORK | {"OK"}),
    Kind("good, by URL", 3, _by_url, _WORK | {"OK"}),
    Kind("slow to make", 2, _slow, _WORK | {"OK"}),
    Kind("wrong signature", 1, _signed_wrong, _only("AuthFailure.SignatureFailure")),
    Kind("unknown key", 1, _unknown, _only("AuthFailure.SecretIdNotFound")),
    Kind("bad value", 1, _changed(ClothesType="Hat"), _only(_VALUE)),
    Kind("unknown parameter", 1, _changed(Colour="red"), _only("UnknownParameter")),
    Kind("torn picture", 1, _changed(ClothesUrl="/torn.png"), _WORK | {_DECODE}),
    Kind("no picture", 1, _changed(ModelUrl="/text.png"), _WORK | {_DECODE}),
    Kind("picture not there", 1, _changed(ModelUrl="/nowhere.png"), LIMITED | {_LOAD}),
    Kind("picture that drips", 0.5, _changed(ClothesUrl="/drip.png"), LIMITED | {_LOAD}),
    Kind("no person", 1, _changed(ClothesUrl="/no-person.png"), _WORK | {_VALUE}),
    Kind("crashes the worker", 0.1, _changed(ClothesUrl="/crash.png"), _WORK),
)
HOSTILE = (
    Kind("huge body", 0.5, _huge, _only(_SIZE, "InvalidRequest", CLOSED)),
    Kind("slow body", 1, _slow_body, _only("InvalidRequest", CLOSED)),
    Kind("half headers", 1, _half_headers, _only(CLOSED)),
    Kind("hangs up while served", 2, _gone, _only("hung up")),
    Kind("hangs up in its body", 1, _gone_in_body, _only("hung up")),
    Kind("noise", 1, _noise, _only("HTTP 400", CLOSED)),
)


def ask(kinds: tuple[Kind, ...], target: Target, dice: random.Random, tally: Tally) -> str:
    """One request of a kind drawn by weight; its code."""
    (kind,) = dice.choices(kinds, [kind.weight for kind in kinds])
    begun = time.monotonic()
    try:
        code, wrong = kind.run(target, dice)
    except TimeoutError:
        code, wrong = SILENT, None
    except OSError as error:
        code, wrong = f"{type(error).__name__}", None
    tally.note(kind, code, wrong, time.monotonic() - begun)
    return code
