"""The error codes of `sts` 2018-08-13, which its three actions here answer besides the common ones.

The list is that of the SDKs' `errorcodes.py`, the domestic one, which holds one code more than the international.
Three more of it are common codes and stand there. Invariant: the published codes of sts are here, each once.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from fittingroom.errors.published import PublishedCode

_code = partial(PublishedCode, source="sts")
_FEDERATED: Final = "Belongs to actions for identity providers, which this server does not have."
_CLOUD: Final = "Belongs to parts of the cloud that this server does not have; its own faults are InternalError."

STS_CODES: Final[tuple[PublishedCode, ...]] = (
    _code(
        "AuthFailure.AccessKeyIllegal",
        en="The key is not valid.",
        zh="密钥不合法。",
        never="A finer code is used: AuthFailure.SecretIdNotFound, AuthFailure.InvalidSecretId.",
    ),
    _code(
        "FailedOperation.CheckMFAError",
        en="The second factor could not be checked.",
        zh="校验 MFA 失败。",
        never="No second factor is used.",
    ),
    _code(
        "FailedOperation.MFATypeNotSupported",
        en="This kind of second factor is not supported.",
        zh="MFA 类型不支持。",
        never="No second factor is used; `SerialNumber` and `TokenCode` are UnsupportedOperation.",
    ),
    _code(
        "FailedOperation.TempKeyNotAllowed",
        en="The action does not take temporary keys.",
        zh="该接口不支持临时密钥调用。",
        when="`GetFederationToken` signed with a temporary key.",
        how="Call `GetFederationToken`, and once more with the key that it gave.",
        remedy="Call with a permanent key, or take a role with `AssumeRole`.",
    ),
    _code("InternalError.DbError", en="Database error.", zh="数据库错误。", never=_CLOUD),
    _code("InternalError.EncryptError", en="Encryption failed.", zh="加密失败。", never=_CLOUD),
    _code("InternalError.GetAppIdError", en="The APPID was not found.", zh="获取 AppId 错误。", never=_CLOUD),
    _code(
        "InternalError.GetRoleError",
        en="The role could not be found.",
        zh="获取角色失败。",
        when="`AssumeRole` of a role that does not exist, or that is of another account and does not trust the caller.",
        how="Call `AssumeRole` with `RoleArn` set to `qcs::cam::uin/1:roleName/nobody`.",
        remedy="Check `RoleArn`; ask the role's owner for its name and its trust policy.",
    ),
    _code("InternalError.GetSeedTokenError", en="No token could be made.", zh="获取 Token 失败。", never=_CLOUD),
    _code("InternalError.IllegalRole", en="The role is not valid.", zh="角色非法。", never=_CLOUD),
    _code("InternalError.PbSerializeError", en="Packing failed.", zh="打包失败。", never=_CLOUD),
    _code("InternalError.SystemError", en="Internal system error.", zh="系统内部错误。", never=_CLOUD),
    _code("InternalError.UnknownError", en="Unknown error.", zh="未知错误。", never=_CLOUD),
    _code(
        "InvalidParameter.AccessKeyNotSupport",
        en="This kind of key is not supported.",
        zh="不支持该类型密钥。",
        never="A finer code is used: FailedOperation.TempKeyNotAllowed.",
    ),
    _code(
        "InvalidParameter.AccountNotAvaliable",
        en="The account does not exist or cannot be used.",
        zh="账号不存在或不可用。",
        never="An account that does not exist has no role: InternalError.GetRoleError.",
    ),
    _code(
        "InvalidParameter.ExtendStrategyOverSize",
        en="The extended policy is too large.",
        zh="扩展策略过大。",
        never="There are no extended policies.",
    ),
    _code(
        "InvalidParameter.GrantOtherResource",
        en="The policy grants resources of others.",
        zh="越权访问资源。",
        never="A policy only narrows what the user or role may do already.",
    ),
    _code(
        "InvalidParameter.OverLimit",
        en="Requests are too frequent.",
        zh="超过频率限制。",
        never="A code of RequestLimitExceeded is used.",
    ),
    _code(
        "InvalidParameter.OverTimeError",
        en="The life asked for is too long.",
        zh="过期时间超过阈值。",
        when="`DurationSeconds` is above the action's limit, the role's own, or the one of root users or sub-users.",
        how="Call `AssumeRole` with `DurationSeconds` set to 43201.",
        remedy="Ask for at most the seconds that the message names.",
    ),
    _code(
        "InvalidParameter.ParamError",
        en="A parameter is not valid.",
        zh="参数错误。",
        when="`RoleArn`, `RoleSessionName`, `Name`, `ExternalId` or `DurationSeconds` is not of its form.",
        how="Call `AssumeRole` with `RoleSessionName` set to `a b`.",
        remedy="Correct what the message names.",
    ),
    _code(
        "InvalidParameter.PolicyTooLong",
        en="The policy is too long.",
        zh="策略过长。",
        when="`Policy` has more than 6144 characters without blanks, or would make a token of more than 4096.",
        how="Call `GetFederationToken` with a `Policy` of a thousand addresses.",
        remedy="Shorten the policy, or attach it to the user or role.",
    ),
    _code(
        "InvalidParameter.ResouceError",
        en="A resource of the policy is not described as it must be.",
        zh="策略资源六段式错误。",
        when="A `resource` of `Policy` is not `*` or a description in six parts that can match.",
        how='Call `GetFederationToken` with a `Policy` whose `resource` is `"everything"`.',
        remedy="Correct the place that the message names.",
    ),
    _code(
        "InvalidParameter.StrategyFormatError",
        en="The policy's syntax is wrong.",
        zh="策略语法错误。",
        when="`Policy` is no JSON, is encoded other than once, or says what the permission language does not know.",
        how="Call `GetFederationToken` with `Policy` set to `{}`.",
        remedy="Correct the place that the message names.",
    ),
    _code(
        "InvalidParameter.StrategyInvalid",
        en="The policy is not valid.",
        zh="非法策略。",
        never="A finer code is used: InvalidParameter.StrategyFormatError.",
    ),
    _code(
        "InvalidParameter.TempCodeNotAvaliable", en="The code is not valid.", zh="临时 Code 无效。", never=_FEDERATED
    ),
    _code(
        "InvalidParameter.WebIdentityTokenError",
        en="The identity provider's token is not valid.",
        zh="WebIdentityToken 参数错误。",
        never=_FEDERATED,
    ),
    _code(
        "ResourceNotFound.RoleNotFound",
        en="The account has no such role.",
        zh="账号对应的角色不存在。",
        never="The published service is known to answer InternalError.GetRoleError, and so does this one.",
    ),
)
