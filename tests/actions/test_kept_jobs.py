import json

import pytest

from fittingroom.actions.registry import JOBS
from fittingroom.errors import ApiError


def test_kept_parameters_that_do_not_fit_are_not_quoted() -> None:
    kept = json.dumps({"ModelUrl": "https://shop.example/p.jpg?sign=private", "ClothesUrl": 1, "Gone": "private"})
    with pytest.raises(ApiError) as caught:
        JOBS["ChangeClothes"].read(kept, None)
    assert caught.value.reason == "internal"
    assert "private" not in str(caught.value.cause)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
