"""Secrets at rest: sealed by a master key that lies beside the database, or comes from the environment.

An HMAC needs the secret itself, so it cannot be hashed; it is encrypted (Fernet) instead. Invariant: what was sealed
for one SecretId opens for no other, so rows cannot be swapped by someone who can write to the database only.
"""

from __future__ import annotations

import base64
import hmac
import json
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from fittingroom.private import read_or_make_secret

FILE = "master.key"


class VaultError(Exception):
    """The master key is unusable or does not fit the database; the message is for the operator."""


class Vault:
    """Seals and opens secrets. keys: Fernet keys, newest first; the first seals, all open."""

    def __init__(self, keys: list[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise VaultError(
                "the master key is not valid: give url-safe base64 of 32 bytes, several separated by commas"
            ) from error
        self._tag_keys = [base64.urlsafe_b64decode(key) for key in keys]

    @classmethod
    def open(cls, data_dir: Path, master_key: SecretStr | None = None) -> Vault:
        """By the given key or keys, else by the key file in `data_dir`, which is made when there is none."""
        if master_key is not None:
            return cls([word.strip() for word in master_key.get_secret_value().split(",") if word.strip()])
        try:
            return cls(read_or_make_secret(data_dir / FILE, Fernet.generate_key).decode("ascii").split())
        except (OSError, UnicodeDecodeError) as error:
            raise VaultError(f"the master key file {data_dir / FILE} cannot be used: {error}") from error

    def seal(self, secret_id: str, secret_key: str) -> bytes:
        """Encrypt a key's secret for the row of `secret_id`."""
        return self._fernet.encrypt(json.dumps([secret_id, secret_key]).encode())

    def open_sealed(self, secret_id: str, sealed: bytes) -> str:
        """The secret key. Raises `VaultError` when the master key or the row does not fit."""
        try:
            owner, secret_key, *_ = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise VaultError("the master key does not open the stored keys: was it replaced or lost?") from error
        if owner != secret_id:
            raise VaultError(f"the stored secret of {secret_id} belongs to another key: the database was tampered with")
        return str(secret_key)

    def renew(self, sealed: bytes) -> bytes:
        """The same secret, sealed by the newest master key. Raises `VaultError`."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as error:
            raise VaultError("the master key does not open the stored keys: was it replaced or lost?") from error

    def encrypt(self, use: str, plain: bytes) -> str:
        """Text that only this vault reads, and that cannot be made or changed without it. use: what for, one word."""
        return self._fernet.encrypt(f"{use}:".encode() + plain).decode("ascii")

    def decrypt(self, use: str, text: str) -> bytes | None:
        """What `encrypt` was given, or None for a text that this vault did not make for this use."""
        try:
            plain = self._fernet.decrypt(text.encode())
        except InvalidToken:
            return None
        head = f"{use}:".encode()
        return plain[len(head) :] if plain.startswith(head) else None

    def tag(self, text: str) -> str:
        """Sixteen letters and digits that tell a text of this vault from one of a stranger's."""
        return _tag(self._tag_keys[0], text)

    def made(self, text: str, tag: str) -> bool:
        """Whether `tag` is this vault's tag of `text`, by any of its keys."""
        return any(hmac.compare_digest(_tag(key, text).encode(), tag.encode()) for key in self._tag_keys)


def _tag(key: bytes, text: str) -> str:
    return hmac.digest(key, b"tag:" + text.encode(), "sha256").hex()[:16]
