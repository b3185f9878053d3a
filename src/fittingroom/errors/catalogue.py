"""The catalogue of error codes: those of the action's published page and those common to every Tencent Cloud API.

A client may switch on any of these codes, so their spelling is part of the wire and no answer carries another one.
Each has a default text in English and Chinese and a meaning: what makes this server answer it, or why it never does.
The finer causes, with the messages that callers really get, are in `reasons`; `document` prints both as docs/errors.md.
Invariant: the page's 28 codes and all common codes are here, each once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Source = Literal["action", "common", "both"]


@dataclass(frozen=True, slots=True)
class PublishedCode:
    """One code. source: the published list it stands in. meaning: for the operator and the caller, English."""

    code: str
    source: Source
    en: str
    zh: str
    meaning: str


def _table(source: Source, *rows: tuple[str, str, str, str]) -> list[PublishedCode]:
    return [PublishedCode(code, source, en, zh, meaning) for code, en, zh, meaning in rows]


_ACTION = _table(
    "action",
    (
        "FailedOperation.GenerateImageFailed",
        "The generated image did not pass the review.",
        "生成的图片未通过审核。",
        "The engine's confidence in the result is below the setting `images.min_confidence`.",
    ),
    (
        "FailedOperation.ImageDecodeFailed",
        "The image could not be decoded.",
        "图片解码失败。",
        "The bytes behind a URL, or of a logo, are no picture of a supported type, or are damaged.",
    ),
    (
        "FailedOperation.ImageDownloadError",
        "The image could not be downloaded.",
        "图片下载失败。",
        "The URL could not be fetched: name, connection, status, time, or an address that must not be fetched from.",
    ),
    (
        "FailedOperation.ImageResolutionExceed",
        "The image resolution is too high.",
        "图片分辨率过大。",
        "A side is not below the upper limit. The page's text says 2000; the limit applied is in the message.",
    ),
    (
        "FailedOperation.ImageSizeExceed",
        "The image is too large after Base64 encoding.",
        "图片 Base64 编码后过大。",
        "The size after Base64 reaches the limit. The page's text says 10 MB; the limit applied is in the message.",
    ),
    (
        "FailedOperation.InnerError",
        "Internal service error. Please try again.",
        "服务内部错误，请重试。",
        "The engine failed on these pictures, or they need more memory than one request may use.",
    ),
    (
        "FailedOperation.RequestEntityTooLarge",
        "The entity is too large.",
        "整个请求体过大。",
        "The finished picture does not fit into a Base64 answer. Ask for RspImgType url.",
    ),
    (
        "FailedOperation.RequestTimeout",
        "The backend service timed out.",
        "后端服务超时。",
        "The picture was not ready at the deadline; the work was stopped.",
    ),
    (
        "FailedOperation.RpcFail",
        "The algorithm service failed.",
        "算法服务调用失败。",
        "The worker process that held this request died.",
    ),
    ("FailedOperation.ServerError", "Internal service error.", "服务内部错误。", "The engine could not be started."),
    ("FailedOperation.Unknown", "Unknown error.", "未知错误。", "Every failure here has a cause with its own code."),
    (
        "InvalidParameter.InvalidParameter",
        "Invalid parameters.",
        "参数不合法。",
        "Parameters that are well-formed one by one do not make sense together.",
    ),
    (
        "InvalidParameterValue.ImageEmpty",
        "No image is input.",
        "输入图片为空。",
        "A picture's URL is an empty text, or what it leads to is empty.",
    ),
    (
        "InvalidParameterValue.ParameterValueError",
        "A parameter or its value is invalid.",
        "参数字段或者值有误。",
        "A value outside those documented, a picture too small or without person or garment, a logo that is not "
        "Base64, or one whose rectangle does not fit.",
    ),
    (
        "InvalidParameterValue.StyleConflict",
        "These styles exclude each other.",
        "所选风格互斥，不能同时使用。",
        "Belongs to other actions of the product: this action has no styles.",
    ),
    (
        "InvalidParameterValue.TextLengthExceed",
        "The input text is too long.",
        "输入文本过长。",
        "Belongs to other actions of the product: this action takes no text.",
    ),
    (
        "InvalidParameterValue.UrlIllegal",
        "The URL format is invalid.",
        "URL 格式不合法。",
        "A URL is not http or https, is too long, has no valid host, has a port that is not for HTTP, holds blanks, "
        "backslashes or control characters, or carries a user name.",
    ),
    (
        "OperationDenied.ImageIllegalDetected",
        "The image did not pass the review.",
        "图片未通过审核。",
        "Needs a reviewer of inputs; none is built in.",
    ),
    (
        "OperationDenied.TextIllegalDetected",
        "The text did not pass the review.",
        "文本未通过审核。",
        "Belongs to other actions of the product: this action takes no text.",
    ),
    (
        "RequestLimitExceeded.JobNumExceed",
        "Too many tasks are being processed simultaneously. Please try again later.",
        "同时处理的任务数过多，请稍后重试。",
        "The account's jobs in flight have reached its limit.",
    ),
    ("ResourceUnavailable.Delivering", "The resource is being delivered.", "资源正在发货中。", "No billing."),
    ("ResourceUnavailable.InArrears", "The account is in arrears.", "账号已欠费。", "No billing."),
    ("ResourceUnavailable.LowBalance", "The balance is insufficient.", "余额不足。", "No billing."),
    ("ResourceUnavailable.NotExist", "The billing status is unknown.", "计费状态未知。", "No billing."),
    ("ResourceUnavailable.StopUsing", "The account's services are stopped.", "账号已停服。", "No billing."),
    ("ResourcesSoldOut.ChargeStatusException", "The billing status is abnormal.", "计费状态异常。", "No billing."),
)

_BOTH = _table(
    "both",
    (
        "AuthFailure.UnauthorizedOperation",
        "You are not authorized to perform this operation.",
        "您无权执行该操作。",
        "No policy of the sub-user or of its temporary credential allows the action, or a policy denies it.",
    ),
    (
        "RequestLimitExceeded",
        "Requests are too frequent.",
        "请求过于频繁。",
        "All workers are busy and their queue is full, or the bodies of all requests together take up their room.",
    ),
)

_COMMON = _table(
    "common",
    ("ActionOffline", "This API is no longer offered.", "接口已下线。", "No action has been withdrawn."),
    (
        "AuthFailure.InvalidAuthorization",
        "`Authorization` in the request header is invalid.",
        "请求头部的 `Authorization` 不符合规范。",
        "The header is not of the TC3-HMAC-SHA256 form, or lacks a signed header.",
    ),
    (
        "AuthFailure.InvalidSecretId",
        "The SecretId is not of a valid form.",
        "密钥非法。",
        "The SecretId holds blanks or control characters, or is too long.",
    ),
    ("AuthFailure.MFAFailure", "Multi-factor authentication failed.", "MFA 错误。", "No second factor is used."),
    (
        "AuthFailure.SecretIdNotFound",
        "The SecretId is not found, please ensure that your SecretId is correct.",
        "密钥不存在，请检查 SecretId 是否正确。",
        "Unknown, or revoked.",
    ),
    (
        "AuthFailure.SignatureExpire",
        "The signature is expired, please request again.",
        "签名过期，请重新请求。",
        "The timestamp is too far from the server's clock.",
    ),
    (
        "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated. Please check your signature is correct.",
        "请求签名验证失败，请检查您的签名计算是否正确。",
        "The signature does not fit the request and the key, or a form (signature v1) is over its limit.",
    ),
    (
        "AuthFailure.TokenFailure",
        "Token verification failed, please check if your Token is correct.",
        "Token 校验失败，请检查 Token 是否正确。",
        "A temporary key without its token or past its time, or a token with a permanent key.",
    ),
    ("DryRunOperation", "The request would have succeeded.", "请求将会是成功的。", "There is no parameter DryRun."),
    ("FailedOperation", "Operation failed.", "操作失败。", "A finer code is always used."),
    ("InternalError", "An internal error has occurred.", "内部错误。", "A fault of this server; its log says which."),
    (
        "InvalidAction",
        "The action is invalid or not found.",
        "接口不存在。",
        "The version has no action of this name; upper and lower case count.",
    ),
    ("InvalidParameter", "Incorrect parameter.", "参数错误。", "A value of the wrong type, or a malformed body."),
    ("InvalidParameterValue", "Invalid parameter value.", "参数取值错误。", "A common parameter's value is not valid."),
    (
        "InvalidRequest",
        "The request body is incorrect.",
        "请求体格式错误。",
        "A content type that this API does not take, or a body that did not arrive in time.",
    ),
    (
        "IpInBlacklist",
        "The IP address is blocked.",
        "IP 地址在黑名单中。",
        "The account's deny list holds the address.",
    ),
    (
        "IpNotInWhitelist",
        "The IP address is not allowed.",
        "IP 地址不在白名单中。",
        "The account has an allow list, and the address is not in it.",
    ),
    ("LimitExceeded", "A quota is exceeded.", "超过配额限制。", "There are no quotas."),
    ("MissingParameter", "A parameter is missing.", "缺少参数。", "A required parameter is absent or null."),
    (
        "NoSuchProduct",
        "The product does not exist.",
        "产品不存在。",
        "With `strict_service`: the credential names another service.",
    ),
    ("NoSuchVersion", "The API version does not exist.", "接口版本不存在。", "Only 2022-12-29 exists."),
    (
        "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
        "The account's requests are too frequent.",
        "主账号超过频率限制。",
        "A limit of requests in a second is not enforced.",
    ),
    (
        "RequestLimitExceeded.IPLimitExceeded",
        "The address's requests are too frequent.",
        "IP 限频。",
        "A limit of requests in a second is not enforced.",
    ),
    (
        "RequestLimitExceeded.UinLimitExceeded",
        "The account's requests are too frequent.",
        "主账号限频。",
        "A limit of requests in a second is not enforced.",
    ),
    ("RequestSizeLimitExceeded", "The request is too large.", "请求包超过限制大小。", "Body or query over the limit."),
    ("ResourceInUse", "The resource is in use.", "资源被占用。", "The action has no resources."),
    ("ResourceInsufficient", "Resources are insufficient.", "资源不足。", "No room for another result by URL."),
    ("ResourceNotFound", "The resource does not exist.", "资源不存在。", "A path at which nothing is served."),
    ("ResourceUnavailable", "The resource is unavailable.", "资源不可用。", "The action has no resources."),
    ("ResponseSizeLimitExceeded", "The response is too large.", "返回包超过限制大小。", "A finer code is used."),
    ("ServiceUnavailable", "The service is unavailable now.", "当前服务暂时不可用。", "The server is shutting down."),
    (
        "UnauthorizedOperation",
        "Unauthorized operation.",
        "未授权操作。",
        "A finer code is used: AuthFailure.UnauthorizedOperation.",
    ),
    ("UnknownParameter", "Unknown parameter.", "未知参数错误。", "A parameter, at any depth, that is not defined."),
    ("UnsupportedOperation", "Unsupported operation.", "操作不支持。", "A finer code is always used."),
    (
        "UnsupportedProtocol",
        "Only GET and POST requests are supported.",
        "请求协议错误，仅支持 GET 和 POST 请求。",
        "Another HTTP method.",
    ),
    (
        "UnsupportedRegion",
        "The action not support this region.",
        "接口不支持所传地域。",
        "Not in the operator's list of regions, where there is one.",
    ),
)

CATALOGUE: Final[dict[str, PublishedCode]] = {entry.code: entry for entry in _ACTION + _BOTH + _COMMON}
"""Code -> entry, the action's own first."""
