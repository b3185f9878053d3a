"""Headers of what is posted to others, against the standard's own vector and library."""

import base64
import hashlib
import hmac
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from fittingroom.webhooks import signed_headers


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """The vector that the libraries of Standard Webhooks are tested with."""
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"


def test_the_signature_covers_id_time_and_body() -> None:
    key = bytes(range(32))
    headers = signed_headers("id", 7, b"body", [f"whsec_{base64.b64encode(key).decode()}"])
    expected = hmac.new(key, b"id.7.body", hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"


def test_without_a_secret_nothing_is_signed() -> None:
    assert "webhook-signature" not in signed_headers("id", 7, b"body", [])


def test_each_secret_signs_so_that_one_can_be_changed_without_a_gap() -> None:
    secrets = [f"whsec_{base64.b64encode(bytes([n]) * 32).decode()}" for n in (1, 2, 3)]
    now = int(time.time())
    headers = signed_headers("id", now, '{"名": 1}'.encode(), secrets[:2])
    for secret in secrets[:2]:
        assert Webhook(secret).verify('{"名": 1}', headers) == {"名": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets[2]).verify('{"名": 1}', headers)
