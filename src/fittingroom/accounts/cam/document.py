"""From text to decoded JSON with paths, within bounds, before anything is believed of it.

Python's decoder keeps the last of two equal keys and takes NaN; a policy with two effects must not pass, so both are
refused here. A decoded object takes the way of a text, which leaves one set of rules. Invariant: what comes out is
small, finite and nested no deeper than its text is long.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from fittingroom.accounts.cam.problems import LONGEST_QUOTE, PolicyError, choices, guess, quoted

MAX_CHARACTERS = 6144
"""Of a document, blanks not counted: the published bound of a custom policy."""

_MAX_RAW = 4 * MAX_CHARACTERS
MAX_ITEMS = 200
"""In one list: statements, actions, resources, networks."""

_THE_DOCUMENT = "the document"


class _Object(dict[str, Any]):
    """A JSON object that remembers a key written twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: str | None = None
        if len(self) < len(pairs):
            self.repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]


class Node:
    """A value of the document and the path to it; what it should be is asked of it, and refused with the path."""

    __slots__ = ("path", "value")

    def __init__(self, value: Any, path: str = "") -> None:
        self.value = value
        self.path = path

    def refuse(self, problem: str) -> NoReturn:
        """Raise a `PolicyError` that points here."""
        raise PolicyError(self.path or _THE_DOCUMENT, problem)

    def fields(
        self, required: tuple[str, ...], optional: tuple[str, ...] = (), hints: Mapping[str, str] | None = None
    ) -> dict[str, Node]:
        """The members of an object whose keys are known. hints: why a key of another dialect is refused."""
        found = dict(self.members())
        allowed = (*required, *optional)
        for key, node in found.items():
            if key not in allowed:
                reason = (hints or {}).get(
                    key
                ) or f"no such element.{guess(key, allowed)} Allowed here: {choices(allowed)}."
                node.refuse(reason)
        for key in required:
            if key not in found:
                self.refuse(f"the element {quoted(key)} is missing.")
        return found

    def members(self) -> Iterator[tuple[str, Node]]:
        """Keys and values of an object that has some."""
        if not isinstance(self.value, _Object):
            self.refuse(f"found {kind(self.value)} where an object, {{...}}, belongs.")
        if self.value.repeated is not None:
            self.refuse(f"the element {quoted(self.value.repeated)} is written twice; keep one.")
        if not self.value:
            self.refuse("found an empty object; fill it or leave it out.")
        for key, value in self.value.items():
            yield key, Node(value, _join(self.path, key))

    def items(self) -> list[Node]:
        """The items of a list that has some."""
        if not isinstance(self.value, list):
            self.refuse(f"found {kind(self.value)} where a list, [...], belongs.")
        if not self.value:
            self.refuse("found an empty list; it needs at least one entry.")
        if len(self.value) > MAX_ITEMS:
            self.refuse(f"found {len(self.value)} entries; at most {MAX_ITEMS} are allowed.")
        return [Node(value, f"{self.path}[{index}]") for index, value in enumerate(self.value)]

    def texts(self) -> list[Node]:
        """One string, or the strings of a list that has some."""
        nodes = self.items() if isinstance(self.value, list) else [self]
        for node in nodes:
            node.text()
        return nodes

    def text(self) -> str:
        """A string with something in it."""
        if not isinstance(self.value, str):
            self.refuse(f"found {kind(self.value)} where a string belongs.")
        if not self.value.strip():
            self.refuse("found an empty string.")
        return self.value


def load(document: str | Mapping[str, Any]) -> Node:
    """The decoded document. Raises `PolicyError` for broken JSON and for one that is too large."""
    text = document if isinstance(document, str) else _encoded(document)
    if len(text) > _MAX_RAW or len("".join(text.split())) > MAX_CHARACTERS:
        raise PolicyError(_THE_DOCUMENT, f"too large: at most {MAX_CHARACTERS} characters besides blanks are allowed.")
    try:
        return Node(json.loads(text, object_pairs_hook=_Object, parse_constant=_no_constant))
    except json.JSONDecodeError as error:
        hint = " It looks URL-encoded: decode it first." if text.startswith("%7") else ""
        where = f"line {error.lineno}, column {error.colno}"
        raise PolicyError(where, f"this is no JSON: {error.msg[0].lower()}{error.msg[1:]}.{hint}") from error
    except RecursionError as error:
        raise PolicyError(_THE_DOCUMENT, "nested too deeply for a policy.") from error
    except ValueError as error:  # a whole number with thousands of digits
        raise PolicyError(_THE_DOCUMENT, "it holds a number that is too long.") from error


def _encoded(document: Mapping[str, Any]) -> str:
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise PolicyError(_THE_DOCUMENT, "this object cannot be written as JSON.") from error


def _no_constant(name: str) -> NoReturn:
    raise PolicyError(_THE_DOCUMENT, f"{name} is no JSON.")


def _join(path: str, key: str) -> str:
    if key.isascii() and key.isidentifier() and len(key) <= LONGEST_QUOTE:
        return f"{path}.{key}" if path else key
    return f"{path}[{quoted(key)}]"


def kind(value: Any) -> str:
    """What a JSON value is, for a message."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return f"the string {quoted(value)}"
    if isinstance(value, (int, float)):
        return f"the number {quoted(str(value))[1:-1]}"
    return "a list" if isinstance(value, list) else "an object"
