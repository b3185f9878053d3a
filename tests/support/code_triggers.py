"""How each error code is brought about: a function per code of the catalogue, as its recipe says.

Most go through the official Python SDK; the few that no SDK can send go as raw HTTP, and `RAW` says why. Invariant:
`TRIGGERS` has each code once, and a trigger leaves its server as it found it, apart from servers of its own.
"""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from unittest import mock

from code_world import FLAT, LANGUAGES, LOOPBACK, PER_SECOND, Refused, World, busy, common, readyz, typed, until

Trigger = Callable[[World], dict[str, Refused]]

TRIGGERS: dict[str, Trigger] = {}
"""Code -> what brings it about, in each language."""

RAW = {
    "UnsupportedProtocol": "the SDKs send GET and POST only",
    "ResourceNotFound": "it comes with status 404, of which the SDKs show no body; they ask at `/` only",
}
"""Codes that are not shown by an SDK, and why."""


def both(code: str) -> Callable[[Trigger], Trigger]:
    """Register a trigger that brings its code about in all languages at once."""

    def register(trigger: Trigger) -> Trigger:
        assert code not in TRIGGERS, f"{code} has two triggers"
        TRIGGERS[code] = trigger
        return trigger

    return register


def each(code: str) -> Callable[[Callable[[World, str], Refused]], None]:
    """Register a trigger that is called once for each language."""

    def register(trigger: Callable[[World, str], Refused]) -> None:
        both(code)(lambda world: {language: trigger(world, language) for language in LANGUAGES})

    return register


# --- the action's own page -------------------------------------------------------------------------------------------


@each("AuthFailure.UnauthorizedOperation")
def _unauthorized(world: World, language: str) -> Refused:
    plain = world.place("plain")
    return typed(plain, language, world.parameters(), plain.keys["alice"])


@each("FailedOperation.GenerateImageFailed")
def _doubtful(world: World, language: str) -> Refused:
    return typed(world.place("hasty"), language, world.parameters())


@each("FailedOperation.ImageDecodeFailed")
def _no_picture(world: World, language: str) -> Refused:
    url = world.origin.publish("/text.png", b"This is no picture.")
    return typed(world.place("plain"), language, world.parameters(ModelUrl=url))


@each("FailedOperation.ImageDownloadError")
def _not_found(world: World, language: str) -> Refused:
    return typed(world.place("plain"), language, world.parameters(ClothesUrl=world.origin.url("/absent.png")))


@each("FailedOperation.ImageResolutionExceed")
def _too_wide(world: World, language: str) -> Refused:
    return typed(world.place("plain"), language, world.parameters(ModelUrl=world.drawn("wide", (3000, 600))))


@each("FailedOperation.ImageSizeExceed")
def _too_large(world: World, language: str) -> Refused:
    url = world.origin.publish("/large.png", bytes(6_300_000))
    return typed(world.place("plain"), language, world.parameters(ModelUrl=url))


@each("FailedOperation.InnerError")
def _engine_raises(world: World, language: str) -> Refused:
    trick = {"en-US": "fail", "zh-CN": "hungry"}[language]
    return typed(world.place("plain"), language, world.parameters(ClothesUrl=world.pictures[trick]))


@each("FailedOperation.RequestEntityTooLarge")
def _answer_too_large(world: World, language: str) -> Refused:
    return typed(world.place("tight"), language, world.parameters(RspImgType="base64"))


@each("FailedOperation.RequestTimeout")
def _deadline(world: World, language: str) -> Refused:
    hasty = world.place("hasty")
    key = hasty.keys[{"en-US": "shop", "zh-CN": "other"}[language]]  # a permit comes back a moment after the answer
    return typed(hasty, language, world.parameters(ClothesUrl=world.pictures["spin"]), key)


@each("FailedOperation.RpcFail")
def _worker_dies(world: World, language: str) -> Refused:
    return typed(world.place("plain"), language, world.parameters(ClothesUrl=world.pictures["crash"]))


@each("FailedOperation.ServerError")
def _no_engine(world: World, language: str) -> Refused:
    broken = world.place("broken")
    until(lambda: readyz(broken)["state"] == "SETUP_FAILED")
    return typed(broken, language, world.parameters())


@each("FailedOperation.Unknown")
def _unreadable(world: World, language: str) -> Refused:
    return typed(world.place("plain"), language, world.parameters(ClothesUrl=world.pictures["odd"]))


@each("InvalidParameter.InvalidParameter")
def _logo_without_picture(world: World, language: str) -> Refused:
    return typed(world.place("plain"), language, world.parameters(LogoParam={"LogoRect": {"X": 1}}))


@each("InvalidParameterValue.StyleConflict")
def _two_dresses(world: World, language: str) -> Refused:
    dress = {"Url": world.pictures["garment"], "ClothesType": "Dress"}
    outfit = {"ModelUrl": world.pictures["person"], "Garments": [dress, dress]}
    return common(world.place("plain"), language, outfit, action="ChangeOutfit")


@each("InvalidParameterValue.ImageEmpty")
def _no_url(world: World, language: str) -> Refused:
    return typed(world.place("plain"), language, world.parameters(ModelUrl=""))


