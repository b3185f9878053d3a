"""What only the Node SDKs do: the international default of v1 signing, `X-TC-Region: null`, odd hosts, trace ids."""

from __future__ import annotations

import pytest
from answers import decoded, refused


def test_the_international_default_is_v1(world, drivers):
    decoded(drivers("node-intl").ask(world.case("common", sign=None)))


def test_no_region_is_sent_as_the_word_null(world, drivers):
    decoded(drivers("node-intl").ask(world.case("common", region=None)))


@pytest.mark.parametrize("environment", ["node", "node-intl"])
@pytest.mark.parametrize("sign", ["TC3-HMAC-SHA256", "HmacSHA256"])
def test_localhost_with_a_port_becomes_the_service(world, drivers, environment, sign):
    endpoint = f"localhost:{world.server.port}"
    decoded(drivers(environment).ask(world.case("common", endpoint=endpoint, sign=sign)))


@pytest.mark.parametrize("environment", ["node", "node-intl"])
def test_the_trace_id_comes_back_with_an_error(world, drivers, environment):
    answer = drivers(environment).ask(world.case("common", params={}))
    refused(answer, "MissingParameter")
    assert len(answer["error"]["trace_id"]) == 36
