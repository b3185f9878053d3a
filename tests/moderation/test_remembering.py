"""Verdicts on inputs are remembered for their account; results and logos, and other pixels, are judged each time."""

from __future__ import annotations

import numpy as np
import pytest

from fittingroom.engines.analysis import AnalysisCache
from fittingroom.engines.protocol import RgbImage
from fittingroom.moderation.protocol import Role, Verdict
from fittingroom.moderation.remembering import RememberingReviewer


class Judge:
    """Scores by the first pixel and counts."""

    def __init__(self) -> None:
        self.asked: list[Role] = []

    def review(self, picture: RgbImage, role: Role) -> Verdict:
        self.asked.append(role)
        score = float(picture.flat[0]) / 255
        return Verdict(role, score, score < 0.5, "judge")


def photo(value: int) -> RgbImage:
    return np.full((8, 6, 3), value, np.uint8)


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def cache() -> AnalysisCache:
    return AnalysisCache(100_000, 60.0)


@pytest.mark.parametrize("value", [10, 200])
def test_the_same_input_of_the_same_account_is_judged_once(judge: Judge, cache: AnalysisCache, value: int) -> None:
    verdicts = [RememberingReviewer(judge, cache.of("one")).review(photo(value), Role.PERSON) for _ in range(2)]
    assert verdicts[0] == verdicts[1] == Verdict(Role.PERSON, value / 255, value == 10, "judge")
    assert judge.asked == [Role.PERSON]


def test_another_account_role_or_picture_is_judged_anew(judge: Judge, cache: AnalysisCache) -> None:
    for account, value, role in [
        ("one", 10, Role.PERSON),
        ("two", 10, Role.PERSON),
        ("one", 200, Role.PERSON),
        ("one", 10, Role.GARMENT),
    ]:
        verdict = RememberingReviewer(judge, cache.of(account)).review(photo(value), role)
        assert (verdict.role, verdict.allowed) == (role, value == 10)
    assert len(judge.asked) == 4


@pytest.mark.parametrize("role", [Role.RESULT, Role.LOGO])
def test_results_and_logos_are_always_judged(judge: Judge, cache: AnalysisCache, role: Role) -> None:
    analyses = cache.of("one")
    for _ in range(2):
        RememberingReviewer(judge, analyses).review(photo(10), role)
    assert judge.asked == [role, role]
    assert (analyses.used, cache.counts.entries) == ([], 0)
