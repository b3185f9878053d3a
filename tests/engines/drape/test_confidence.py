"""Confidence from signals: every risk lowers it, none is needed, and doubt names what weighs most."""

from __future__ import annotations

import pytest

from fittingroom.engines.drape.confidence import CLOTHES, DOUBT, GARMENT, PERSON, Model, Term, confidence, doubt, fitted

MODEL = Model(2.0, {"removed_share": Term(3.0, 0.2, CLOTHES), "garment_spread": Term(1.5, 0.1, GARMENT)})


def test_without_any_risk_only_the_bias_speaks() -> None:
    assert confidence({}, MODEL) == pytest.approx(0.8808, abs=1e-4)
    assert doubt({}, MODEL) == ()


@pytest.mark.parametrize("name", list(fitted().terms))
def test_each_risk_of_the_fitted_model_lowers_the_confidence(name: str) -> None:
    values = [confidence({name: share * fitted().terms[name].full}) for share in (0.0, 0.5, 1.0, 2.0)]
    assert values[0] > values[1] > values[2] == values[3]
    assert 0.0 < values[2] < values[0] < 1.0


def test_unknown_signals_do_not_count() -> None:
    assert confidence({"something": 9.0}, MODEL) == confidence({}, MODEL)


@pytest.mark.parametrize(
    ("signals", "advice"),
    [
        ({"removed_share": 0.2, "garment_spread": 0.0}, CLOTHES),
        ({"removed_share": 0.09, "garment_spread": 0.1}, GARMENT),
    ],
)
def test_doubt_tells_what_to_do_about_what_weighs_most(signals: dict[str, float], advice: str) -> None:
    assert confidence(signals, MODEL) < DOUBT
    assert doubt(signals, MODEL) == (f"The result is doubtful. {advice}",)


def test_every_term_of_the_fitted_model_has_advice_for_the_caller() -> None:
    assert fitted().terms
    assert all(term.weight > 0 and term.full > 0 and term.advice for term in fitted().terms.values())
    assert PERSON in {term.advice for term in fitted().terms.values()}
