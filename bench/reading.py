"""What a change of accounts costs a running server: reading all accounts, users, policies and keys again.

A server follows changes by reading everything in the background (`accounts.snapshot`), so this bounds how soon a key
that is taken away is refused when there are many. On SQLite, and on a PostgreSQL of its own where its programs are.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

import postgres_server
from cryptography.fernet import Fernet
from machine import describe
from sqlalchemy import insert

from fittingroom.accounts import Database, Directory, Store, Vault, cam, schema
from fittingroom.accounts.store import keys

KEYS_OF_A_USER, USERS_OF_AN_ACCOUNT = 5, 2
ROUNDS = 5
POLICY = json.dumps(cam.allow_change_clothes("10.0.0.0/8"))


def fill(store: Store, count: int) -> list[str]:
    """`count` keys of as many accounts and users as they need, half the users with a policy. The SecretIds."""
    accounts, users, policies, attached, made = [], [], [], [], []
    for number in range(count // (KEYS_OF_A_USER * USERS_OF_AN_ACCOUNT)):
        id_, at = f"a{number}", {"created_at": 0.0}
        accounts.append({"id": id_, "uin": 10**11 + number, "name": id_, "status": "active", "plan": "free", **at})
        policies.append({"id": id_, "account_id": id_, "name": "clothes", "document": POLICY, **at})
        for user in range(USERS_OF_AN_ACCOUNT):
            who = {"id": f"{id_}.{user}", "uin": (1 + user) * 10**11 + number, "root": user == 0}
            users.append({**who, "account_id": id_, "name": who["id"], "enabled": True, "sessions_after": 0.0, **at})
            for key in range(KEYS_OF_A_USER):
                secret_id = f"AKID{number:08d}{user}{key}"
                sealed = store.vault.seal(secret_id, "s" * 32)
                made.append({"secret_id": secret_id, "user_id": who["id"], "sealed": sealed, "enabled": True, **at})
        attached.append({"policy_id": id_, "principal_id": f"{id_}.1"})
    with store.changing() as change:
        for table, rows in (
            (schema.accounts, accounts),
            (schema.users, users),
            (schema.policies, policies),
            (schema.attachments, attached),
            (schema.keys, made),
        ):
            change.connection.execute(insert(table), rows)
    return [str(row["secret_id"]) for row in made]


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(place: str, folder: Path, url: str | None, count: int) -> None:
    """Print a row."""
    database = Database.open(folder, url)
    store = Store(database, Vault([Fernet.generate_key().decode()]), "cli:bench")
    ids = fill(store, count)
    directory = Directory(database, store.vault)
    first = seconds(directory.update)
    again = []
    for number in range(ROUNDS):
        keys.revoke(store, ids[number])
        again.append(seconds(directory.update))
    idle = statistics.median(seconds(directory.update) for _ in range(ROUNDS))
    sealing = seconds(lambda: keys.reseal(store))
    database.close()
    told = f"{first:.2f} s | {statistics.median(again):.2f} s | {1000 * idle:.1f} ms | {sealing:.1f} s"
    print(f"| {place} | {len(ids)} | {told} |")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=10_000)
    count = parser.parse_args().keys
    print(f"{describe()}\n\n| database | keys | first reading | after a change | nothing changed | `keys reseal` |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", Path(folder), None, count)
        if postgres_server.missing() is None:
            with postgres_server.running() as server:
                measure("PostgreSQL", Path(folder), server.url(server.new_database()), count)


if __name__ == "__main__":
    main()
