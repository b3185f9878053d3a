"""What the operator's commands share: where the data lies, and how a problem ends a command.

Invariant: a problem that the operator can solve is one line on stderr and exit code 1, never a traceback.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

from cyclopts import Parameter

from fittingroom.accounts import AccountError, Database, Store, Vault, VaultError
from fittingroom.accounts.database import FILE
from fittingroom.configuration import Configuration, ConfigurationError, load_configuration
from fittingroom.objects import ObjectsError

FAILED = 1

P = ParamSpec("P")

AsJson = Annotated[bool, Parameter(name="--json", negative=())]
"""Of commands that print a table: print JSON instead."""


@Parameter(name="*")
@dataclass(frozen=True)
class Place:
    """Where settings and data lie.

    Parameters
    ----------
    data_dir
        Folder of accounts, keys and results (FITTINGROOM_DATA_DIR).
    config
        TOML file of settings (FITTINGROOM_CONFIG).
    """

    data_dir: Path | None = None
    config: Path | None = None

    def configuration(self, **flags: object) -> Configuration:
        """The settings in force. flags: `server__port=80` for `server.port`. Raises `ConfigurationError`."""
        named = {name.replace("__", "."): value for name, value in flags.items()}
        return load_configuration(self.config, {"data_dir": self.data_dir, **named})

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The accounts in force. Raises `AccountError`, `VaultError`, `ConfigurationError`."""
        settings = self.configuration().settings
        is_new = settings.accounts.url is None and not (settings.data_dir / FILE).exists()
        vault = Vault.open(settings.data_dir, settings.accounts.master_key)
        database = Database.open(settings.data_dir, settings.accounts.url)
        if is_new:  # who mistyped the folder would else believe that all accounts are gone
            print(f"a new database of accounts was made in {settings.data_dir}", file=sys.stderr)
        try:
            yield Store(database, vault, actor())
        finally:
            database.close()


HERE = Place()
"""No flag given: settings come from the environment and the defaults."""


def actor() -> str:
    """Who runs this command, for the audit: the operating system's word, not the environment's."""
    if not hasattr(os, "getuid"):
        return f"cli:{getpass.getuser()}"
    import pwd  # noqa: PLC0415  # only where there are such users

    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:  # a container's user that has no name
        return f"cli:{os.getuid()}"


def reported(command: Callable[P, int]) -> Callable[P, int]:
    """Turn the problems an operator can solve into a line on stderr and exit code 1."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return command(*args, **kwargs)
        except (AccountError, VaultError, ConfigurationError, ObjectsError) as error:
            print(error, file=sys.stderr)
            return FAILED

    return guarded
