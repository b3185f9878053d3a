"""What pictures cost and who paid: a double-entry ledger, and the billing of requests on top of it.

`book` moves money and pictures between buckets, `counter` and `billing` do it for a running server, `desk` for the
operator, `usage` and `verify` read. Rows are only ever added. Invariant: a picture that its caller got was charged
once, one that its caller did not get costs nothing, and the postings of every transaction add up to nothing.
"""

from fittingroom.accounts.ledger.billing import Billing, Reservation

__all__ = ["Billing", "Reservation"]
