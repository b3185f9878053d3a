"""Who may open a result's URL, and until when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fittingroom.errors import ResultForbidden, ResultGone
from fittingroom.results.signing import check, sign

SECRET = b"0123456789abcdef"
NAME = "a" * 32 + ".jpg"


def query(expires: object = 1000, secret: bytes = SECRET, name: str = NAME) -> dict[str, str]:
    return {"expires": str(expires), "signature": sign(secret, name, int(str(expires)))}


def test_the_url_as_given_out_is_good_until_it_expires():
    check(SECRET, NAME, query(), 0)
    check(SECRET, NAME, query(), 999.9)
    with pytest.raises(ResultGone):
        check(SECRET, NAME, query(), 1000)


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"expires": "1000"},
        {"signature": sign(SECRET, NAME, 1000)},
        query() | {"expires": "1001"},
        query() | {"expires": "99999999"},
        query() | {"expires": "1000 "},
        query() | {"expires": "+1000"},
        query() | {"expires": "-1000"},
        query() | {"expires": "1_000"},
        query() | {"expires": "１０００"},
        query() | {"expires": ""},
        query() | {"expires": "9" * 5000},
        query() | {"signature": ""},
        query() | {"signature": query()["signature"].upper()},
        query() | {"signature": query()["signature"] + "0"},
        query() | {"signature": "\ud800é"},
        query(secret=b"another secret..."),
        query(name="b" * 32 + ".jpg"),
        query(name=NAME.replace("jpg", "png")),
    ],
)
def test_anything_else_is_forbidden_and_says_nothing_of_expiry(forged):
    for now in (0, 10**12):
        with pytest.raises(ResultForbidden):
            check(SECRET, NAME, forged, now)


@given(st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_a_signature_with_one_digit_changed_is_forbidden(at, digit):
    good = query()["signature"]
    forged = good[:at] + digit + good[at + 1 :]
    if forged != good:
        with pytest.raises(ResultForbidden):
            check(SECRET, NAME, {"expires": "1000", "signature": forged}, 0)


def test_signatures_of_name_and_expiry_cannot_be_traded_for_one_another():
    assert sign(SECRET, "a1", 1) != sign(SECRET, "a", 11)
