"""Secrets at rest: sealed by a master key that lies beside the database, or comes from the environment.

An HMAC needs the secret itself, so it cannot be hashed; it is encrypted (Fernet) instead. Invariant: what was sealed
for one SecretId opens for no other, so rows cannot be swapped by someone who can write to the database only.
"""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from fittingroom.private import read_or_make_secret

FILE = "master.key"


class VaultError(Exception):
    """The master key is unusable or does not fit the database; the message is for the operator."""


class Vault:
    """Seals and opens the secret half of keys. keys: Fernet keys, newest first; the first seals, all open."""

    def __init__(self, keys: list[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise VaultError(
                "the master key is not valid: give url-safe base64 of 32 bytes, several separated by commas"
            ) from error

    @classmethod
    def open(cls, data_dir: Path, master_key: SecretStr | None = None) -> Vault:
        """By the given key or keys, else by the key file in `data_dir`, which is made when there is none."""
        if master_key is not None:
            return cls([word.strip() for word in master_key.get_secret_value().split(",") if word.strip()])
        try:
            return cls(read_or_make_secret(data_dir / FILE, Fernet.generate_key).decode("ascii").split())
        except (OSError, UnicodeDecodeError) as error:
            raise VaultError(f"the master key file {data_dir / FILE} cannot be used: {error}") from error

    def seal(self, secret_id: str, secret_key: str, token: str | None) -> bytes:
        """Encrypt a key's secrets for the row of `secret_id`."""
        return self._fernet.encrypt(json.dumps([secret_id, secret_key, token]).encode())

    def open_sealed(self, secret_id: str, sealed: bytes) -> tuple[str, str | None]:
        """The secret key and the token. Raises `VaultError` when the master key or the row does not fit."""
        try:
            owner, secret_key, token = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise VaultError("the master key does not open the stored keys: was it replaced or lost?") from error
        if owner != secret_id:
            raise VaultError(f"the stored secret of {secret_id} belongs to another key: the database was tampered with")
        return secret_key, token
