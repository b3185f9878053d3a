"""Every published code on a running server: it is brought about as the catalogue says, or the catalogue says why not.

Parametrised from the catalogue itself, so a new code without a trigger fails here, and so does a trigger of a code
that nobody published. About forty seconds: real servers start, workers die and deadlines pass.
"""

from __future__ import annotations

import contextlib
import re
import string
from collections.abc import Iterator

import billing_triggers  # noqa: F401  # registers its triggers
import job_triggers  # noqa: F401  # registers its triggers
import pytest
import request_triggers  # noqa: F401  # registers its triggers
import sts_triggers  # noqa: F401  # registers its triggers
from code_triggers import RAW, TRIGGERS
from code_world import LANGUAGES, World, readyz, typed
from picture_server import PictureServer

from fittingroom.errors.catalogue import CATALOGUE
from fittingroom.errors.reasons import REASONS

ANSWERED = [code for code, entry in CATALOGUE.items() if entry.answered]
NO_GARMENT = REASONS["no_garment"].code
REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with PictureServer() as origin, contextlib.ExitStack() as stack:
        yield World(tmp_path_factory.mktemp("codes"), origin, stack)


def pattern(template: str) -> re.Pattern[str]:
    """What a message of this template looks like."""
    parts = [
        re.escape(text) + (".*" if field is not None else "")
        for text, field, _, _ in string.Formatter().parse(template)
    ]
    return re.compile("".join(parts), re.DOTALL)


def test_each_code_has_a_trigger_or_a_reason_why_it_is_never_answered() -> None:
    assert {code for code, entry in CATALOGUE.items() if code not in TRIGGERS and not entry.never} == set()


def test_each_trigger_is_of_a_code_that_the_catalogue_answers() -> None:
    assert set(TRIGGERS) - set(ANSWERED) == set()


def test_what_no_sdk_shows_has_a_reason() -> None:
    assert set(RAW) <= set(TRIGGERS)
    assert all(RAW.values())


@pytest.mark.parametrize("code", ANSWERED)
def test_the_code_is_reached(world: World, code: str) -> None:
    answers = TRIGGERS[code](world)
    assert set(answers) == set(LANGUAGES)
    for language, answer in answers.items():
        assert answer.code == code, answer
        assert REQUEST_ID.fullmatch(answer.request_id)
        templates = [
            reason.zh if language == "zh-CN" else reason.en for reason in REASONS.values() if reason.code == code
        ]
        assert any(pattern(template).fullmatch(answer.message) for template in templates), answer.message
        assert len(answer.message) >= (8 if language == "zh-CN" else 20)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_device_out_of_memory_is_told_as_such_and_the_worker_lives_on(world: World, language: str) -> None:
    place, reason = world.place("plain"), REASONS["device_out_of_memory"]
    before = readyz(place)["restarts"]
    answer = typed(place, language, world.parameters(ClothesUrl=world.pictures["starved"]))
    assert (answer.code, answer.message) == (reason.code, reason.zh if language == "zh-CN" else reason.en)
    assert typed(place, language, world.parameters(ClothesUrl=world.pictures["no-garment"])).code == NO_GARMENT
    assert readyz(place)["restarts"] == before
