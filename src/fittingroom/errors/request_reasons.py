"""Causes that lie with the request and with who asks: its form, signature, permission and parameters.

Where the published service is known to answer a text of its own, the message is that text. Invariant: as of all
reasons, see `reasons`.
"""

from __future__ import annotations

from typing import Final

from fittingroom.errors.reason import Reason

REQUEST_REASONS: Final[dict[str, Reason]] = {
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
    # --- jobs ------------------------------------------------------------------------------------------------
    "job_parameters_large": Reason(
        "RequestSizeLimitExceeded",
        "The request size exceeds the upper limit of {limit} bytes for the parameters of a job. "
        "Give a logo by `LogoUrl` rather than in `LogoImage`.",
        "任务参数超过限制大小 {limit} 字节，请以 `LogoUrl` 代替 `LogoImage` 传入标识。",
    ),
    "callback_no_secret": Reason(
        "InvalidParameterValue.ParameterValueError",
        "CallbackUrl cannot be used yet: your account has no secret to sign callbacks with. Ask the server's operator "
        "for one (`fittingroom accounts webhook`), or leave CallbackUrl out and query the job.",
        "暂不能使用 CallbackUrl：您的账号没有回调签名密钥，请联系服务管理员生成（`fittingroom accounts webhook`），"
        "或不传 CallbackUrl 而查询任务。",
    ),
}
