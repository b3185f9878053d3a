"""The codes of the published page of `ChangeClothes`, each with when, how to bring it about, and what to do.

Recipes speak of the command line where it reaches the code, and of a request's parameters where it does not; `URL` is
that of a picture which the server may fetch. Invariant: the page's 28 codes are here, each once.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from fittingroom.errors.published import PublishedCode

_code = partial(PublishedCode, source="action")
_both = partial(PublishedCode, source="both")

ACTION_CODES: Final[tuple[PublishedCode, ...]] = (
    _both(
        "AuthFailure.UnauthorizedOperation",
        en="You are not authorized to perform this operation.",
        zh="您无权执行该操作。",
        when="No policy of the sub-user or of its temporary credential allows the action, or a policy denies it.",
        how="`fittingroom users create NAME alice`; call with what `fittingroom keys create NAME --user alice` prints.",
        remedy="Ask the account's administrator for a policy that allows `aiart:ChangeClothes`.",
    ),
    _code(
        "FailedOperation.GenerateImageFailed",
        en="The generated image did not pass the review.",
        zh="生成的图片未通过审核。",
        when="The engine's confidence in the result is below the setting `images.min_confidence`; or a reviewer, the "
        "built-in one or the operator's own, refused the result.",
        how="Set `FITTINGROOM_IMAGES__MIN_CONFIDENCE=1` and call; or set "
        "`FITTINGROOM_MODERATION__MAX_RESULT_SCORE=0.000001` and call.",
        remedy="Use other photos; the message says what looked doubtful. The same photos give the same answer.",
    ),
    _code(
        "FailedOperation.ImageDecodeFailed",
        en="The image could not be decoded.",
        zh="图片解码失败。",
        when="The bytes behind a URL, or of a logo, are no picture of a supported type, or are damaged.",
        how="Call with the URL of a text file as `ModelUrl`.",
        remedy="Send a JPEG, PNG, WebP, BMP or AVIF file that opens in an image viewer.",
    ),
    _code(
        "FailedOperation.ImageDownloadError",
        en="The image could not be downloaded.",
        zh="图片下载失败。",
        when="The URL could not be fetched: name, connection, status, time, or an address that is not allowed.",
        how="Call with a URL that answers 404, or with `http://127.0.0.1/a.png` on a server without `--allow-net`.",
        remedy="Use a public URL that opens without cookies; the message says what went wrong.",
    ),
    _code(
        "FailedOperation.ImageResolutionExceed",
        en="The image resolution is too high.",
        zh="图片分辨率过大。",
        when="A side is not below the upper limit. The page says 2000; the limit applied is in the message.",
        how="Call with a picture of 3000 x 600 px.",
        remedy="Scale the picture down below the limit in the message.",
    ),
    _code(
        "FailedOperation.ImageSizeExceed",
        en="The image is too large after Base64 encoding.",
        zh="图片 Base64 编码后过大。",
        when="The size after Base64 reaches the limit. The page says 10 MB; the limit applied is in the message.",
        how="Call with the URL of a file of 6.3 MB.",
        remedy="Compress the picture, for example as JPEG of quality 90.",
    ),
    _code(
        "FailedOperation.InnerError",
        en="Internal service error. Please try again.",
        zh="服务内部错误，请重试。",
        when="The engine failed on these pictures, they need more memory than one request may use, or the server stood "
        "still for so long that another one gave back what was set aside for the picture.",
        how="Start with `FITTINGROOM_DISPATCH__MEMORY_MB=1` and call, or run an engine that raises an exception.",
        remedy="Try other or smaller pictures; tell the operator the RequestId, by which the log has the cause.",
    ),
    _code(
        "FailedOperation.RequestEntityTooLarge",
        en="The entity is too large.",
        zh="整个请求体过大。",
        when="The finished picture does not fit into a Base64 answer.",
        how="Start with `FITTINGROOM_WIRE__MAX_RESPONSE_BYTES=1000` and call with `RspImgType` `base64`.",
        remedy="Set `RspImgType` to `url`.",
    ),
    _code(
        "FailedOperation.RequestTimeout",
        en="The backend service timed out.",
        zh="后端服务超时。",
        when="The picture was not ready at the deadline, or its job took longer than one may; the work was stopped.",
        how="Start with `FITTINGROOM_LIMITS__DEADLINE=0.2`, or with `FITTINGROOM_DISPATCH__JOB_TIMEOUT=0.2`, and call.",
        remedy="Try again later; the permit is free again.",
    ),
    _code(
        "FailedOperation.RpcFail",
        en="The algorithm service failed.",
        zh="算法服务调用失败。",
        when="The worker process that held this request died, or the operator's own reviewer could not be asked.",
        how="Kill the worker (`kill -9`, its pid is in the line `worker_ready` of the log) while it works; or set "
        "`FITTINGROOM_MODERATION__HOOK_URL=http://127.0.0.1:9/` and call.",
        remedy="Try again; another worker is started at once. Other pictures, if these kill it again.",
    ),
    _code(
        "FailedOperation.ServerError",
        en="Internal service error.",
        zh="服务内部错误。",
        when="The engine could not be started.",
        how="Start with `--engine no_such_module:Engine` and call.",
        remedy="Tell the operator: `/readyz` and the log say what is missing.",
    ),
    _code(
        "FailedOperation.Unknown",
        en="Unknown error.",
        zh="未知错误。",
        when="The worker lives and has answered, but with something that the server cannot read.",
        how="Run an engine that breaks its contract: one that puts a generator among the report's warnings.",
        remedy="Tell the operator the RequestId; trying again will hardly help.",
    ),
    _code(
        "InvalidParameter.InvalidParameter",
        en="Invalid parameters.",
        zh="参数不合法。",
        when="Parameters that are well-formed one by one do not make sense together.",
        how="Send `LogoParam` with `LogoRect` alone, without `LogoUrl` and `LogoImage`.",
        remedy="Complete `LogoParam`, or leave it out.",
    ),
    _code(
        "InvalidParameterValue.ImageEmpty",
        en="No image is input.",
        zh="输入图片为空。",
        when="A picture's URL is an empty text, or what it leads to is empty.",
        how="Send `ModelUrl` as an empty text.",
        remedy="Send the URL of a picture.",
    ),
    _code(
        "InvalidParameterValue.ParameterValueError",
        en="A parameter or its value is invalid.",
        zh="参数字段或者值有误。",
        when="A value outside those documented, a picture too small or without person or garment, a logo that is not "
        "Base64, or one whose rectangle does not fit.",
        how="Send `ClothesType` as `Hat`.",
        remedy="Change what the message names.",
    ),
    _code(
        "InvalidParameterValue.StyleConflict",
        en="These styles exclude each other.",
        zh="所选风格互斥，不能同时使用。",
        when="Garments of one `ChangeOutfit` cannot be worn together: two of one type, or a dress with a top or a "
        "lower garment; with `Auto`, as the engine took them.",
        how="Call `ChangeOutfit` with two garments of `ClothesType` `Dress`.",
        remedy="Leave one out; what is worn over a top or a dress is of the type `Outer`.",
    ),
    _code(
        "InvalidParameterValue.TextLengthExceed",
        en="The input text is too long.",
        zh="输入文本过长。",
        never="Belongs to other actions of the product: this action takes no text.",
    ),
    _code(
        "InvalidParameterValue.UrlIllegal",
        en="The URL format is invalid.",
        zh="URL 格式不合法。",
        when="A URL is not http or https, is too long, has no valid host, has a port that is not for HTTP, holds "
        "blanks, backslashes or control characters, or carries a user name.",
        how="Send `ModelUrl` as `ftp://example.com/a.jpg`.",
        remedy="Send an absolute http or https URL, percent-encoded, without a user name.",
    ),
    _code(
        "OperationDenied.ImageIllegalDetected",
        en="The image did not pass the review.",
        zh="图片未通过审核。",
        when="A reviewer, the built-in one or the operator's own, refused a picture: person, garment or logo.",
        how="Set `FITTINGROOM_MODERATION__MAX_INPUT_SCORE=0.000001` and call.",
        remedy="Use another picture in the parameter that the message names. The same picture gives the same answer.",
    ),
    _code(
        "OperationDenied.TextIllegalDetected",
        en="The text did not pass the review.",
        zh="文本未通过审核。",
        never="Belongs to other actions of the product: this action takes no text.",
    ),
    _both(
        "RequestLimitExceeded",
        en="Requests are too frequent.",
        zh="请求过于频繁。",
        when="The account's requests per second to this action, or the jobs of all accounts together, have reached "
        "their limit; or all workers are busy and their queue is full; or the bodies of all requests together take up "
        "their room.",
        how="Start with `FITTINGROOM_LIMITS__RATE=1` and call twice in a second; or with "
        "`FITTINGROOM_DISPATCH__QUEUE=0` and call from two accounts at the same time.",
        remedy="Try again after a few seconds, and less often; the SDKs can do so by themselves.",
    ),
    _code(
        "RequestLimitExceeded.JobNumExceed",
        en="Too many tasks are being processed simultaneously. Please try again later.",
        zh="同时处理的任务数过多，请稍后重试。",
        when="The account's jobs in flight have reached its limit.",
        how="Call twice at the same time with keys of one account.",
        remedy="Wait for the answer to the first call, or ask the operator for more jobs at once.",
    ),
    _code(
        "ResourceUnavailable.Delivering",
        en="The resource is being delivered.",
        zh="资源正在发货中。",
        when="The account's status is `delivering`: the operator is still setting it up.",
        how="`fittingroom status NAME --set stopped`, then `not-activated`, then `delivering`, and call.",
        remedy="Wait and call again later; ask the operator if it takes long.",
    ),
    _code(
        "ResourceUnavailable.InArrears",
        en="The account is in arrears.",
        zh="账号已欠费。",
        when="The account's balance is below zero after an adjustment, or the operator says that it is in arrears.",
        how="`fittingroom billing adjust NAME -1 --note debt`, and call.",
        remedy="Pay what is owed; once the operator has booked it, calls work again.",
    ),
    _code(
        "ResourceUnavailable.LowBalance",
        en="The balance is insufficient.",
        zh="余额不足。",
        when="A prepaid balance is below the price of a picture, or the pictures of the month's quota are used up.",
        how="`fittingroom billing plan NAME prepaid --price 1`, and call.",
        remedy="Have the account topped up, or wait for the next month where the message says that a quota is used up.",
    ),
    _code(
        "ResourceUnavailable.NotExist",
        en="The billing status is unknown.",
        zh="计费状态未知。",
        when="The account's status is `not-activated`: the service was never switched on for it.",
        how="`fittingroom status NAME --set stopped`, then `--set not-activated`, and call.",
        remedy="Ask the operator to activate the service for the account.",
    ),
    _code(
        "ResourceUnavailable.StopUsing",
        en="The account's services are stopped.",
        zh="账号已停服。",
        when="The operator has stopped the account: its status is `stopped`.",
        how="`fittingroom status NAME --set stopped`, and call.",
        remedy="Ask the operator why; only the operator can start the account again.",
    ),
    _code(
        "ResourcesSoldOut.ChargeStatusException",
        en="The billing status is abnormal.",
        zh="计费状态异常。",
        when="The account's status is `unknown`, its plan lacks a price or a quota, or the ledger's database fails.",
        how="`fittingroom status NAME --set unknown`, and call.",
        remedy="Try again after a minute; if it stays, ask the operator to look at the account's billing.",
    ),
)
