"""Verdicts on photos of persons and garments, remembered as analyses are.

The reviewer's answer depends on the pixels and the role alone, so the tenth picture of the same shopper need not ask it
about that photo again. Invariant: a remembered verdict was given on exactly these pixels, in this role, by this
process's reviewer, to this account; results and logos are always judged.
"""

from __future__ import annotations

from fittingroom.engines.analysis import Analyses
from fittingroom.engines.protocol import RgbImage
from fittingroom.moderation.protocol import Reviewer, Role, Verdict


class RememberingReviewer:
    """`reviewer` for one job, which asks `analyses` first."""

    def __init__(self, reviewer: Reviewer, analyses: Analyses) -> None:
        self._reviewer = reviewer
        self._analyses = analyses

    def review(self, picture: RgbImage, role: Role) -> Verdict:
        """See `Reviewer.review`."""
        if role not in (Role.PERSON, Role.GARMENT):
            return self._reviewer.review(picture, role)
        judge = self._reviewer
        return self._analyses.get("review", picture, role, lambda: judge.review(picture, role))
