"""Every way a request can end badly: reason -> published code and the two messages.

Placeholders in braces are filled from `ApiError(**values)`. Where the real service's runtime text is known
(CONTRACT 3.3) the message is that text; elsewhere it states the limit really applied and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause: the published code that the caller sees and the message templates."""

    code: str
    en: str
    zh: str


REASONS: Final[dict[str, Reason]] = {
    # --- pictures: `parameter` is ModelUrl, ClothesUrl or LogoParam.LogoUrl ---------------------------------
    "no_person": Reason(
        "InvalidParameterValue.ParameterValueError",
        "No person was found in the image of `{parameter}`. Use a frontal photo that shows one person's body.",
        "参数 `{parameter}` 的图片中未检测到人物，请使用包含单人正面身体的照片。",
    ),
    "no_garment": Reason(
        "InvalidParameterValue.ParameterValueError",
        "No garment of type {clothes_type} was found in the image of `{parameter}`. "
        "Use a front view of one flat garment and the matching ClothesType.",
        "参数 `{parameter}` 的图片中未检测到类型为 {clothes_type} 的服装，请使用单件服装的正面平铺图并选择对应的 ClothesType。",
    ),
    "internal": Reason(
        "InternalError",
        "An internal error has occurred. Retry your request, but if the problem persists, contact us.",
        "内部错误，请重试；如问题持续存在，请联系我们。",
    ),
    "job_num_exceed": Reason(
        "RequestLimitExceeded.JobNumExceed",
        "Too many tasks are being processed simultaneously. Please try again later.",
        "同时处理的任务数过多，请稍后重试。",
    ),
    "timeout": Reason(
        "FailedOperation.RequestTimeout",
        "The backend service timed out: the picture was not ready within {seconds} seconds. Please try again.",
        "后端服务超时：未能在 {seconds} 秒内生成图片，请重试。",
    ),
    "worker_crashed": Reason(
        "FailedOperation.RpcFail",
        "The worker that processed this request stopped unexpectedly. Please try again.",
        "处理该请求的工作进程意外终止，请重试。",
    ),
}
