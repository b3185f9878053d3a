"""The server's own TLS, with an authority that only the client is told about: Python, Node and `fittingroom call`."""

from __future__ import annotations

import os
import subprocess

import pytest
from answers import decoded, picture
from client_driver import driver
from running_server import COMMAND, environment


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_python_with_its_own_authority(world, drivers, secure, authority, host):
    case = world.case("sync", scheme="https", endpoint=f"{host}:{secure.port}", ca=str(authority / "ca.pem"))
    decoded(drivers("python-intl").ask(case))


def test_the_async_client_takes_its_authority_from_the_environment(world, secure, authority):
    """Its `certification` is a client certificate, not an authority, as in the synchronous client."""
    with driver("python-domestic", {"SSL_CERT_FILE": str(authority / "ca.pem")}) as python:
        decoded(python.ask(world.case("async", scheme="https", endpoint=f"localhost:{secure.port}")))


def test_python_does_not_trust_another_authority(world, drivers, secure, authority):
    case = world.case("sync", scheme="https", endpoint=secure.endpoint, ca=str(authority / "other.pem"))
    error = drivers("python-intl").ask(case)["error"]
    assert error["code"] == "ClientNetworkError"
    assert "CERTIFICATE_VERIFY_FAILED" in error["message"]


@pytest.mark.parametrize(("environment_name", "way"), [("node", "aiart"), ("node-intl", "common")])
def test_node_with_its_own_authority(world, secure, authority, environment_name, way):
    with driver(environment_name, {"NODE_EXTRA_CA_CERTS": str(authority / "ca.pem")}) as node:
        for sign in ("TC3-HMAC-SHA256", "HmacSHA256"):
            decoded(node.ask(world.case(way, scheme="https", endpoint=f"localhost:{secure.port}", sign=sign)))


def test_a_url_result_over_tls_has_an_https_url(world, drivers, secure, authority, tmp_path):
    out = tmp_path / "out.jpg"
    words = [world.pictures["person"], world.pictures["garment"], "--type", "Upper-body", "--out", str(out)]
    words += ["--endpoint", f"https://{secure.endpoint}", "--ca", str(authority / "ca.pem"), "--rsp", "url"]
    key = {"TENCENTCLOUD_SECRET_ID": world.key.secret_id, "TENCENTCLOUD_SECRET_KEY": world.key.secret_key}
    done = subprocess.run(
        [str(COMMAND), "call", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**environment(key), "PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"https://{secure.endpoint}/results/")
    picture(out.read_bytes())
