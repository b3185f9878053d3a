"""The codes common to every API of Tencent Cloud, each with when, how to bring it about, and what to do.

Two more stand in both lists and are among those of the action. Invariant: the common codes of the published
documentation are here, each once.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from fittingroom.errors.published import PublishedCode

_code = partial(PublishedCode, source="common")

COMMON_CODES: Final[tuple[PublishedCode, ...]] = (
    _code(
        "ActionOffline", en="This API is no longer offered.", zh="接口已下线。", never="No action has been withdrawn."
    ),
    _code(
        "AuthFailure.InvalidAuthorization",
        en="`Authorization` in the request header is invalid.",
        zh="请求头部的 `Authorization` 不符合规范。",
        when="The header is not of the TC3-HMAC-SHA256 form, or lacks a signed header.",
        how="Use `CommonClient` with the option `SkipSign`, which sends `Authorization: SKIP`.",
        remedy="Sign with an official SDK, or as the documentation of signature v3 says.",
    ),
    _code(
        "AuthFailure.InvalidSecretId",
        en="The SecretId is not of a valid form.",
        zh="密钥非法。",
        when="The SecretId holds blanks or control characters, or is too long.",
        how="Call with `--secret-id 'AKID x'`.",
        remedy="Copy the SecretId as `fittingroom keys create` printed it.",
    ),
    _code(
        "AuthFailure.MFAFailure",
        en="Multi-factor authentication failed.",
        zh="MFA 错误。",
        never="No second factor is used.",
    ),
    _code(
        "AuthFailure.SecretIdNotFound",
        en="The SecretId is not found, please ensure that your SecretId is correct.",
        zh="密钥不存在，请检查 SecretId 是否正确。",
        when="Unknown, disabled, expired or revoked.",
        how="`fittingroom keys revoke SECRET_ID`, then call with that key.",
        remedy="Use another key; ask the operator to enable this one or to make a new one.",
    ),
    _code(
        "AuthFailure.SignatureExpire",
        en="The signature is expired, please request again.",
        zh="签名过期，请重新请求。",
        when="The timestamp is too far from the server's clock.",
        how="Sign with a clock that is six minutes slow.",
        remedy="Set the clock of the caller's machine, and sign each attempt anew.",
    ),
    _code(
        "AuthFailure.SignatureFailure",
        en="The provided credentials could not be validated. Please check your signature is correct.",
        zh="请求签名验证失败，请检查您的签名计算是否正确。",
        when="The signature does not fit the request and the key, or a form (signature v1) is over its limit.",
        how="Call with a wrong `--secret-key`.",
        remedy="Check the SecretKey, and that nothing between changes Host, Content-Type or the body.",
    ),
    _code(
        "AuthFailure.TokenFailure",
        en="Token verification failed, please check if your Token is correct.",
        zh="Token 校验失败，请检查 Token 是否正确。",
        when="A temporary key without its token or past its time, or a token with a permanent key.",
        how="`fittingroom keys create NAME --temporary 60`, then call without `--token`.",
        remedy="Send the token that belongs to the key; after its time get new temporary credentials.",
    ),
    _code(
        "DryRunOperation",
        en="The request would have succeeded.",
        zh="请求将会是成功的。",
        never="There is no parameter DryRun.",
    ),
    _code("FailedOperation", en="Operation failed.", zh="操作失败。", never="A finer code is always used."),
    _code(
        "InternalError",
        en="An internal error has occurred.",
        zh="内部错误。",
        when="A fault of this server outside its workers, or a database of accounts that cannot be read.",
        how="`sqlite3 accounts.db 'ALTER TABLE meta RENAME TO gone'` beside a running server; call six seconds later.",
        remedy="Try again; if it stays, tell the operator the RequestId, by which the log has the cause.",
    ),
    _code(
        "InvalidAction",
        en="The action is invalid or not found.",
        zh="接口不存在。",
        when="The version has no action of this name; upper and lower case count.",
        how="Use `CommonClient` with the action `ChangeShoes`.",
        remedy="Use `ChangeClothes`.",
    ),
    _code(
        "InvalidParameter",
        en="Incorrect parameter.",
        zh="参数错误。",
        when="A value of the wrong type, or a malformed body.",
        how="Send `LogoAdd` as the text `1` in JSON.",
        remedy="Send the type that the message names.",
    ),
    _code(
        "InvalidParameterValue",
        en="Invalid parameter value.",
        zh="参数取值错误。",
        when="A common parameter's value is not valid.",
        how="Call with `--region nowhere`.",
        remedy="Send a region such as `ap-singapore`, or none.",
    ),
    _code(
        "InvalidRequest",
        en="The request body is incorrect.",
        zh="请求体格式错误。",
        when="A content type that this API does not take, or a body that did not arrive in time.",
        how="Use `CommonClient` with the option `IsMultipart`.",
        remedy="Send JSON, or a form with signature v1.",
    ),
    _code(
        "IpInBlacklist",
        en="The IP address is blocked.",
        zh="IP 地址在黑名单中。",
        when="The account's deny list holds the address.",
        how="`fittingroom addresses deny shop 127.0.0.0/8`, then call from this machine.",
        remedy="Call from another address, or ask the account's administrator to take this one off the list.",
    ),
    _code(
        "IpNotInWhitelist",
        en="The IP address is not allowed.",
        zh="IP 地址不在白名单中。",
        when="The account has an allow list, and the address is not in it.",
        how="`fittingroom addresses allow shop 192.0.2.1`, then call from this machine.",
        remedy="Call from an address on the list, or ask the account's administrator to add this one.",
    ),
    _code(
        "LimitExceeded",
        en="A quota is exceeded.",
        zh="超过配额限制。",
        never="A finer code is used: ResourceUnavailable.LowBalance.",
    ),
    _code(
        "MissingParameter",
        en="A parameter is missing.",
        zh="缺少参数。",
        when="A required parameter is absent or null.",
        how="Call without `ModelUrl`.",
        remedy="Send what the message names.",
    ),
    _code(
        "NoSuchProduct",
        en="The product does not exist.",
        zh="产品不存在。",
        when="With `wire.strict_service`: the credential names another service.",
        how="Start with `FITTINGROOM_WIRE__STRICT_SERVICE=true` and use `CommonClient` with the service `cvm`.",
        remedy="Sign for `aiart`.",
    ),
    _code(
        "NoSuchVersion",
        en="The API version does not exist.",
        zh="接口版本不存在。",
        when="Only 2022-12-29 exists.",
        how="Use `CommonClient` with the version `2019-01-01`.",
        remedy="Use 2022-12-29.",
    ),
    _code(
        "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
        en="The account's requests are too frequent.",
        zh="主账号超过频率限制。",
        never="There is no limit over several regions: one server is one region.",
    ),
    _code(
        "RequestLimitExceeded.IPLimitExceeded",
        en="The address's requests are too frequent.",
        zh="IP 限频。",
        when="The requests per second from the caller's address, signed or not, have reached the limit.",
        how="Start with `FITTINGROOM_LIMITS__ADDRESS_RATE=1` and call twice in a second.",
        remedy="Call less often. Behind a proxy, its operator must list it in `server.trusted_proxies`.",
    ),
    _code(
        "RequestLimitExceeded.UinLimitExceeded",
        en="The account's requests are too frequent.",
        zh="主账号限频。",
        when="The account's requests per second to all actions together have reached the limit.",
        how="Start with `FITTINGROOM_LIMITS__RATE=0` and `FITTINGROOM_LIMITS__ACCOUNT_RATE=1`; call twice in a second.",
        remedy="Call less often; the SDKs can do so by themselves.",
    ),
    _code(
        "RequestSizeLimitExceeded",
        en="The request is too large.",
        zh="请求包超过限制大小。",
        when="Body or query over the limit.",
        how="Send a `LogoImage` of 11 MB, or by GET one of 40 KB.",
        remedy="Send a logo by `LogoUrl`; use POST.",
    ),
    _code("ResourceInUse", en="The resource is in use.", zh="资源被占用。", never="The action has no resources."),
    _code(
        "ResourceInsufficient",
        en="Resources are insufficient.",
        zh="资源不足。",
        when="No room for another result by URL.",
        how="Start with `FITTINGROOM_RESULTS__MAX_TOTAL_BYTES=1` and call with `RspImgType` `url`.",
        remedy="Set `RspImgType` to `base64`, or try again later.",
    ),
    _code(
        "ResourceNotFound",
        en="The resource does not exist.",
        zh="资源不存在。",
        when="A path at which nothing is served; with HTTP status 404, as no SDK asks there.",
        how="`curl http://127.0.0.1:8000/v2/`",
        remedy="Use an endpoint without a path.",
    ),
    _code(
        "ResourceUnavailable",
        en="The resource is unavailable.",
        zh="资源不可用。",
        never="The action has no resources.",
    ),
    _code(
        "ResponseSizeLimitExceeded",
        en="The response is too large.",
        zh="返回包超过限制大小。",
        never="A finer code is used.",
    ),
    _code(
        "ServiceUnavailable",
        en="The service is unavailable now.",
        zh="当前服务暂时不可用。",
        when="The server is shutting down; or it counts in Redis, which does not answer, has just been restarted, or "
        "was lost for so long that a running job had to be stopped; or the object store of results by URL cannot be "
        "reached.",
        how="Start with `FITTINGROOM_SERVER__DRAIN_TIMEOUT=1`; send SIGTERM while a job runs that takes longer.",
        remedy="Try again, at another server or in a moment.",
    ),
    _code(
        "UnauthorizedOperation",
        en="Unauthorized operation.",
        zh="未授权操作。",
        never="A finer code is used: AuthFailure.UnauthorizedOperation.",
    ),
    _code(
        "UnknownParameter",
        en="Unknown parameter.",
        zh="未知参数错误。",
        when="A parameter, at any depth, that is not defined.",
        how="Use `CommonClient` and send a parameter `Style`.",
        remedy="Leave out what the message names.",
    ),
    _code(
        "UnsupportedOperation",
        en="Unsupported operation.",
        zh="操作不支持。",
        when="`AssumeRole` with `Tags`, `SourceIdentity`, `SerialNumber` or `TokenCode`.",
        how="Call `AssumeRole` with `SourceIdentity` set to `1`.",
        remedy="Leave out the parameter that the message names.",
    ),
    _code(
        "UnsupportedProtocol",
        en="Only GET and POST requests are supported.",
        zh="请求协议错误，仅支持 GET 和 POST 请求。",
        when="Another HTTP method.",
        how="`curl -X PUT http://127.0.0.1:8000/`",
        remedy="Use GET or POST.",
    ),
    _code(
        "UnsupportedRegion",
        en="The action not support this region.",
        zh="接口不支持所传地域。",
        when="Not in the operator's list of regions, where there is one.",
        how="Start with `FITTINGROOM_WIRE__REGIONS=ap-singapore` and call with `--region ap-guangzhou`.",
        remedy="Use a region that the operator serves.",
    ),
)
