"""The codes that the product publishes for its other actions, those of jobs among them, and that this server answers.

Invariant: what stands on the page of `ChangeClothes` or among the common codes is not here.
"""

from __future__ import annotations

from typing import Final

from fittingroom.errors.published import PublishedCode

JOB_CODES: Final[tuple[PublishedCode, ...]] = (
    PublishedCode(
        "FailedOperation.JobNotExist",
        source="product",
        en="The job does not exist.",
        zh="任务不存在。",
        when="A job is queried by a JobId that the account does not have for this action, or that ended too long ago.",
        how="Call `QueryChangeClothesJob` with `JobId` set to any UUID.",
        remedy="Use the JobId that the submission answered, and ask within `jobs.keep` seconds of the job's end.",
    ),
)
