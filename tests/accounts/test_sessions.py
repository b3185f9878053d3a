"""What a token carries, and that it opens for its own SecretId alone."""

from __future__ import annotations

import json

from fittingroom.accounts import Vault, sessions
from fittingroom.accounts.sessions import Origin

ORIGIN = Origin("night", ("user-1", "role-1"), 100_000_000_002, "AKIDpermanent")


def test_a_token_opens_to_what_was_issued(vault: Vault) -> None:
    for policy, origin in ((None, sessions.OPERATOR), ('{"version": "2.0"}', ORIGIN)):
        issued = sessions.issue(vault, "role-2", now=1000.5, seconds=60, policy=policy, origin=origin)
        assert sessions.open_token(vault, issued.secret_id, issued.token) == issued
        assert (issued.issued_at, issued.expires_at, issued.origin) == (1000.5, 1060.0, origin)
        assert sessions.is_ours(vault, issued.secret_id)


def test_a_token_opens_for_no_other_id(vault: Vault) -> None:
    one, two = (sessions.issue(vault, "user-1", now=0, seconds=60) for _ in range(2))
    assert sessions.open_token(vault, one.secret_id, two.token) is None
    assert sessions.open_token(vault, one.secret_id, one.token[:-4] + "AAAA") is None
    assert sessions.open_token(vault, one.secret_id, "") is None


def test_neither_the_token_nor_the_id_shows_what_it_carries(vault: Vault) -> None:
    issued = sessions.issue(vault, "user-1", now=0, seconds=60, origin=ORIGIN)
    for word in (issued.secret_key, "night", "AKIDpermanent"):
        assert word not in issued.token
    assert issued.secret_key not in repr(issued)
    assert issued.token not in repr(issued)
    assert issued.secret_key not in issued.secret_id


def test_a_policy_is_packed(vault: Vault) -> None:
    networks = [f"10.{number}.0.0/16" for number in range(250)]
    policy = json.dumps({"version": "2.0", "statement": [{"condition": {"ip_equal": {"qcs:ip": networks}}}]})
    token = sessions.issue(vault, "user-1", now=0, seconds=60, policy=policy).token
    assert len(policy) > sessions.LONGEST_TOKEN
    assert len(token) < sessions.LONGEST_TOKEN
