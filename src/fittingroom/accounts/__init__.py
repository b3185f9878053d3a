"""Who may call: accounts, their keys, and how many jobs of each run at once.

Rows live in a database under the data directory, secrets encrypted; a running server answers from memory and follows
changes that the command line makes beside it. This room touches the database and nothing else.
"""

from fittingroom.accounts.database import AccountError, Database
from fittingroom.accounts.directory import Directory
from fittingroom.accounts.limits import Limits
from fittingroom.accounts.records import (
    AccountRecord,
    KeyRecord,
    Plan,
    Principal,
    PrincipalKind,
    ServiceStatus,
)
from fittingroom.accounts.store import Store
from fittingroom.accounts.vault import Vault, VaultError

__all__ = [
    "AccountError",
    "AccountRecord",
    "Database",
    "Directory",
    "KeyRecord",
    "Limits",
    "Plan",
    "Principal",
    "PrincipalKind",
    "ServiceStatus",
    "Store",
    "Vault",
    "VaultError",
]
