"""The road to an operator's reviewer, against one that answers and one that misbehaves."""

import asyncio
import base64
import hashlib
import hmac
import socket
import time

import pytest
from operators_reviewer import Operator, http
from structlog.testing import capture_logs

from fittingroom.errors import ApiError
from fittingroom.moderation.hook import MAX_ANSWER_BYTES, ReviewHook, Submission
from fittingroom.moderation.protocol import Role
from fittingroom.settings import ModerationSettings

pytestmark = pytest.mark.anyio

PERSON = Submission(Role.PERSON, b"person's bytes", "ModelUrl")
GARMENT = Submission(Role.GARMENT, b"garment's bytes", "ClothesUrl")
RESULT = Submission(Role.RESULT, b"result's bytes")
NO = http('{"allowed": false, "reason": "too hot", "score": 0.9}')
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


async def wait_for_ever(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def drip(writer: asyncio.StreamWriter) -> None:
    """A byte now and then: each read succeeds, the whole never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def flood(writer: asyncio.StreamWriter) -> None:
    """An answer without end, and without a Content-Length."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


async def test_every_picture_is_posted_whole_with_its_role(operator: Operator, asking) -> None:
    await (await asking()).review(PERSON, GARMENT)
    assert {question.path for question in operator.asked} == {"/review?key=private"}
    told = {question.data["role"]: question for question in operator.asked}
    assert {role: base64.b64decode(q.data["picture"]) for role, q in told.items()} == {
        "person": PERSON.data,
        "garment": GARMENT.data,
    }
    for role, question in told.items():
        assert question.data["request_id"] == "the-request"
        assert question.headers["webhook-id"] == f"the-request_{role}"
        assert question.headers["content-type"] == "application/json"
        assert abs(int(question.headers["webhook-timestamp"]) - time.time()) < 5
        assert "webhook-signature" not in question.headers


async def test_a_question_is_signed_with_the_secret(operator: Operator, asking) -> None:
    await (await asking(hook_secret=SECRET)).review(PERSON)
    (question,) = operator.asked
    signed = f"{question.headers['webhook-id']}.{question.headers['webhook-timestamp']}.".encode() + question.body
    expected = base64.b64encode(hmac.new(bytes(range(32)), signed, hashlib.sha256).digest()).decode()
    assert question.headers["webhook-signature"] == f"v1,{expected}"


async def test_pictures_are_judged_at_the_same_time(operator: Operator, asking) -> None:
    both = asyncio.Barrier(2)

    async def answer(writer: asyncio.StreamWriter) -> None:
        await both.wait()
        writer.write(http('{"allowed": true}'))

    operator.answers = {"person": answer, "garment": answer}
    async with asyncio.timeout(5):
        await (await asking()).review(PERSON, GARMENT)


@pytest.mark.parametrize(
    ("submission", "code"),
    [(GARMENT, "OperationDenied.ImageIllegalDetected"), (RESULT, "FailedOperation.GenerateImageFailed")],
)
async def test_a_refusal_has_the_code_of_its_role_and_its_reason_is_for_the_log(operator, asking, submission, code):
    operator.answers[submission.role] = NO
    with capture_logs() as logs:
        error = await (await asking()).refused(submission)
    assert error.code == code
    assert "too hot" not in error.message() + error.message("zh-CN")
    assert error.cause == "hook: too hot"
    assert logs == [
        {
            **{"event": "reviewed", "log_level": "info", "request_id": "the-request", "role": submission.role.value},
            **{"reviewer": "hook", "score": 0.9, "allowed": False, "reason": "too hot"},
        }
    ]


async def test_a_refusal_ends_the_other_questions(operator: Operator, asking) -> None:
    operator.answers = {"person": wait_for_ever, "garment": NO}
    started = time.monotonic()
    error = await (await asking()).refused(PERSON, GARMENT)
    assert error.values == {"parameter": "ClothesUrl"}
    assert time.monotonic() - started < 2


BROKEN = {
    "slow": (wait_for_ever, "TimeoutError"),
    "dripping": (drip, "TimeoutError"),
    "endless": (flood, f"BadAnswer: the answer is longer than {MAX_ANSWER_BYTES} bytes"),
    "huge": (http(b" " * (MAX_ANSWER_BYTES + 1)), f"BadAnswer: the answer is longer than {MAX_ANSWER_BYTES} bytes"),
    "no JSON": (http("<html>"), "BadAnswer: the answer is no verdict"),
    "no verdict": (http('{"ok": true}'), "BadAnswer: the answer is no verdict"),
    "empty": (http(""), "BadAnswer: the answer is no verdict"),
    "compressed": (http(b"\x1f\x8b", "200 OK", "Content-Encoding: gzip"), "BadAnswer: the answer is no verdict"),
    "error": (http('{"allowed": true}', "500 Internal Server Error"), "BadAnswer: HTTP status 500"),
    "other success": (http('{"allowed": true}', "202 Accepted"), "BadAnswer: HTTP status 202"),
    "unauthorized": (http('{"allowed": true}', "401 Unauthorized"), "BadAnswer: HTTP status 401"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "ClientResponseError"),
    "hangs up": (hang_up, "ServerDisconnectedError"),
    "cut": (b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"allowed": true}', "ClientPayloadError"),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_broken_reviewer_lets_nothing_pass(operator: Operator, asking, how: str) -> None:
    answer, cause = BROKEN[how]
    operator.answers = {"person": answer, "result": answer}
    hook = await asking(hook_timeout=0.2)
    with capture_logs() as logs:
        errors = [await hook.refused(PERSON), await hook.refused(RESULT)]
    assert [error.code for error in errors] == ["FailedOperation.RpcFail"] * 2
    assert [error.reason for error in errors] == ["review_unavailable", "result_review_unavailable"]
    assert "Nothing is wrong with the image" in errors[0].message()
    assert [(entry["event"], entry["log_level"], entry["allowed"]) for entry in logs] == [
        ("review_hook_failed", "error", False)
    ] * 2
    assert all(str(error.cause).startswith(cause) for error in errors), errors[0].cause
    assert "private" not in str(logs) + str([error.cause for error in errors])


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
async def test_a_redirect_is_not_followed(operator: Operator, asking, status: str) -> None:
    operator.answers["person"] = http("", status, f"Location: {operator.url('/elsewhere')}")
    error = await (await asking()).refused(PERSON)
    assert error.cause == f"BadAnswer: HTTP status {status[:3]}"
    assert [question.path for question in operator.asked] == ["/review?key=private"]


async def test_nobody_listening_lets_nothing_pass(asking) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        error = await (await asking(hook_url=f"http://127.0.0.1:{port}/")).refused(PERSON)
    assert error.reason == "review_unavailable"
    assert str(error.cause).startswith("ClientConnectorError")


@pytest.mark.parametrize("how", ["slow", "error", "no JSON", "hangs up"])
async def test_fail_open_lets_pictures_pass_and_says_so(operator: Operator, asking, how: str) -> None:
    operator.answers["person"] = BROKEN[how][0]
    with capture_logs() as logs:
        await (await asking(hook_fail_open=True, hook_timeout=0.2)).review(PERSON)
    (entry,) = logs
    assert (entry["event"], entry["log_level"], entry["allowed"]) == ("review_hook_failed", "error", True)


async def test_fail_open_does_not_weaken_a_refusal(operator: Operator, asking) -> None:
    operator.answers["person"] = NO
    assert (await (await asking(hook_fail_open=True)).refused(PERSON)).reason == "image_refused"


async def test_the_requests_deadline_ends_a_question_earlier(operator: Operator, asking) -> None:
    operator.answers["person"] = wait_for_ever
    started = time.monotonic()
    await (await asking(hook_timeout=30)).refused(PERSON, seconds=0.2)
    assert time.monotonic() - started < 2


async def test_cancelling_closes_the_connection(operator: Operator, asking) -> None:
    async def watch(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X-More: yes\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)
        raise ConnectionResetError

    operator.answers["person"] = watch
    task = asyncio.create_task((await asking()).review(PERSON))
    while not operator.asked:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await operator.hung_up.wait()


async def test_questions_at_once_are_bounded_and_waiting_counts(operator: Operator, asking) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(http('{"allowed": true}'))

    operator.answers = {"person": answer}
    hook = await asking(hook_concurrency=2)
    await asyncio.gather(*(hook.review(PERSON) for _ in range(6)))
    assert operator.most_at_once == 2
    operator.answers = {"person": wait_for_ever}
    slow = await asking(hook_concurrency=1, hook_timeout=0.2)
    started = time.monotonic()
    errors = await asyncio.gather(*(slow.refused(PERSON) for _ in range(3)))
    assert {error.reason for error in errors} == {"review_unavailable"}
    assert time.monotonic() - started < 2


async def test_the_environments_proxy_is_used_only_when_allowed(operator, asking, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", operator.url("").rstrip("/"))
    monkeypatch.setenv("no_proxy", "")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        elsewhere = f"http://127.0.0.1:{free.getsockname()[1]}/x"
        await (await asking(hook_url=elsewhere)).refused(PERSON)
        assert operator.asked == []
        await (await asking(True, hook_url=elsewhere)).review(PERSON)
    assert [question.path for question in operator.asked] == [elsewhere]


async def test_without_a_url_nothing_is_asked() -> None:
    hook = ReviewHook(ModerationSettings())
    await hook.start()
    await hook.review([PERSON], request_id="r", deadline=0.0)
    await hook.close()


async def test_a_hook_that_was_not_started_is_a_fault_and_lets_nothing_pass(operator: Operator) -> None:
    hook = ReviewHook(ModerationSettings(hook_url=operator.url()))
    with pytest.raises(RuntimeError, match="has not run"):
        await hook.review([PERSON], request_id="r", deadline=time.monotonic() + 5)


async def test_a_fault_of_ours_is_not_hidden_behind_a_refusal(operator: Operator, asking, monkeypatch) -> None:
    hook = await asking()

    async def broken(submission, *_: object) -> None:
        if submission is PERSON:
            raise ApiError("image_refused", parameter="ModelUrl")
        raise KeyError("ours")

    monkeypatch.setattr(hook.hook, "_review", broken)
    with pytest.raises(KeyError):
        await hook.review(PERSON, GARMENT)
