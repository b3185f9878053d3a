import base64
import hashlib
import hmac
import json

import pytest

from fittingroom.moderation.message import BadAnswer, compose, read_answer, signed_headers
from fittingroom.moderation.protocol import Role


def test_a_question_says_whose_picture_it_is() -> None:
    question = json.loads(compose(Role.LOGO, "QUJD", "the-request"))
    assert question["type"] == "picture.review"
    assert question["data"] == {"request_id": "the-request", "role": "logo", "picture": "QUJD"}
    assert question["timestamp"].endswith("+00:00")


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """The vector that the libraries of Standard Webhooks are tested with."""
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"


def test_the_signature_covers_id_time_and_body() -> None:
    key = bytes(range(32))
    headers = signed_headers("id", 7, b"body", f"whsec_{base64.b64encode(key).decode()}")
    expected = hmac.new(key, b"id.7.body", hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"


def test_without_a_secret_nothing_is_signed() -> None:
    assert "webhook-signature" not in signed_headers("id", 7, b"body", None)


@pytest.mark.parametrize(
    ("content", "allowed", "reason", "score"),
    [
        (b'{"allowed": true}', True, "", None),
        (b'{"allowed": false, "reason": "nudity", "score": 0.97, "model": "x"}', False, "nudity", 0.97),
        (b'{"allowed": true, "score": 1, "reason": "line\\none\\u0007"}', True, "line one ", 1.0),
    ],
)
def test_verdicts_are_read(content: bytes, allowed: bool, reason: str, score: float | None) -> None:
    answer = read_answer(content, 1000)
    assert (answer.allowed, answer.reason, answer.score) == (allowed, reason, score)


def test_a_long_reason_is_cut() -> None:
    assert len(read_answer(json.dumps({"allowed": False, "reason": "x" * 900}).encode(), 1000).reason) == 200


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"yes", b"true", b"[]", b"{}", b'{"allowed": "true"}', b'{"allowed": 1}', b'{"allowed": null}'),
        *(b'{"allowed": true, "score": 2}', b'{"allowed": true, "score": NaN}', b'{"allowed": true, "reason": 5}'),
        *(b'\xff{"allowed": true}', b'{"allowed": true} {"allowed": true}', b'{"allowed": true'),
    ],
)
def test_what_is_no_verdict_is_refused_without_repeating_it(content: bytes) -> None:
    with pytest.raises(BadAnswer, match="no verdict") as caught:
        read_answer(content, 1000)
    assert "allowed" not in str(caught.value)


def test_an_answer_over_the_limit_is_refused_unread() -> None:
    assert read_answer(b'{"allowed": true}', 17).allowed
    with pytest.raises(BadAnswer, match="longer than 16 bytes"):
        read_answer(b'{"allowed": true}', 16)
