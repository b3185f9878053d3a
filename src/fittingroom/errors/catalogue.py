"""The catalogue of error codes: of the action's published page, common to every Tencent Cloud API, of `sts`, of jobs.

A client may switch on any of these codes, so their spelling is part of the wire and no answer carries another one.
The finer causes, with the messages that callers really get, are in `reasons`; `document` prints both as docs/errors.md,
and tests/errors/test_every_code.py brings each answered code about on a running server. Invariant: the page's 28 codes,
all common ones and all of sts are here, each once, and each says how it is reached or why it never is.
"""

from __future__ import annotations

from typing import Final

from fittingroom.errors.action_codes import ACTION_CODES
from fittingroom.errors.common_codes import COMMON_CODES
from fittingroom.errors.job_codes import JOB_CODES
from fittingroom.errors.published import PublishedCode
from fittingroom.errors.sts_codes import STS_CODES

CATALOGUE: Final[dict[str, PublishedCode]] = {
    entry.code: entry for entry in ACTION_CODES + COMMON_CODES + STS_CODES + JOB_CODES
}
"""Code -> entry, the action's own first."""
