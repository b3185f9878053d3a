"""Review as a caller meets it, through the HTTP application: the three codes, and what the operator's reviewer may say.

The built-in reviewer judges in workers; `tests/server/test_review.py` meets it in one.
"""

from __future__ import annotations

import pytest

from fittingroom.errors import ApiError


@pytest.mark.parametrize(
    ("role", "reason", "code", "word"),
    [
        ("garment", "image_refused", "OperationDenied.ImageIllegalDetected", "`ClothesUrl`"),
        ("result", "result_refused", "FailedOperation.GenerateImageFailed", "generated image"),
        ("person", "review_unavailable", "FailedOperation.RpcFail", "`ModelUrl`"),
        ("result", "result_review_unavailable", "FailedOperation.RpcFail", "not delivered"),
    ],
)
def test_each_refusal_has_its_published_code_and_frees_the_permit(kit, world, role, reason, code, word):
    async def script(submission):
        if submission.role == role:
            raise ApiError(reason, cause="hook: a reason of the operator", parameter=submission.parameter)

    world.services.hook.script = script
    answer = world.send(kit.sign_json({**kit.GOOD, "RspImgType": "url"}))
    assert (answer.status, answer.code) == (200, code)
    assert word in answer.message
    assert b"operator" not in answer.body
    assert world.services.results.files == {}
    assert len(world.services.dispatcher.jobs) == (role == "result")
    assert world.services.permits.held == set()
