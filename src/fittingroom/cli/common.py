"""What the operator's commands share: where the data lies, and how a problem ends a command.

Invariant: a problem that the operator can solve is one line on stderr and exit code 1, never a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from cyclopts import Parameter

from fittingroom.accounts import AccountError, AccountStore, Database, Vault, VaultError
from fittingroom.configuration import Configuration, ConfigurationError, load_configuration

FAILED = 1

P = ParamSpec("P")


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
    def store(self) -> Iterator[AccountStore]:
        """The accounts in force. Raises `AccountError`, `VaultError`, `ConfigurationError`."""
        settings = self.configuration().settings
        vault = Vault.open(settings.data_dir, settings.accounts.master_key)
        database = Database.open(settings.data_dir, settings.accounts.database)
        try:
            yield AccountStore(database, vault)
        finally:
            database.close()


HERE = Place()
"""No flag given: settings come from the environment and the defaults."""


def reported(command: Callable[P, int]) -> Callable[P, int]:
    """Turn the problems an operator can solve into a line on stderr and exit code 1."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return command(*args, **kwargs)
        except (AccountError, VaultError, ConfigurationError) as error:
            print(error, file=sys.stderr)
            return FAILED

    return guarded
