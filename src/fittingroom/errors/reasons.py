"""Every way a request can end badly: reason -> published code and the two messages.

Placeholders in braces are filled from `ApiError(**values)`. Where the published service is known to answer a text of
its own, the message is that text, since clients may look for it; elsewhere it states the limit really applied and what
to do. Invariant: no message holds an address, a path or a secret of the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fittingroom.errors.sts_reasons import STS_REASONS


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
        "参数 `{parameter}` 的图片中未检测到类型为 {clothes_type} 的服装，"
        "请使用单件服装的正面平铺图并选择对应的 ClothesType。",
    ),
    "doubtful_result": Reason(
        "FailedOperation.GenerateImageFailed",
        "The generated image failed the review: it would not look right. {advice}",
        "生成的图片未通过审核：效果不佳。请使用手臂不遮挡身体的单人正面照片，以及单件服装的正面平铺图。"
        "引擎提示：{advice}",
    ),
    # --- review (moderation/) ---------------------------------------------------------------------------------------
    "image_refused": Reason(
        "OperationDenied.ImageIllegalDetected",
        "The image of `{parameter}` failed the review because it may contain illegal information. "
        "Use another image: one that shows ordinary clothes, and no nudity.",
        "参数 `{parameter}` 的图片未通过审核：可能包含违规信息。请更换为不含裸露内容的日常服装图片。",
    ),
    "result_refused": Reason(
        "FailedOperation.GenerateImageFailed",
        "The generated image failed the review: it may contain illegal information. Use other photos of the person or "
        "the garment.",
        "生成的图片未通过审核：可能包含违规信息，请更换人物或服装图片。",
    ),
    "review_unavailable": Reason(
        "FailedOperation.RpcFail",
        "RPC request failed: the image of `{parameter}` could not be reviewed, because this server's review service "
        "does not work. Nothing is wrong with the image; please try again later.",
        "RPC 请求失败：审核服务异常，参数 `{parameter}` 的图片未能完成审核。图片本身没有问题，请稍后重试。",
    ),
    "result_review_unavailable": Reason(
        "FailedOperation.RpcFail",
        "RPC request failed: the generated image could not be reviewed, because this server's review service does not "
        "work, and is therefore not delivered. Please try again later.",
        "RPC 请求失败：审核服务异常，生成的图片未能完成审核，因此未返回。请稍后重试。",
    ),
    # --- fetching (images/url.py, images/fetch.py); {parameter} is ModelUrl, ClothesUrl or LogoParam.LogoUrl -------
    "url_scheme": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: it must begin with http:// or https://.",
        "参数 `{parameter}` 的 URL 格式不合法：必须以 http:// 或 https:// 开头。",
    ),
    "url_host": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: it has no valid host. Use a domain name, four decimal numbers "
        "(IPv4) or an address in square brackets (IPv6).",
        "参数 `{parameter}` 的 URL 格式不合法：主机名无效。请使用域名、点分十进制 IPv4 地址或方括号内的 IPv6 地址。",
    ),
    "url_port": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: its port is not a number from 1 to 65535, or belongs to a service "
        "other than HTTP.",
        "参数 `{parameter}` 的 URL 格式不合法：端口不是 1 到 65535 之间的数字，或属于非 HTTP 服务。",
    ),
    "url_userinfo": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: it must not contain a user name or password. Use a signed URL.",
        "参数 `{parameter}` 的 URL 格式不合法：不能包含用户名或密码，请使用带签名的 URL。",
    ),
    "url_characters": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: it contains spaces, backslashes or control characters. "
        "Percent-encode them.",
        "参数 `{parameter}` 的 URL 格式不合法：包含空格、反斜杠或控制字符，请进行百分号编码。",
    ),
    "download_forbidden": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` leads to an address that this server may not fetch from. "
        "Use a public URL, or ask the operator to allow that network.",
        "图片下载错误：参数 `{parameter}` 的 URL 指向本服务不允许访问的地址，请使用公网 URL，或联系管理员放行该网段。",
    ),
    "download_failed": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` could not be read. "
        "Check that it opens without cookies or a login.",
        "图片下载错误：无法读取参数 `{parameter}` 的 URL，请确认无需登录即可访问。",
    ),
    "download_unresolved": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the host name in the URL of `{parameter}` is not known. Check its spelling.",
        "图片下载错误：参数 `{parameter}` 的 URL 中的域名无法解析，请检查拼写。",
    ),
    "download_certificate": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the https certificate of the host in `{parameter}` could not be verified.",
        "图片下载错误：参数 `{parameter}` 所在主机的 https 证书验证失败。",
    ),
    "download_status": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` was answered with HTTP status {status}. "
        "Check that it exists and has not expired.",
        "图片下载错误：参数 `{parameter}` 的 URL 返回 HTTP 状态码 {status}，请确认其存在且未过期。",
    ),
    "download_redirects": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` redirects more than {limit} times. Use the final URL.",
        "图片下载错误：参数 `{parameter}` 的 URL 重定向超过 {limit} 次，请使用最终 URL。",
    ),
    "download_redirect_illegal": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` redirects to a URL that is not accepted. Use the final URL.",
        "图片下载错误：参数 `{parameter}` 的 URL 重定向到不被接受的地址，请使用最终 URL。",
    ),
    "download_timeout": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the image of `{parameter}` did not arrive within {seconds} seconds. "
        "Use a faster host or a smaller file.",
        "图片下载错误：参数 `{parameter}` 的图片未能在 {seconds} 秒内下载完成，请使用更快的服务器或更小的文件。",
    ),
    "download_encoded": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the host of `{parameter}` sent the image compressed although it was asked not to. "
        "Serve the file without Content-Encoding.",
        "图片下载错误：参数 `{parameter}` 所在主机返回了压缩传输的内容，请不使用 Content-Encoding 提供文件。",
    ),
    "image_size_exceed": Reason(
        "FailedOperation.ImageSizeExceed",
        "The image of `{parameter}` is too large: its size after base64 encoding must be less than {limit}.",
        "参数 `{parameter}` 的图片过大：base64 编码后的大小必须小于 {limit}。",
    ),
    "image_empty": Reason(
        "InvalidParameterValue.ImageEmpty",
        "No image is input: `{parameter}` has no content.",
        "没有输入图片：参数 `{parameter}` 的内容为空。",
    ),
    # --- decoding (images/decode.py) ---------------------------------------------------------------------------------
    "image_decode_failed": Reason(
        "FailedOperation.ImageDecodeFailed",
        "Image decoding failed: the image of `{parameter}` is damaged or not one of {formats}.",
        "图片解码失败：参数 `{parameter}` 的图片已损坏，或不属于以下格式：{formats}。",
    ),
    "image_too_wide": Reason(
        "FailedOperation.ImageResolutionExceed",
        "The resolution of the image of `{parameter}` is too high: it is {width}x{height}, "
        "and each side must be less than {limit} px.",
        "参数 `{parameter}` 的图片分辨率过高：当前为 {width}x{height}，单边必须小于 {limit} 像素。",
    ),
    "image_too_narrow": Reason(
        "InvalidParameterValue.ParameterValueError",
        "The resolution of the image of `{parameter}` is too low: it is {width}x{height}, "
        "and each side must be greater than {limit} px.",
        "参数 `{parameter}` 的图片分辨率过低：当前为 {width}x{height}，单边必须大于 {limit} 像素。",
    ),
    # --- the caller's mark (images/logo.py) --------------------------------------------------------------------------
    "logo_rect_size": Reason(
        "InvalidParameterValue.ParameterValueError",
        "`LogoParam.LogoRect.{side}` is {value}: it must be from 1 to {limit}.",
        "参数 `LogoParam.LogoRect.{side}` 的值为 {value}：取值范围为 1 到 {limit}。",
    ),
    "logo_rect_outside": Reason(
        "InvalidParameterValue.ParameterValueError",
        "`LogoParam.LogoRect` lies wholly outside the result, which is {width}x{height} px. Move it inside.",
        "参数 `LogoParam.LogoRect` 完全位于结果图之外（结果图为 {width}x{height} 像素），请移到图内。",
    ),
    # --- results by URL (results/local.py) ---------------------------------------------------------------------------
    "results_full": Reason(
        "ResourceInsufficient",
        "The server has no room for another result by URL. Set `RspImgType` to `base64`, or try again later.",
        "服务器暂无空间保存结果图，请将 `RspImgType` 设为 `base64`，或稍后重试。",
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
    # --- limits (accounts/limits) ------------------------------------------------------------------------------
    "total_exceed": Reason(
        "RequestLimitExceeded",
        "Too frequent requests: {total} requests are being processed or waiting already, as many as this service "
        "takes. Try again in a few seconds.",
        "请求过于频繁：已有 {total} 个请求正在处理或排队，达到服务上限，请几秒后重试。",
    ),
    "rate_action": Reason(
        "RequestLimitExceeded",
        "Your current request times equals to `{reached}` in a second, which exceeds the frequency limit `{limit}` "
        "for a second. Please reduce the frequency of calls.",
        "您当前每秒请求 `{reached}` 次，超过了每秒频率上限 `{limit}` 次，请降低调用频率。",
    ),
    "rate_account": Reason(
        "RequestLimitExceeded.UinLimitExceeded",
        "The number of uin requests exceeds the frequency limit: your account sent `{reached}` requests in a second to "
        "all actions together, and the limit is `{limit}`. Please reduce the frequency of calls.",
        "主账号限频：您的账号每秒向所有接口共请求 `{reached}` 次，超过了每秒频率上限 `{limit}` 次，请降低调用频率。",
    ),
    "rate_address": Reason(
        "RequestLimitExceeded.IPLimitExceeded",
        "The number of ip requests exceeds the frequency limit: your address sent more than `{limit}` requests in a "
        "second. Please reduce the frequency of calls.",
        "IP 限频：您的 IP 每秒请求超过了频率上限 `{limit}` 次，请降低调用频率。",
    ),
    "limits_unavailable": Reason(
        "ServiceUnavailable",
        "Service is unavailable now: this server cannot tell at the moment how many requests are being processed. "
        "Please try again later.",
        "服务暂不可用：服务当前无法统计处理中的请求数，请稍后重试。",
    ),
    "permit_lost": Reason(
        "ServiceUnavailable",
        "Service is unavailable now: your request was stopped, since this server could no longer count it among those "
        "being processed. Please try again later.",
        "服务暂不可用：服务无法继续统计该请求，处理已停止，请稍后重试。",
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
    "unreadable_answer": Reason(
        "FailedOperation.Unknown",
        "Unknown error: the try-on engine answered with something that this server cannot read. "
        "Ask the server's operator to look at the log for this RequestId.",
        "未知错误：试衣引擎返回了无法识别的内容，请联系管理员按 RequestId 查看日志。",
    ),
    # --- dispatch (dispatch/local.py) ------------------------------------------------------------------------
    "queue_full": Reason(
        "RequestLimitExceeded",
        "Too frequent requests: all workers are busy and {waiting} requests are waiting already. "
        "Try again in a few seconds.",
        "请求过于频繁：所有处理进程均繁忙，且已有 {waiting} 个请求在排队，请几秒后重试。",
    ),
    "out_of_memory": Reason(
        "FailedOperation.InnerError",
        "Internal service error: these pictures need more memory than one request may use here. Use smaller pictures.",
        "服务内部错误：处理这些图片所需的内存超过单个请求的上限，请使用较小的图片。",
    ),
    "engine_failed": Reason(
        "FailedOperation.InnerError",
        "Internal service error: the try-on engine failed on these pictures. Try other ones; if they fail too, "
        "ask the server's operator to look at the log for this RequestId.",
        "服务内部错误：试衣引擎处理这些图片时出错，请更换图片；如仍失败，请联系管理员按 RequestId 查看日志。",
    ),
    "engine_unavailable": Reason(
        "FailedOperation.ServerError",
        "Internal service error: this server's try-on engine could not be started. "
        "Ask its operator to look at the log or at /readyz.",
        "服务内部错误：本服务的试衣引擎未能启动，请联系管理员查看日志或 /readyz。",
    ),
    "shutting_down": Reason(
        "ServiceUnavailable",
        "Service is unavailable now: this server is shutting down. Please try again later.",
        "服务暂不可用：服务正在关闭，请稍后重试。",
    ),
    # --- wire: the request as a whole ------------------------------------------------------------------------
    "unsupported_protocol": Reason(
        "UnsupportedProtocol",
        "HTTP(S) request protocol error; only GET and POST requests are supported.",
        "请求协议错误，仅支持 GET 和 POST 请求。",
    ),
    "path_not_found": Reason(
        "ResourceNotFound",
        "Nothing is served at this path. The API is at `/`: use an endpoint without a path.",
        "该路径不存在。接口地址为 `/`，请使用不带路径的域名。",
    ),
    "request_too_large": Reason(
        "RequestSizeLimitExceeded",
        "The request size exceeds the upper limit of {limit} bytes.",
        "请求包超过限制大小 {limit} 字节。",
    ),
    "form_too_large": Reason(
        "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated because of exceeding request size limit, "
        "please use new signature method `TC3-HMAC-SHA256`.",
        "请求签名验证失败：请求包超过限制大小，请使用签名方法 `TC3-HMAC-SHA256`。",
    ),
    "bodies_full": Reason(
        "RequestLimitExceeded",
        "Too frequent requests: this server is receiving as much as it can hold. Try again in a few seconds, or send a "
        "smaller request: a logo by `LogoUrl` rather than in `LogoImage`.",
        "请求过于频繁：本服务正在接收的数据已达上限，请几秒后重试，或减小请求体积"
        "（以 `LogoUrl` 代替 `LogoImage` 传入标识）。",
    ),
    "body_too_slow": Reason(
        "InvalidRequest",
        "The request body did not arrive within {seconds} seconds.",
        "未能在 {seconds} 秒内收到完整的请求体。",
    ),
    "content_type": Reason(
        "InvalidRequest",
        "The Content-Type of the request is not supported by this API. "
        "Use `application/json`, or `application/x-www-form-urlencoded` with signature v1.",
        "该接口不支持请求的 Content-Type，请使用 `application/json`，"
        "签名方法 v1 请使用 `application/x-www-form-urlencoded`。",
    ),
    "malformed_body": Reason(
        "InvalidParameter",
        "The request parameters could not be parsed: {detail}. Send {form} in UTF-8.",
        "请求参数解析失败（{detail}），请使用 UTF-8 编码的 {form}。",
    ),
    "no_such_version": Reason(
        "NoSuchVersion",
        "The specified api version=`{version}` does not exist in service=`{service}`.",
        "指定的接口版本 `{version}` 在服务 `{service}` 中不存在。",
    ),
    "invalid_action": Reason(
        "InvalidAction",
        "The request action=`{action}` is invalid or not found in service=`{service}` and version=`{version}`.",
        "请求的接口 `{action}` 在服务 `{service}` 的版本 `{version}` 中不存在。",
    ),
    # --- wire: who asks ----------------------------------------------------------------------------------------
    "authorization_invalid": Reason(
        "AuthFailure.InvalidAuthorization",
        "`Authorization` in the request header is invalid. It must read `TC3-HMAC-SHA256 "
        "Credential=<SecretId>/<Date>/<Service>/tc3_request, SignedHeaders=content-type;host, Signature=<Signature>`.",
        "请求头部的 `Authorization` 不符合规范，应为 `TC3-HMAC-SHA256 "
        "Credential=<SecretId>/<Date>/<Service>/tc3_request, SignedHeaders=content-type;host, Signature=<Signature>`。",
    ),
    "secret_id_invalid": Reason(
        "AuthFailure.InvalidSecretId",
        "The SecretId is invalid: it must not hold blanks and must be at most {limit} characters long.",
        "密钥非法：SecretId 不能包含空白字符，且长度不超过 {limit}。",
    ),
    "secret_id_not_found": Reason(
        "AuthFailure.SecretIdNotFound",
        "The SecretId is not found, please ensure that your SecretId is correct.",
        "密钥不存在，请检查 SecretId 是否正确。",
    ),
    "signature_expire": Reason(
        "AuthFailure.SignatureExpire",
        "The signature is expired, please request again.",
        "签名过期，请重新请求。",
    ),
    "signature_failure": Reason(
        "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated. Please check your signature is correct.",
        "请求签名验证失败，请检查您的签名计算是否正确。",
    ),
    "token_failure": Reason(
        "AuthFailure.TokenFailure",
        "Token verification failed, please check if your Token is correct.",
        "Token 校验失败，请检查 Token 是否正确。",
    ),
    "no_such_service": Reason(
        "NoSuchProduct",
        "The credential names service=`{service}`, but this action is of `{product}`. Sign for `{product}`.",
        "签名凭证中的服务为 `{service}`，但该接口属于 `{product}`，请以 `{product}` 签名。",
    ),
    "region_invalid": Reason(
        "InvalidParameterValue",
        "A value specified in `X-TC-Region` is not valid, is unsupported, or cannot be used.",
        "参数 `X-TC-Region` 的取值不合法或不受支持。",
    ),
    "region_unsupported": Reason(
        "UnsupportedRegion",
        "The action not support this region.",
        "接口不支持所传地域。",
    ),
    # --- who may do what (accounts/access.py) ------------------------------------------------------------------
    "unauthorized_operation": Reason(
        "AuthFailure.UnauthorizedOperation",
        "[request id:{request_id}]you are not authorized to perform operation ({action})\nresource ({resource}) "
        "has no permission\n",
        "[request id:{request_id}]您无权执行操作 ({action})\n资源 ({resource}) 没有权限，请联系管理员授权\n",
    ),
    "ip_in_blacklist": Reason(
        "IpInBlacklist",
        "Your IP is in uin IP blacklist. Call from another address, or ask the account's administrator to take yours "
        "off the list.",
        "您的 IP 在账号的 IP 黑名单中，请更换 IP 或联系账号管理员移出黑名单。",
    ),
    "ip_not_in_whitelist": Reason(
        "IpNotInWhitelist",
        "Your IP is not in uin IP whitelist. Call from an address on the list, or ask the account's administrator to "
        "add yours.",
        "您的 IP 不在账号的 IP 白名单中，请使用白名单内的 IP 或联系账号管理员添加。",
    ),
    # --- billing (accounts/status.py, accounts/ledger/) ----------------------------------------------------------
    "service_not_activated": Reason(
        "ResourceUnavailable.NotExist",
        "The billing status is unknown: the service is not activated for this account. "
        "Ask the server's operator to activate it.",
        "计费状态未知：该账号尚未开通服务，请联系服务管理员开通。",
    ),
    "service_delivering": Reason(
        "ResourceUnavailable.Delivering",
        "The resource is being delivered: this account is still being set up. Try again later.",
        "资源正在发货中：该账号正在开通，请稍后重试。",
    ),
    "service_in_arrears": Reason(
        "ResourceUnavailable.InArrears",
        "The account is in arrears. Pay what is owed, then call again; ask the server's operator how much it is.",
        "账号已欠费，请结清欠款后重试；欠款金额请咨询服务管理员。",
    ),
    "service_low_balance": Reason(
        "ResourceUnavailable.LowBalance",
        "Insufficient balance: it does not cover another picture. Ask the server's operator to top up the account, "
        "then call again.",
        "余额不足：不足以支付一张图片，请联系服务管理员充值后重试。",
    ),
    "service_stopped": Reason(
        "ResourceUnavailable.StopUsing",
        "Services for the account have been stopped. Ask the server's operator to start them again.",
        "账号已停服，请联系服务管理员恢复服务。",
    ),
    "service_status_unknown": Reason(
        "ResourcesSoldOut.ChargeStatusException",
        "The billing status is abnormal: the server's operator has marked it so. Ask the operator to clear it.",
        "计费状态异常：服务管理员已标记该账号，请联系服务管理员处理。",
    ),
    "terms_missing": Reason(
        "ResourcesSoldOut.ChargeStatusException",
        "The billing status is abnormal: the account's plan has no price or quota. "
        "Ask the server's operator to set one.",
        "计费状态异常：该账号的计费方案未设置单价或额度，请联系服务管理员设置。",
    ),
    "billing_unavailable": Reason(
        "ResourcesSoldOut.ChargeStatusException",
        "The billing status is abnormal: the accounts' ledger does not answer now. "
        "The account is not charged for this request. Try again later.",
        "计费状态异常：账务系统暂时无法访问，本次请求不会扣费，请稍后重试。",
    ),
    "balance_low": Reason(
        "ResourceUnavailable.LowBalance",
        "Insufficient balance: a picture costs {price}, and {available} is left. "
        "Ask the server's operator to top up the account, then call again.",
        "余额不足：每张图片 {price}，当前可用余额 {available}，请联系服务管理员充值后重试。",
    ),
    "balance_negative": Reason(
        "ResourceUnavailable.InArrears",
        "The account is in arrears: its balance is {available}, and a picture costs {price}. "
        "Pay what is owed, then call again.",
        "账号已欠费：当前余额 {available}，每张图片 {price}，请结清欠款后重试。",
    ),
    "quota_used_up": Reason(
        "ResourceUnavailable.LowBalance",
        "Insufficient balance: all {quota} pictures of {month} are used. The quota renews on {renews}; "
        "ask the server's operator for a larger one if you need more before.",
        "余额不足：{month} 的 {quota} 张图片额度已用完，额度将于 {renews} 更新；"
        "如需提前使用，请联系服务管理员提高额度。",
    ),
    "reservation_lost": Reason(
        "FailedOperation.InnerError",
        "Internal service error: the server stood still for too long while it made this picture, "
        "and the account was not charged. Please try again.",
        "服务内部错误：生成图片期间服务停顿过久，本次请求未扣费，请重试。",
    ),
    # --- wire: parameters --------------------------------------------------------------------------------------
    "missing_parameter": Reason(
        "MissingParameter",
        "The request is missing a required parameter `{parameter}`.",
        "请求缺少必要参数 `{parameter}`。",
    ),
    "unknown_parameter": Reason(
        "UnknownParameter",
        "The parameter `{parameter}` is not recognized.",
        "未定义参数 `{parameter}`。",
    ),
    "parameter_type": Reason(
        "InvalidParameter",
        "The value type of parameter `{parameter}` is not valid, input type should be `{type}`.",
        "参数 `{parameter}` 取值类型错误。参数类型应为 `{type}`。",
    ),
    "common_parameter_type": Reason(
        "InvalidParameter",
        "Parameter `{parameter}` type error.",
        "参数 `{parameter}` 类型错误。",
    ),
    "common_parameter_value": Reason(
        "InvalidParameterValue",
        "The value `{value}` specified in the parameter `{parameter}` is not valid.",
        "参数 `{parameter}` 的取值 `{value}` 不合法。",
    ),
    # --- action ChangeClothes ----------------------------------------------------------------------------------
    "choice_value": Reason(
        "InvalidParameterValue.ParameterValueError",
        "The value `{value}` specified in the parameter `{parameter}` is not valid. Use one of {choices}.",
        "参数 `{parameter}` 的取值 `{value}` 不合法，可选值为 {choices}。",
    ),
    "logo_base64": Reason(
        "InvalidParameterValue.ParameterValueError",
        "The value of the parameter `LogoParam.LogoImage` is not valid Base64. Send the picture's bytes in Base64, "
        "without a `data:` prefix.",
        "参数 `LogoParam.LogoImage` 不是合法的 Base64 字符串，请传入图片的 Base64 编码，不带 `data:` 前缀。",
    ),
    "logo_missing": Reason(
        "InvalidParameter.InvalidParameter",
        "`LogoParam` names no picture. Set `LogoParam.LogoUrl` or `LogoParam.LogoImage`, or leave `LogoParam` out.",
        "`LogoParam` 未指定图片，请设置 `LogoParam.LogoUrl` 或 `LogoParam.LogoImage`，或不传 `LogoParam`。",
    ),
    "url_too_long": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL in the parameter `{parameter}` is longer than {limit} characters.",
        "参数 `{parameter}` 的 URL 长度超过 {limit} 个字符。",
    ),
    "response_too_large": Reason(
        "FailedOperation.RequestEntityTooLarge",
        "The generated image is {size} bytes in Base64, more than the {limit} bytes that an answer may hold. "
        "Set `RspImgType` to `url`.",
        "生成图片的 Base64 编码为 {size} 字节，超过返回上限 {limit} 字节，请将 `RspImgType` 设为 `url`。",
    ),
    **{name: Reason(*row) for name, row in STS_REASONS.items()},
}
