"""`fittingroom config show`: the settings in force, and where each came from.

The output is itself a valid configuration file. Invariant: no secret is printed, not even its length.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cyclopts import App

from fittingroom.cli.common import HERE, Place, reported
from fittingroom.configuration import Configuration, Leaf, leaves

app = App(name="config", help="Show the settings in force.")


@app.command
@reported
def show(*, place: Place = HERE) -> int:
    """Print all settings as TOML, each with where its value came from."""
    print("\n".join(toml_lines(place.configuration())))
    return 0


def toml_lines(configuration: Configuration) -> list[str]:
    """The settings as lines of TOML; unset ones and secrets as comments."""
    lines: list[str] = []
    section: tuple[str, ...] = ()
    for leaf in leaves():
        if leaf.path[:-1] != section:
            section = leaf.path[:-1]
            lines += ["", f"[{'.'.join(section)}]"]
        lines.append(_line(leaf, configuration))
    return lines


def _line(leaf: Leaf, configuration: Configuration) -> str:
    value: Any = configuration.settings
    for name in leaf.path:
        value = getattr(value, name)
    source = configuration.sources.get(leaf.name, "default")
    if value is None:
        return f"# {leaf.path[-1]} is not set"
    if leaf.secret:
        return f"# {leaf.path[-1]} is set and not shown  # {source}"
    return f"{leaf.path[-1]} = {_toml(value)}  # {source}"


def _toml(value: object) -> str:
    if isinstance(value, Path):
        value = str(value)
    return json.dumps(value, ensure_ascii=False)
