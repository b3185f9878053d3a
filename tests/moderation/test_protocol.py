import math

import pytest

from fittingroom.errors import ApiError
from fittingroom.moderation.protocol import Role, Verdict, require


def test_what_is_allowed_passes() -> None:
    for role in Role:
        require(Verdict(role, 0.1, True, "test"), "ModelUrl")


@pytest.mark.parametrize("role", [Role.PERSON, Role.GARMENT, Role.LOGO])
def test_a_refused_input_names_its_parameter_and_its_cause_stays_inside(role: Role) -> None:
    with pytest.raises(ApiError) as caught:
        require(Verdict(role, 0.91234, False, "test"), "ClothesUrl")
    assert caught.value.code == "OperationDenied.ImageIllegalDetected"
    assert "`ClothesUrl`" in caught.value.message()
    assert "Use another image" in caught.value.message()
    assert caught.value.cause == "test: score 0.912"
    assert "0.91" not in caught.value.message() + caught.value.message("zh-CN")


def test_a_refused_result_accuses_nobody() -> None:
    with pytest.raises(ApiError) as caught:
        require(Verdict(Role.RESULT, math.nan, False, "test"))
    assert caught.value.code == "FailedOperation.GenerateImageFailed"
    assert "Use other photos" in caught.value.message()
