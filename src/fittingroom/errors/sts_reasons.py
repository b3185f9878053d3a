"""The causes that only the actions of `sts` have: reason -> code, English and Chinese message.

Plain rows, which `reasons` takes in among all others. "role not exist" is the text that the published service is known
to answer, so it stands first in its message. Invariant: no message tells a stranger whether a role exists.
"""

from __future__ import annotations

from typing import Final

STS_REASONS: Final[dict[str, tuple[str, str, str]]] = {
    "sts_parameter": (
        "InvalidParameter.ParamError",
        "The value `{value}` specified in the parameter `{parameter}` is not valid; expected: {expected}.",
        "参数 `{parameter}` 的取值 `{value}` 不合法，应为：{expected}。",
    ),
    "sts_over_time": (
        "InvalidParameter.OverTimeError",
        "`DurationSeconds` is {seconds}: the longest that this caller and role may have is {longest}. Ask for less.",
        "参数 `DurationSeconds` 的值为 {seconds}，超过了该调用者及角色的上限 {longest}，请减小。",
    ),
    "sts_policy": (
        "InvalidParameter.StrategyFormatError",
        "The parameter `Policy` is not a policy of version 2.0, URL-encoded once. At {where}: {problem}",
        "参数 `Policy` 不是经过一次 URL 编码的 2.0 版策略。位置 {where}：{problem}",
    ),
    "sts_policy_resource": (
        "InvalidParameter.ResouceError",
        "The parameter `Policy` names a resource that cannot be. At {where}: {problem}",
        "参数 `Policy` 中的资源描述有误。位置 {where}：{problem}",
    ),
    "sts_policy_too_long": (
        "InvalidParameter.PolicyTooLong",
        "The parameter `Policy` is too long. Shorten it, or attach the policy to the user or role instead.",
        "参数 `Policy` 过长，请缩短，或将策略绑定到用户或角色。",
    ),
    "sts_role_not_found": (
        "InternalError.GetRoleError",
        "role not exist: there is no such role, or it does not trust you. Check the account and the name in `RoleArn` "
        "with whoever owns the role.",
        "角色不存在（role not exist）：没有该角色，或该角色未信任您。请与角色所有者核对 `RoleArn` 中的账号与角色名。",
    ),
    "sts_temporary_key": (
        "FailedOperation.TempKeyNotAllowed",
        "This action does not take temporary keys. Call it with a permanent key.",
        "该接口不支持临时密钥调用，请使用永久密钥。",
    ),
    "sts_unserved": (
        "UnsupportedOperation",
        "The parameter `{parameter}` is not supported by this server. Leave it out.",
        "本服务不支持参数 `{parameter}`，请不要传入。",
    ),
    "unsigned_payload": (
        "AuthFailure.SignatureFailure",
        "This action must be signed with its body: UNSIGNED-PAYLOAD is not accepted. Take `unsignedPayload` off the "
        "client's profile.",
        "该接口的签名必须包含请求体，不接受 UNSIGNED-PAYLOAD，请关闭客户端的 `unsignedPayload`。",
    ),
}
