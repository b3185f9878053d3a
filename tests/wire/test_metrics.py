"""What `/metrics` counts, who may read it, and that no label holds what a caller chose."""

from __future__ import annotations

import dataclasses
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from fittingroom.errors.catalogue import CATALOGUE
from fittingroom.errors.reasons import REASONS
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import ServerSettings, Settings
from fittingroom.wire.metrics import MOST_STAGES, OURS, Metrics, outcome
from fittingroom.wire.trail import Trail

OUTCOMES = {"ok", "refused", "failed", "gone"}


def page(world, address="127.0.0.1", **headers):
    client = TestClient(world.app, client=(address, 1))
    return client.get("/metrics", headers=headers)


def picture(stages: dict[str, float]) -> RenderedImage:
    return RenderedImage(b"", "image/jpeg", 1, 1, "fake", stages, 1.0, ())


def samples(text: str) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of their names) -> value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_action_and_code(kit, world):
    world.send(kit.sign_json(kit.GOOD))
    world.send(kit.sign_json(kit.GOOD))
    world.send(kit.sign_json({**kit.GOOD, "ClothesType": "Hat"}))
    world.send(kit.Sent("PUT"))
    answer = page(world)
    assert answer.headers["content-type"].startswith("text/plain")
    found = samples(answer.text)
    assert found["fittingroom_requests_total", "ChangeClothes", "OK"] == 2
    bad = "InvalidParameterValue.ParameterValueError"
    assert found["fittingroom_requests_total", "ChangeClothes", bad] == 1
    assert found["fittingroom_requests_total", "none", "UnsupportedProtocol"] == 1
    assert found["fittingroom_refusals_total", bad, "choice_value"] == 1
    assert found["fittingroom_request_seconds_count", "ChangeClothes", "ok"] == 2
    assert found["fittingroom_request_seconds_count", "ChangeClothes", "refused"] == 1
    assert found["fittingroom_requests_in_flight",] == 0
    assert found["fittingroom_workers",] == 1
    assert found["fittingroom_worker_restarts_total",] == 0


def test_a_fault_of_ours_is_counted_too(kit, world):
    async def fault(_job):
        raise ValueError("odd")

    world.services.dispatcher.script = fault
    world.send(kit.sign_json(kit.GOOD))
    found = samples(page(world).text)
    assert found["fittingroom_requests_total", "ChangeClothes", "InternalError"] == 1
    assert found["fittingroom_request_seconds_count", "ChangeClothes", "failed"] == 1
    assert found["fittingroom_requests_in_flight",] == 0


def test_labels_hold_nothing_that_a_caller_chose(kit, world):
    hostile = {"X-TC-Action": "Evil{}", "X-TC-RequestClient": "evil", "X-TC-Region": "evil", "X-TC-TraceId": "evil"}
    world.send(kit.sign_json(kit.GOOD, extra=hostile))
    world.send(kit.sign_json({**kit.GOOD, "evil": "evil"}))
    world.send(kit.sign_json(kit.GOOD, secret_id="AKIDevil"))
    world.send(kit.Sent("EVIL"))
    world.send(kit.sign_json(kit.GOOD))
    text = page(world).text
    assert "evil" not in text.lower()
    assert "shop" not in text
    assert "AKID" not in text
    labels = {value for _, *values in samples(text) for value in values}
    known = {"ChangeClothes", "none", "OK", "ClientGone", *OUTCOMES, *CATALOGUE, *REASONS}
    assert {label for label in labels if not re.fullmatch(r"\+Inf|[0-9.e-]+", label)} <= known


@pytest.mark.parametrize("address", ["10.0.0.1", "192.0.2.1", "2001:db8::1"])
def test_others_are_told_that_nothing_is_here(world, address):
    answer = page(world, address)
    assert answer.status_code == 404
    assert answer.json()["Response"]["Error"]["Code"] == "ResourceNotFound"
    assert "fittingroom_" not in answer.text


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_read(world, address):
    assert page(world, address).status_code == 200