@each("InvalidParameterValue.ParameterValueError")
def _no_such_type(world: World, language: str) -> Refused:
    return typed(world.place("plain"), language, world.parameters(ClothesType="Hat"))


@each("InvalidParameterValue.UrlIllegal")
def _no_http(world: World, language: str) -> Refused:
    return typed(world.place("plain"), language, world.parameters(ModelUrl="ftp://example.com/a.jpg"))


@each("OperationDenied.ImageIllegalDetected")
def _picture_refused(world: World, language: str) -> Refused:
    return typed(world.place("strict"), language, world.parameters())


@each("RequestLimitExceeded")
def _queue_full(world: World, language: str) -> Refused:
    tight = world.place("tight")
    with busy(world, tight, tight.keys["other"]):
        return typed(tight, language, world.parameters())


@each("RequestLimitExceeded.JobNumExceed")
def _second_job(world: World, language: str) -> Refused:
    plain = world.place("plain")
    with busy(world, plain, plain.keys["shop"]):
        return typed(plain, language, world.parameters())


# --- who asks --------------------------------------------------------------------------------------------------------


@each("AuthFailure.InvalidAuthorization")
def _skip_sign(world: World, language: str) -> Refused:
    return common(world.place("plain"), language, world.parameters(), options={"SkipSign": True})


@each("AuthFailure.InvalidSecretId")
def _blank_in_id(world: World, language: str) -> Refused:
    plain = world.place("plain")
    key = plain.keys["shop"]
    return typed(plain, language, world.parameters(), type(key)("AKID x", key.secret_key))


@each("AuthFailure.SecretIdNotFound")
def _revoked(world: World, language: str) -> Refused:
    plain = world.place("plain")
    return typed(plain, language, world.parameters(), plain.keys["revoked"])


@each("AuthFailure.SignatureExpire")
def _slow_clock(world: World, language: str) -> Refused:
    plain = world.place("plain")
    with mock.patch("time.time", return_value=time.time() - 360):
        return typed(plain, language, world.parameters())


@each("AuthFailure.SignatureFailure")
def _wrong_secret(world: World, language: str) -> Refused:
    plain = world.place("plain")
    key = plain.keys["shop"]
    return typed(plain, language, world.parameters(), type(key)(key.secret_id, "wrong"))


@each("AuthFailure.TokenFailure")
def _no_token(world: World, language: str) -> Refused:
    plain = world.place("plain")
    key = plain.keys["temporary"]
    return typed(plain, language, world.parameters(), type(key)(key.secret_id, key.secret_key))


@each("IpInBlacklist")
def _on_deny_list(world: World, language: str) -> Refused:
    plain = world.place("plain")
    return typed(plain, language, world.parameters(), plain.keys["blocked"])


@each("IpNotInWhitelist")
def _not_on_allow_list(world: World, language: str) -> Refused:
    plain = world.place("plain")
    return typed(plain, language, world.parameters(), plain.keys["listed"])


@each("RequestLimitExceeded.IPLimitExceeded")
def _address_too_quick(world: World, language: str) -> Refused:
    return _too_quick(world, "broken", language)


@each("RequestLimitExceeded.UinLimitExceeded")
def _account_too_quick(world: World, language: str) -> Refused:
    return _too_quick(world, "hasty", language)


def _too_quick(world: World, name: str, language: str) -> Refused:
    """One call more than a server takes in a second."""
    answers = [typed(world.place(name), language, {}) for _ in range(PER_SECOND + 1)]
    return answers[-1]


# --- servers of their own --------------------------------------------------------------------------------------------


@both("ServiceUnavailable")
def _shutting_down(world: World) -> dict[str, Refused]:
    """One job runs and another waits when the time of both is up."""
    answers: dict[str, Refused] = {}
    slow = world.parameters(ClothesUrl=world.pictures["slow"])
    with world.started("leaving", (*FLAT, *LOOPBACK), {"SERVER__DRAIN_TIMEOUT": "0.2"}) as leaving:
        accounts = dict(zip(LANGUAGES, ("shop", "other"), strict=True))

        def call(language: str, account: str) -> None:
            answers[language] = typed(leaving, language, slow, leaving.keys[account])

        threads = [threading.Thread(target=call, args=pair) for pair in accounts.items()]
        asked = len(world.origin.asked)
        for thread in threads:
            thread.start()
        until(lambda: readyz(leaving)["running"] == 1 and len(world.origin.asked) == asked + 4)
        leaving.server.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
    return answers


@both("InternalError")
def _no_database(world: World) -> dict[str, Refused]:
    """The server cannot read its accounts any more, as after a mistake of the operator's."""
    with world.started("lost", (*FLAT, *LOOPBACK), {}) as lost:
        with sqlite3.connect(lost.server.data_dir / "accounts.db") as database:
            database.execute("ALTER TABLE meta RENAME TO gone")
        database.close()
        until(lambda: typed(lost, "en-US", {}).code == "InternalError")
        return {language: typed(lost, language, world.parameters()) for language in LANGUAGES}
