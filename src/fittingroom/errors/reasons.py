"""Every way a request can end badly: reason -> published code and the two messages.

Where the published service is known to answer a text of its own, the message is that text, since clients may look for
it; elsewhere it states the limit really applied and what to do. Invariant: no message holds an address, a path or a
secret of the server, and no name stands twice.
"""

from __future__ import annotations

from typing import Final

from fittingroom.errors.picture_reasons import PICTURE_REASONS
from fittingroom.errors.reason import Reason
from fittingroom.errors.request_reasons import REQUEST_REASONS
from fittingroom.errors.running_reasons import RUNNING_REASONS
from fittingroom.errors.sts_reasons import STS_REASONS

REASONS: Final[dict[str, Reason]] = {
    **PICTURE_REASONS,
    **RUNNING_REASONS,
    **REQUEST_REASONS,
    **{name: Reason(*row) for name, row in STS_REASONS.items()},
}
