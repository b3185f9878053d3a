"""Who is let in: revoked, expired and temporary keys, and that an unknown id is not told by the time it takes."""

from __future__ import annotations

import hmac

import pytest

from fittingroom.wire import tc3, v1


def test_revoked_key_is_unknown(kit):
    world = kit.World(kit.Key(enabled=False))
    assert world.send(kit.sign_json(kit.GOOD)).code == "AuthFailure.SecretIdNotFound"


@pytest.mark.parametrize(
    ("left", "code"), [(1, "OK"), (0, "AuthFailure.TokenFailure"), (-1, "AuthFailure.TokenFailure")]
)
def test_temporary_key_expires(kit, left, code):
    world = kit.World(kit.Key(token="t", expires_at=kit.NOW + left))
    assert world.send(kit.sign_json(kit.GOOD, extra={"X-TC-Token": "t"})).code == code


def test_permanent_key_past_its_time_is_unknown(kit):
    world = kit.World(kit.Key(expires_at=kit.NOW - 1))
    assert world.send(kit.sign_json(kit.GOOD)).code == "AuthFailure.SecretIdNotFound"


@pytest.mark.parametrize("token", ["", "null"])
def test_empty_token_is_none(kit, world, token):
    assert world.send(kit.sign_json(kit.GOOD, extra={"X-TC-Token": token})).code == "OK"


def test_a_key_cannot_sign_for_another(kit):
    other = kit.Key(secret_id="AKIDother", secret_key="another key of another account")
    world = kit.World(kit.Key(), other)
    assert world.send(kit.sign_json(kit.GOOD, secret_id="AKIDother")).code == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize("sign", ["sign_json", "sign_v1"])
def test_unknown_id_costs_what_a_bad_signature_costs(kit, monkeypatch, sign):
    """Counted in HMACs: the one part whose time depends on how much is computed."""
    counts = []

    def digest(*arguments):
        counts[-1] += 1
        return hmac.digest(*arguments)

    for module in (tc3, v1):
        fake = type("hmac", (), {"digest": staticmethod(digest), "compare_digest": staticmethod(hmac.compare_digest)})
        monkeypatch.setattr(module, "hmac", fake)
    codes = []
    for secret_id in (kit.SECRET_ID, "AKIDnobody", "AKIDrevoked"):
        counts.append(0)
        world = kit.World(kit.Key(), kit.Key(secret_id="AKIDrevoked", enabled=False))
        if sign == "sign_json":
            sent = kit.sign_json(kit.GOOD, secret_key="bad", secret_id=secret_id)
        else:
            sent = kit.sign_v1(kit.GOOD, Signature="bad", SecretId=secret_id)
        codes.append(world.send(sent).code)
    assert codes == ["AuthFailure.SignatureFailure"] + ["AuthFailure.SecretIdNotFound"] * 2
    assert counts[0] >= 4
    assert len(set(counts)) == 1


def test_only_an_accepted_signature_is_a_use(kit):
    world = kit.World(kit.Key(), kit.Key(secret_id="AKIDoff", enabled=False))
    for refused in (
        kit.sign_json(kit.GOOD, secret_key="bad"),
        kit.sign_json(kit.GOOD, secret_id="AKIDoff"),
        kit.sign_json(kit.GOOD, extra={"X-TC-Token": "t"}),
    ):
        assert world.send(refused).code.startswith("AuthFailure.")
    assert world.services.keys.noted == []
    assert world.send(kit.sign_json({})).code == "MissingParameter"
    assert world.services.keys.noted == [kit.SECRET_ID]
