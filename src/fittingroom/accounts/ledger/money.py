"""Money and months, as the ledger counts them and as people write them.

Money is an integer number of millionths of the currency's unit, whichever that is: no float ever holds an amount.
Invariant: what `show` writes, `parse` reads back to the same number.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from fittingroom.accounts.database import AccountError

MILLIONTHS: Final = 10**6
MOST: Final = 10**9 * MILLIONTHS
"""The largest amount that one command moves."""

MONEY: Final = "money"
COUNTED: Final = "pictures"
"""The unit of pictures that nobody pays for."""

_WRITTEN = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,6})?")
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


def parse(text: str) -> int:
    """Millionths. text: `12`, `0.35`, `-7.5`. Raises `AccountError`."""
    if not _WRITTEN.fullmatch(text):
        raise AccountError(
            f"{text[:32]!r} is no amount of money: write digits with at most six decimals, such as 12.50"
        )
    amount = of_decimal(Decimal(text))
    if abs(amount) > MOST:
        raise AccountError(f"{text} is more than one entry may move ({MOST // MILLIONTHS})")
    return amount


def of_decimal(amount: Decimal) -> int:
    """Millionths of an amount with at most six decimals."""
    return int(amount * MILLIONTHS)


def show(amount: int) -> str:
    """As people write it: `12.50`, `0.000001`, `-3.00`."""
    sign, (whole, rest) = "-" if amount < 0 else "", divmod(abs(amount), MILLIONTHS)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{decimals}"


def show_unit(unit: str, amount: int) -> str:
    """An amount of any unit: money with decimals, pictures without."""
    return show(amount) if unit == MONEY else str(amount)


def month_of(moment: float) -> str:
    """`2026-11`, of Unix seconds, UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m")


def pictures_of(month: str) -> str:
    """The unit of a month's pictures: `pictures:2026-11`."""
    return f"{COUNTED}:{month}"


def next_month(month: str) -> str:
    """`2027-01` of `2026-12`."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def span(month: str) -> tuple[float, float]:
    """Unix seconds of a month's begin and of the next one's. Raises `AccountError`."""
    if not _MONTH.fullmatch(month):
        raise AccountError(f"{month[:32]!r} is no month: write it as 2026-11")
    first, after = (
        datetime.strptime(f"{one}-01", "%Y-%m-%d").replace(tzinfo=UTC) for one in (month, next_month(month))
    )
    return first.timestamp(), after.timestamp()
