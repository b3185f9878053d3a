"""Where settings come from: defaults, then a TOML file, then the environment, then flags; the later one wins.

`FITTINGROOM_SECTION__NAME` is the environment's twin of `name` in `[section]`; a secret may instead lie in a file
named by `FITTINGROOM_SECTION__NAME_FILE`. Invariant: a name that no setting has is an error wherever it stands (in the
environment: any that begins with FITTINGROOM_ but the few below), and no message ever holds a value, because a value
may be a secret.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from fittingroom.setting_types import Section
from fittingroom.settings import Settings

PREFIX = "FITTINGROOM_"
CONFIG_VARIABLE = "FITTINGROOM_CONFIG"
OTHER_VARIABLES = frozenset({CONFIG_VARIABLE, "FITTINGROOM_ENDPOINT", "FITTINGROOM_MODELS_DIR", "FITTINGROOM_PHOTOS"})
"""Variables that are no settings: of other commands, of the model store and of the tests on real photos."""

TEST_PREFIX = "FITTINGROOM_TEST_"

Tree = dict[str, Any]


class ConfigurationError(Exception):
    """The configuration cannot be used. The message names each setting, where it stands and what is wrong."""


class _Environment(Settings, BaseSettings):
    """The tree as pydantic-settings reads it from the environment; never instantiated."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", enable_decoding=False)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One setting: its path in the tree (`("server", "port")`) and its field."""

    path: tuple[str, ...]
    field: FieldInfo

    @property
    def name(self) -> str:
        """As in messages: `server.port`."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """Its twin in the environment: `FITTINGROOM_SERVER__PORT`."""
        return PREFIX + "__".join(self.path).upper()

    @property
    def secret(self) -> bool:
        """Whether its value must never be shown."""
        return "SecretStr" in str(self.field.annotation)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings in force. sources: `server.port` -> where its value came from, for those not left at default."""

    settings: Settings
    sources: Mapping[str, str]


def leaves(section: type[Section] = Settings, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every setting that exists, in the order of the tree."""
    for name, info in section.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            yield from leaves(info.annotation, (*path, name))
        else:
            yield Leaf((*path, name), info)


def load_configuration(file: Path | None = None, flags: Mapping[str, object] | None = None) -> Configuration:
    """Read all sources and check the result.

    file: a TOML file; None takes the one `FITTINGROOM_CONFIG` names, if any. flags: `server.port` -> value; None values
    are flags that were not given. Raises `ConfigurationError`.
    """
    chosen = file or (Path(named) if (named := os.environ.get(CONFIG_VARIABLE)) else None)
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    layers = [("file", _from_file(chosen)), ("environment", _from_environment()), ("flag", _from_flags(given))]
    merged: Tree = {}
    sources: dict[str, str] = {}
    for label, tree in layers:
        for path, value in _paths(tree):
            _put(merged, path, value)
            sources[".".join(path)] = label
    try:
        return Configuration(Settings.model_validate(merged), sources)
    except ValidationError as error:
        raise ConfigurationError(_explain(error, sources)) from None


def _from_file(file: Path | None) -> Tree:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot read the configuration file {file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the configuration file {file} is not valid TOML: {error}") from error


def _from_environment() -> Tree:
    known = {leaf.variable: leaf for leaf in leaves()}
    filed = {leaf.variable + "_FILE": leaf for leaf in known.values() if leaf.secret}
    for variable in os.environ:
        if not variable.startswith(PREFIX) or variable.startswith(TEST_PREFIX):
            continue
        if variable not in known and variable not in filed and variable not in OTHER_VARIABLES:
            raise ConfigurationError(f"{variable} in the environment is no setting; {_meant(variable, known)}")
    tree: Tree = {}
    for path, value in _paths(EnvSettingsSource(_Environment)()):
        if PREFIX + "__".join(path).upper() in known:
            _put(tree, path, value)
    for variable, leaf in filed.items():
        if variable in os.environ:
            _put(tree, leaf.path, _secret_from_file(variable, leaf))
    return tree


def _meant(variable: str, known: Iterable[str]) -> str:
    """What to do about a misspelt variable."""
    close = difflib.get_close_matches(variable.upper(), known, n=1, cutoff=0.8)
    return f"did you mean {close[0]}?" if close else "see `fittingroom config show`"


def _secret_from_file(variable: str, leaf: Leaf) -> SecretStr:
    if leaf.variable in os.environ:
        raise ConfigurationError(f"{leaf.variable} and {variable} are both set: set one")
    try:
        return SecretStr(Path(os.environ[variable]).read_text(encoding="utf-8").strip())
    except OSError as error:
        raise ConfigurationError(f"cannot read the file that {variable} names: {error.strerror}") from error


def _from_flags(flags: Mapping[str, object]) -> Tree:
    tree: Tree = {}
    for name, value in flags.items():
        _put(tree, tuple(name.split(".")), value)
    return tree


def _paths(tree: Tree, prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _paths(value, (*prefix, name))
        else:
            yield (*prefix, name), value


def _put(tree: Tree, path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise ConfigurationError(f"{name} is a section of settings, it has no value of its own")
    tree[path[-1]] = value


def _explain(error: ValidationError, sources: Mapping[str, str]) -> str:
    lines = []
    for entry in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in entry["loc"])
        known = {source for path, source in sources.items() if path == name or path.startswith(name + ".")}
        reason = "is no setting" if entry["type"] == "extra_forbidden" else entry["msg"]
        lines.append(f"{name or 'settings'} ({', '.join(sorted(known)) or 'default'}): {reason}")
    return "; ".join(lines)
