"""What the console refuses, in both languages.

Invariant: a refusal says what to do, and never whether a token was nearly right.
"""

from __future__ import annotations

from typing import Final

from fittingroom.pages.room.refusals import Refusal

FOREIGN: Final = Refusal(
    403,
    "NotFromThisPage",
    "This request does not come from the console's own page. Open the console under the address of the server; if that "
    "has another name, set pages.hosts.",
    "该请求并非来自控制台页面。请使用服务器自身的地址打开控制台；若使用其他域名，请设置 pages.hosts。",
)
SIGNED_OUT: Final = Refusal(
    401,
    "SignedOut",
    "You are not signed in, or no longer. Sign in with the token that the server printed when it started.",
    "尚未登录或登录已失效。请使用服务器启动时打印的令牌登录。",
)
WRONG: Final = Refusal(
    403,
    "WrongToken",
    "This is not the token of this server. A server prints a new one at each start, unless pages.console_token is set.",
    "令牌不正确。除非设置了 pages.console_token，服务器每次启动都会打印新的令牌。",
)
WAIT: Final = Refusal(
    429,
    "TooManyAttempts",
    "Too many wrong tokens. Wait a minute, then try again.",
    "令牌错误次数过多，请一分钟后再试。",
)
MALFORMED: Final = Refusal(
    400,
    "BadRequest",
    "The page sent something that the server does not know. Load it again.",
    "页面请求无法识别，请重新加载页面。",
)
UNREADABLE: Final = Refusal(
    503,
    "DatabaseUnreadable",
    "The database of accounts cannot be read. The server's log says why (console_unreadable).",
    "无法读取账户数据库。原因见服务器日志（console_unreadable）。",
)