def test_who_comes_through_a_trusted_proxy_is_judged_by_their_own_address(kit):
    behind = ServerSettings.model_validate({"trusted_proxies": "127.0.0.1"})
    world = kit.World(kit.Key(), settings=Settings(server=behind))
    assert page(world, **{"X-Forwarded-For": "192.0.2.1"}).status_code == 404
    assert page(world, **{"X-Forwarded-For": "127.0.0.1"}).status_code == 200
    assert page(world).status_code == 200


def test_networks_can_be_admitted_and_the_page_turned_off(kit):
    admitting = ServerSettings.model_validate({"metrics_from": "10.0.0.0/8"})
    world = kit.World(kit.Key(), settings=Settings(server=admitting))
    assert page(world, "10.1.2.3").status_code == 200
    assert page(world, "127.0.0.1").status_code == 404
    off = kit.World(kit.Key(), settings=Settings(server=ServerSettings.model_validate({"metrics": "off"})))
    assert page(off).status_code == 404


def test_only_reading(world):
    client = TestClient(world.app, client=("127.0.0.1", 1))
    assert client.post("/metrics").status_code == 404
    assert client.head("/metrics").status_code == 200


def test_stages_are_told_apart_up_to_a_number():
    metrics = Metrics()
    metrics.rendered(picture({"decode": 0.01, "Person 7": 0.2, "a" * 33: 0.2}), 0.5)
    metrics.rendered(picture({f"s{number}": 0.1 for number in range(3 * MOST_STAGES)}), 0.25)
    metrics.rendered(picture({"decode": 0.03}), 0)
    found = samples(metrics.text().decode())
    stages = {key[1] for key in found if key[0] == "fittingroom_stage_seconds_count"}
    assert len(stages) == MOST_STAGES + 1
    assert "other" in stages
    assert found["fittingroom_stage_seconds_sum", "decode"] == pytest.approx(0.04)
    assert found["fittingroom_queue_seconds_sum",] == pytest.approx(0.75)
    assert found["fittingroom_queue_seconds_count",] == 3


def test_every_code_has_one_outcome_and_those_of_the_server_are_published():
    assert {code for code in CATALOGUE if outcome(code) == "failed"} == OURS
    assert {outcome(code) for code in ("OK", "ClientGone", "InternalError", "AuthFailure.SignatureFailure")} == OUTCOMES


def test_what_workers_remember_is_counted_by_role():
    metrics = Metrics()
    asked = (("person", "hit"), ("garment", "miss"), ("person", "hit"), ("evil", "hit"), ("person", "evil"))
    metrics.rendered(dataclasses.replace(picture({}), cache=asked), 0)
    found = samples(metrics.text().decode())
    lookups = {key: value for key, value in found.items() if key[0] == "fittingroom_cache_lookups_total"}
    assert {key[1:]: value for key, value in lookups.items()} == {("hit", "person"): 2, ("miss", "garment"): 1}


def test_states_told_are_asked_at_each_reading():
    metrics, numbers = Metrics(), {"waiting": 1, "running": 2}
    metrics.tell_states("told", "Numbers.", lambda: numbers)
    numbers["running"] = 5
    found = samples(metrics.text().decode())
    assert (found["fittingroom_told", "waiting"], found["fittingroom_told", "running"]) == (1, 5)


def test_a_number_told_is_asked_at_each_reading():
    metrics, numbers = Metrics(), iter([3.0, 4.0])
    metrics.tell("told", "A number.", lambda: next(numbers))
    for expected in (3.0, 4.0):
        assert samples(metrics.text().decode())["fittingroom_told",] == expected


def test_two_servers_do_not_mix():
    one, other = Metrics(), Metrics()
    one.in_flight.inc()
    assert samples(other.text().decode())["fittingroom_requests_in_flight",] == 0


def test_listeners_hear_of_every_request_and_picture() -> None:
    heard: list[object] = []

    class Listener:
        def answered(self, trail: object) -> None:
            heard.append(trail)

        def rendered(self, picture: object, waited: float) -> None:
            heard.append((picture, waited))

    metrics, trail, made = Metrics(), Trail("POST"), picture({"paste": 1.0})
    metrics.listen(Listener())
    metrics.answered(trail)
    metrics.rendered(made, 0.5)
    assert heard == [trail, (made, 0.5)]
