import json

import pytest

from fittingroom.moderation.message import BadAnswer, compose, read_answer
from fittingroom.moderation.protocol import Role


def test_a_question_says_whose_picture_it_is() -> None:
    question = json.loads(compose(Role.LOGO, "QUJD", "the-request"))
    assert question["type"] == "picture.review"
    assert question["data"] == {"request_id": "the-request", "role": "logo", "picture": "QUJD"}
    assert question["timestamp"].endswith("+00:00")


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
