import pytest
from hypothesis import given
from hypothesis import strategies as st

from fittingroom.accounts import AccountError
from fittingroom.accounts.ledger import money


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12", 12_000_000), ("0.35", 350_000), ("-7.5", -7_500_000), ("+0.000001", 1), ("1000000000", 10**15), ("0", 0)],
)
def test_amounts_are_read_to_the_millionth(text: str, amount: int) -> None:
    assert money.parse(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", "1.", ".5", "1,50", "0.0000001", "1e3", "nan", "inf", "12 ", "１２", "1000000000.000001"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(AccountError, match=r"no amount of money|more than one entry"):
        money.parse(text)


@pytest.mark.parametrize("text", ["1000000001", "99999999999999999999", "-99999999999999999999.999999"])
def test_what_is_too_much_is_said_to_be_too_much(text: str) -> None:
    with pytest.raises(AccountError, match=r"more than one entry may move \(1000000000\)"):
        money.parse(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0.00"),
        (12_500_000, "12.50"),
        (1, "0.000001"),
        (-3_000_000, "-3.00"),
        (-1, "-0.000001"),
        (123_400, "0.1234"),
    ],
)
def test_amounts_are_written_with_two_decimals_or_more(amount: int, text: str) -> None:
    assert money.show(amount) == text


@given(st.integers(-(10**15), 10**15))
def test_what_is_written_is_read_back(amount: int) -> None:
    assert money.parse(money.show(amount)) == amount


def test_units_are_written_as_they_are_counted() -> None:
    assert money.show_unit("money", 1_500_000) == "1.50"
    assert money.show_unit("pictures:2026-11", 3) == "3"


def test_months() -> None:
    assert money.month_of(1_795_300_000) == "2026-11"
    assert money.next_month("2026-11") == "2026-12"
    assert money.next_month("2026-12") == "2027-01"
    begin, end = money.span("2026-12")
    assert money.month_of(begin) == "2026-12"
    assert money.month_of(begin - 1) == "2026-11"
    assert money.month_of(end - 1) == "2026-12"
    assert money.month_of(end) == "2027-01"


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-00", "26-11", "2026-11-01", "november"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(AccountError, match="no month"):
        money.span(text)
