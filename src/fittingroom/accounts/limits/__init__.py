"""How much one account, one address and all callers together may use: running jobs and requests per second.

One gateway counts in its own memory; several count in one Redis or Valkey, so that nobody gets twice the limit from two
of them. Invariant: what cannot be counted is refused.
"""

from fittingroom.accounts.limits.leases import RedisPermits
from fittingroom.accounts.limits.limits import Limits
from fittingroom.accounts.limits.link import RedisLink
from fittingroom.accounts.limits.permits import MemoryPermits, Permits
from fittingroom.accounts.limits.rates import Rates
from fittingroom.accounts.limits.windows import MemoryWindow, RedisWindow, Window

__all__ = [
    "Limits",
    "MemoryPermits",
    "MemoryWindow",
    "Permits",
    "Rates",
    "RedisLink",
    "RedisPermits",
    "RedisWindow",
    "Window",
]
