"""The client's signatures against the published vectors and against the official SDK's own signing."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common.sign import Sign

from fittingroom.client.signing import ALGORITHM, Credential, signed_headers

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
SECRET_ID = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"][:2])
def test_published_vectors(vector):
    headers = signed_headers(
        Credential(SECRET_ID, vector["secret_key"]),
        host=vector["headers"]["Host"],
        body=vector["body"].encode(),
        timestamp=int(vector["headers"]["X-TC-Timestamp"]),
    )
    assert headers == {name: vector["headers"][name] for name in headers}


def test_the_vectors_cover_a_port_a_nested_body_and_an_odd_host():
    assert [vector["headers"]["Host"] for vector in VECTORS] == [
        "aiart.intl.tencentcloudapi.com",
        "127.0.0.1:8000",
        "http://127.0.0.1:8000",
    ]


@given(
    body=st.binary(max_size=200),
    host=st.from_regex(r"[a-z0-9.-]{1,20}(:[0-9]{1,5})?", fullmatch=True),
    key=st.from_regex(r"[A-Za-z0-9]{32}", fullmatch=True),
    timestamp=st.integers(0, 4_102_444_800),
    service=st.sampled_from(["aiart", "127", "localhost:8000"]),
)
def test_same_signature_as_the_official_sdk(body, host, key, timestamp, service):
    headers = signed_headers(Credential("AKID", key), host=host, body=body, timestamp=timestamp, service=service)
    scope = headers["Authorization"].split("Credential=AKID/")[1].split(",")[0]
    date = scope.split("/")[0]
    head = f"POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host"
    canonical = f"{head}\n{sha256(body).hexdigest()}"
    to_sign = f"{ALGORITHM}\n{timestamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    assert headers["Authorization"].endswith("Signature=" + Sign.sign_tc3(key, date, service, to_sign))


def test_the_date_is_utc():
    headers = signed_headers(Credential("AKID", "k"), host="h", body=b"", timestamp=1_700_006_399)
    assert "/2023-11-14/" in headers["Authorization"]
    headers = signed_headers(Credential("AKID", "k"), host="h", body=b"", timestamp=1_700_006_400)
    assert "/2023-11-15/" in headers["Authorization"]


def test_a_credential_never_shows_its_secrets():
    assert "hidden" not in repr(Credential("AKID", "hidden-key", "hidden-token"))
