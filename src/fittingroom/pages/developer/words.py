"""What is said of actions and fields, in English and Chinese; the words are in words.toml.

Invariant: every field of every model of the table of actions has words, else `said` raises `KeyError`, which a test
would see first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages."""

    en: str
    zh: str


@cache
def _all() -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))


def of_action(name: str) -> Words:
    """What an action does."""
    entry = _all()["actions"][name]
    return Words(entry["en"], entry["zh"])


def example_of(name: str) -> dict[str, object]:
    """Good parameters of an action, with addresses that lead nowhere."""
    return dict(_all()["actions"][name].get("example", {}))


def of_field(model: str, field: str) -> Words:
    """What a field of a model is. model: the class's name. field: the wire's."""
    fields = _all()["fields"]
    entry = fields.get(f"{model}.{field}") or fields[field]
    return Words(entry["en"], entry["zh"])


def keys() -> frozenset[str]:
    """All fields that have words: `Field` or `Model.Field`."""
    return frozenset(_all()["fields"])
