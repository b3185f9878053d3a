"""Temporary credentials: a SecretId, a SecretKey and a token for some hours, without a row anywhere.

The token carries, encrypted, all that a server must know of the session, so that every server with the same master key
and database accepts it at once and nothing has to be swept. The SecretId ends in a tag by which we know our own: a
caller who forgets the token is then told about the token. Invariant: a token opens only beside the SecretId that it
was issued with; whether it still counts is for the directory to say, which knows who is enabled.
"""

from __future__ import annotations

import json
import secrets
import string
import zlib
from dataclasses import dataclass, field

from fittingroom.accounts.vault import Vault

ALPHABET = string.ascii_letters + string.digits
PREFIX = "AKID"
LONGEST_TOKEN = 4096
"""Characters; the published bound."""

_USE = "session"
_RANDOM, _TAG = 32, 16


@dataclass(frozen=True, slots=True)
class Origin:
    """Through whose hands a session came. name: what who asked for it called it.

    issuers: ids of users and roles, the holder of the permanent key first. issuer_uin: the number of the last of them.
    key_id: the SecretId of that key. A credential that the operator made has none of these.
    """

    name: str = ""
    issuers: tuple[str, ...] = ()
    issuer_uin: int | None = None
    key_id: str | None = None


OPERATOR = Origin()


@dataclass(frozen=True, slots=True)
class Session:
    """A temporary credential. principal_id: of the user or role for which it acts. policy: text of a policy that
    narrows it, or None. Times are Unix seconds."""

    secret_id: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    principal_id: str
    issued_at: float
    expires_at: float
    policy: str | None
    origin: Origin = OPERATOR


def random_text(length: int) -> str:
    """Letters and digits that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def issue(
    vault: Vault,
    principal_id: str,
    *,
    now: float,
    seconds: float,
    policy: str | None = None,
    origin: Origin = OPERATOR,
) -> Session:
    """A new credential. seconds: of life, whatever limit holds is the caller's to check. policy: of valid form."""
    stem = random_text(_RANDOM)
    secret_id = f"{PREFIX}{stem}{vault.tag(stem)}"
    secret_key = random_text(32)
    expires_at = float(int(now + seconds))
    whence = [origin.name, origin.issuers, origin.issuer_uin, origin.key_id]
    told = [secret_id, secret_key, principal_id, now, expires_at, policy, *whence]
    token = vault.encrypt(_USE, zlib.compress(json.dumps(told).encode()))
    return Session(secret_id, secret_key, token, principal_id, now, expires_at, policy, origin)


def is_ours(vault: Vault, secret_id: str) -> bool:
    """Whether `secret_id` is of a temporary credential that this vault issued."""
    stem, tag = secret_id[len(PREFIX) : -_TAG], secret_id[-_TAG:]
    return secret_id.startswith(PREFIX) and len(stem) == _RANDOM and vault.made(stem, tag)


def open_token(vault: Vault, secret_id: str, token: str) -> Session | None:
    """The session of a token; None when the token is not ours or belongs to another SecretId."""
    plain = vault.decrypt(_USE, token)
    if plain is None:
        return None
    told = json.loads(zlib.decompress(plain))
    owner, secret_key, principal_id, issued_at, expires_at, policy, name, issuers, issuer_uin, key_id = told
    if owner != secret_id:
        return None
    origin = Origin(name, tuple(issuers), issuer_uin, key_id)
    return Session(secret_id, secret_key, token, principal_id, issued_at, expires_at, policy, origin)
