"""The same request in several languages, as a caller of this server would write it with the official SDKs.

The texts are templates in files of their own beside this module, complete programs that take the key from the
environment: one saves the picture where the answer holds it, else the program prints the answer. tests/clients runs
those whose tools are there. Invariant: whatever the parameters hold, it comes out as a literal of the language and
never as code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fittingroom.actions.registry import ACTIONS, Action

TEMPLATES: Final = {
    "python": "example.py.txt",
    "node": "example.js.txt",
    "go": "example.go.txt",
    "java": "Example.java.txt",
    "curl": "example.sh.txt",
}

_PICTURE, _ANSWER, _BOTH = "?picture", "?answer", "?"
AUTHORITY: Final = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
"""A host, with or without a port, that a program may name without quoting."""


def example_code(action: str, parameters: Mapping[str, object], endpoint: str) -> dict[str, str]:
    """Programs that call `action` with `parameters` at `endpoint`, by language.

    action: a name of the table of actions. parameters: JSON values by the wire's names. endpoint: `http://HOST[:PORT]`
    or `https://...`. Raises `ValueError` for an unknown action or an endpoint that is none.
    """
    called = _named(action)
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not AUTHORITY.fullmatch(parts.netloc):
        raise ValueError(f"an endpoint is http:// or https:// and a host, not {endpoint[:100]!r}")
    pretty = json.dumps(parameters, indent=4)
    values = {
        "ACTION": called.name,
        "SERVICE": called.product,
        "VERSION": called.version,
        "HOST": parts.netloc,
        "SCHEME": parts.scheme,
        "SCHEME_UPPER": parts.scheme.upper(),
        "NODE": json.dumps(parameters, indent=2),
        "GO": "`" + pretty.replace("`", "\\u0060") + "`",
        "JAVA": '"""\n' + _indented(pretty.replace("\\", "\\\\"), 12) + '"""',
        "SHELL": "'" + json.dumps(parameters).replace("'", "'\\''") + "'",
        "PYTHON": _python(parameters),
    }
    saves = called.name == "ChangeClothes" and parameters.get("RspImgType") != "url"
    return {name: _filled(_template(file), values, saves) for name, file in TEMPLATES.items()}


def _named(action: str) -> Action:
    for actions in ACTIONS.values():
        if action in actions:
            return actions[action]
    raise ValueError(f"there is no action {action[:100]!r}")


@cache
def _template(file: str) -> str:
    return (Path(str(files(__package__))) / file).read_text(encoding="utf-8")


def _python(value: object, margin: str = "\n") -> str:
    """A literal as a formatter would lay it out. margin: a line break and the spaces before the closing bracket."""
    inner = margin + "    "
    if isinstance(value, Mapping) and value:
        pairs = (f"{_python(name)}: {_python(each, inner)}," for name, each in value.items())
        return "{" + "".join(inner + pair for pair in pairs) + margin + "}"
    if isinstance(value, list) and value:
        return "[" + "".join(f"{inner}{_python(each, inner)}," for each in value) + margin + "]"
    is_plain = isinstance(value, str) and value.isprintable()
    return json.dumps(value, ensure_ascii=False) if is_plain else repr(value)


def _indented(text: str, columns: int) -> str:
    return text.replace("\n", "\n" + " " * columns).join((" " * columns, ""))


def _filled(template: str, values: Mapping[str, str], saves: bool) -> str:
    """The template with `@@NAME@@` replaced in one pass, so that a value that looks like a mark stays one, and of what
    stands between `@@?picture@@`, `@@?answer@@` and `@@?@@` only what fits.

    A mark of the second kind has a line of its own, which vanishes.
    """
    skipped, shown, made = _ANSWER if saves else _PICTURE, _BOTH, []
    for number, piece in enumerate(re.split(r"@@(\?\w*)@@\n|@@(\w+)@@", template)):
        if piece is None or (number % 3 == 0 and shown == skipped):
            continue
        if number % 3 == 1:
            shown = piece
        elif number % 3 == 0:
            made.append(piece)
        elif shown != skipped:
            made.append(values[piece])
    return "".join(made)
