"""What the operator does with accounts, users, keys, policies and address lists; a module for each noun.

Used by the command line while servers may be running on the same database: they follow within a second. Invariant:
every change writes its row of the audit in its own transaction, and a SecretKey is handed out once, when it is made;
afterwards nothing lists it.
"""

from fittingroom.accounts.store.base import Change, Store

__all__ = ["Change", "Store"]
