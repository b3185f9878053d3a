"""Several real servers on one database, and an operator's store on the same.

Each server is a process of its own with a data directory of its own; they share the database and the master key, as
gateways behind a load balancer do. Invariant: leaving the context ends every server.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from cryptography.fernet import Fernet
from running_server import FLAT, LOOPBACK, RunningServer, running

from fittingroom.accounts import Database, Store, Vault


@contextlib.contextmanager
def gateways(
    folder: Path, url: str, count: int = 2, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[list[RunningServer], Store]]:
    """Servers on the database of `url`, ready, and who changes its accounts. settings: further ones, for all."""
    master_key = Fernet.generate_key().decode()
    variables = {"FITTINGROOM_ACCOUNTS__DATABASE": url, "FITTINGROOM_ACCOUNTS__MASTER_KEY": master_key}
    variables |= settings or {}
    with contextlib.ExitStack() as stack:
        servers = []
        for number in range(count):
            data_dir = folder / f"gateway-{number}"
            data_dir.mkdir(mode=0o700)
            servers.append(stack.enter_context(running(data_dir, *FLAT, *LOOPBACK, variables=variables)))
        database = Database.open(folder, url)
        stack.callback(database.close)
        yield servers, Store(database, Vault([master_key]), "cli:tests")
