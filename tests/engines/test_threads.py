import pytest

from fittingroom.engines.threads import allowed_threads, limit_threads


def test_unsaid_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert allowed_threads() == 0


def test_what_was_said_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    limit_threads(3)
    assert allowed_threads() == 3


@pytest.mark.parametrize("value", ["4,2", "", "many", "-1"])
def test_what_is_no_number_is_unsaid(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert allowed_threads() == 0


@pytest.mark.parametrize("count", [0, -1])
def test_at_least_one(count: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        limit_threads(count)
