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
        "参数 `{parameter}` 的图片中未检测到类型为 {clothes_type} 的服装，"
        "请使用单件服装的正面平铺图并选择对应的 ClothesType。",
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
        "The specified api version=`{version}` does not exist in service=`aiart`.",
        "指定的接口版本 `{version}` 在服务 `aiart` 中不存在。",
    ),
    "invalid_action": Reason(
        "InvalidAction",
        "The request action=`{action}` is invalid or not found in service=`aiart` and version=`{version}`.",
        "请求的接口 `{action}` 在服务 `aiart` 的版本 `{version}` 中不存在。",
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
        "The credential names service=`{service}`, but this endpoint serves `aiart`.",
        "签名凭证中的服务 `{service}` 不存在，此域名提供的服务为 `aiart`。",
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
    "number_value": Reason(
        "InvalidParameterValue.ParameterValueError",
        "The value `{value}` specified in the parameter `{parameter}` is not valid. Use a number from {low} to {high}.",
        "参数 `{parameter}` 的取值 `{value}` 不合法，取值范围为 {low} 至 {high}。",
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
    "url_empty": Reason(
        "InvalidParameterValue.ImageEmpty",
        "No image is input: the parameter `{parameter}` is empty. Set it to the URL of a picture.",
        "输入图片为空：参数 `{parameter}` 为空，请传入图片 URL。",
    ),
    "url_illegal": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL in the parameter `{parameter}` is invalid. Use an absolute http or https URL without user name.",
        "参数 `{parameter}` 的 URL 格式不合法，请使用不含用户名的 http 或 https 绝对地址。",
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
}
