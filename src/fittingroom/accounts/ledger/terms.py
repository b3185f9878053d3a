"""What one more picture costs an account: nothing, a price, or one of the month's pictures.

A pure function of what a running server has in memory. Invariant: an account whose plan lacks its price or its quota is
refused rather than served for nothing.
"""

from __future__ import annotations

from fittingroom.accounts.ledger.book import Balance, Claim
from fittingroom.accounts.ledger.money import MONEY, month_of, next_month, pictures_of, show
from fittingroom.accounts.ledger.standing import default_price
from fittingroom.accounts.records import AccountRecord, Plan
from fittingroom.errors import ApiError
from fittingroom.settings import BillingSettings


def claim_for(account: AccountRecord, settings: BillingSettings, request_id: str, at: float) -> Claim | None:
    """What to reserve; None on the plan `free`. at: Unix seconds. Raises `ApiError`."""
    if account.plan is Plan.FREE:
        return None
    if account.plan is Plan.PREPAID:
        price = account.price if account.price is not None else default_price(settings)
        if price is None:
            raise ApiError("terms_missing", cause=f"account {account.name} is prepaid and there is no price")
        return Claim(account.id, request_id, MONEY, price)
    quota = account.quota if account.quota is not None else settings.quota
    if quota is None:
        raise ApiError("terms_missing", cause=f"account {account.name} has the plan quota and there is no quota")
    return Claim(account.id, request_id, pictures_of(month_of(at)), 1, grant=quota)


def too_low(claim: Claim, found: Balance) -> ApiError:
    """The refusal of a claim that the balance does not cover."""
    if claim.unit != MONEY:
        month = claim.unit.partition(":")[2]
        return ApiError("quota_used_up", quota=-found.funding, month=month, renews=f"{next_month(month)}-01 00:00 UTC")
    values = {"price": show(claim.amount), "available": show(found.available)}
    return ApiError("balance_negative" if found.available < 0 else "balance_low", **values)
