"""Causes that lie with the server's state and the account's: limits, workers, money.

Invariant: as of all reasons, see `reasons`; besides, no message tells what other accounts do.
"""

from __future__ import annotations

from typing import Final

from fittingroom.errors.reason import Reason

RUNNING_REASONS: Final[dict[str, Reason]] = {
    # --- limits (accounts/limits) ------------------------------------------------------------------------------
    "job_num_exceed": Reason(
        "RequestLimitExceeded.JobNumExceed",
        "Too many tasks are being processed simultaneously. Please try again later.",
        "同时处理的任务数过多，请稍后重试。",
    ),
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
    # --- dispatch, and faults of ours ----------------------------------------------------------------------
    "internal": Reason(
        "InternalError",
        "An internal error has occurred. Retry your request, but if the problem persists, contact us.",
        "内部错误，请重试；如问题持续存在，请联系我们。",
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
    "device_out_of_memory": Reason(
        "FailedOperation.InnerError",
        "Internal service error: the device that makes the pictures ran out of memory, and this one was given up. "
        "Please try again; if it fails again, ask the server's operator to look at the log for this RequestId.",
        "服务内部错误：生成图片的设备内存不足，本次处理已终止，请重试；如仍失败，请联系管理员按 RequestId 查看日志。",
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
    # --- jobs (actions/jobs.py, jobs/) ---------------------------------------------------------------------------
    "job_not_exist": Reason(
        "FailedOperation.JobNotExist",
        "The job does not exist: your account has no job of this action by this JobId, or it ended too long ago. "
        "Use the JobId that the submission answered, and ask soon.",
        "任务不存在：您的账号下没有该接口的此 JobId，或任务结果已过期。请使用提交任务时返回的 JobId 并及时查询。",
    ),
    "job_queue_full": Reason(
        "RequestLimitExceeded.JobNumExceed",
        "Too many tasks are being processed simultaneously. Please try again later: {limit} jobs of your account wait "
        "or run already.",
        "同时处理的任务数过多，请稍后重试：您的账号已有 {limit} 个任务在排队或处理中。",
    ),
    "jobs_unavailable": Reason(
        "ServiceUnavailable",
        "Service is unavailable now: this server cannot reach its table of jobs. Please try again later.",
        "服务暂不可用：服务暂时无法访问任务表，请稍后重试。",
    ),
    "job_abandoned": Reason(
        "FailedOperation.InnerError",
        "Internal service error: the server stopped each of the {attempts} times that it tried this job. "
        "The account was not charged. Try other pictures, or ask the server's operator.",
        "服务内部错误：该任务尝试了 {attempts} 次，服务每次都意外终止，未扣费。请更换图片或联系管理员。",
    ),
    "job_too_late": Reason(
        "FailedOperation.RequestTimeout",
        "The backend service timed out: the job's turn did not come within {seconds} seconds. The account was not "
        "charged. Please submit it again.",
        "后端服务超时：任务等待超过 {seconds} 秒仍未开始，未扣费，请重新提交。",
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
}
