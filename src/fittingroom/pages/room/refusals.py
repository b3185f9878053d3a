"""What the room itself refuses, in both languages; the API's own errors keep their published codes and messages.

Invariant: a refusal says what to do, and holds nothing of the photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse

from fittingroom.errors import ApiError, Language
from fittingroom.pages.static import SECURITY

PRIVATE: Final = SECURITY | {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. status: of HTTP."""

    status: int
    code: str
    en: str
    zh: str

    def message(self, language: Language) -> str:
        """The text for the visitor."""
        return self.zh if language == "zh-CN" else self.en


class Refused(Exception):
    """Carries a refusal to the page."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


EXPIRED: Final = Refusal(
    403,
    "SessionExpired",
    "This visit has ended. Load the page again; photos have to be chosen again.",
    "本次会话已结束。请重新加载页面，并重新选择照片。",
)
FOREIGN: Final = Refusal(
    403,
    "NotFromThisPage",
    "This request does not come from the fitting room's own page. Open the page under the address of the server; if "
    "that has another name, its operator sets pages.hosts.",
    "该请求并非来自试衣间页面。请使用服务器自身的地址打开页面；若使用其他域名，请由运维设置 pages.hosts。",
)
MISSING: Final = Refusal(
    404, "NoSuchPicture", "This picture is not here any more. Choose it again.", "该图片已不存在，请重新选择。"
)
FULL: Final = Refusal(
    503,
    "RoomFull",
    "The fitting room holds as many photos as it may. Remove a photo, or try again in some minutes.",
    "试衣间可保存的照片已满。请删除一张照片，或几分钟后再试。",
)
CROWDED: Final = Refusal(
    503,
    "RoomCrowded",
    "All places of the fitting room are taken. Try again in some minutes.",
    "试衣间人数已满，请几分钟后再试。",
)
BUSY: Final = Refusal(
    409,
    "LookRunning",
    "A picture of yours is being made. Wait for it, or cancel it.",
    "您的一张图片正在生成，请等待或取消。",
)
MALFORMED: Final = Refusal(
    400,
    "BadRequest",
    "The page sent something that the server does not know. Load it again.",
    "页面请求无法识别，请重新加载页面。",
)


def language_of(request: Request) -> Language:
    """What the page asks for by `lang`, else the browser's first wish, else English."""
    wished = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return "zh-CN" if wished.lower().startswith("zh") else "en-US"


def refused(error: Refusal, language: Language) -> JSONResponse:
    """As the page reads it."""
    told = {"code": error.code, "message": error.message(language)}
    return JSONResponse({"error": told}, error.status, PRIVATE)


def refused_by_api(error: ApiError, language: Language) -> JSONResponse:
    """A photo that the API would refuse, said at once, in the API's words."""
    return JSONResponse({"error": {"code": error.code, "message": error.message(language)}}, 400, PRIVATE)
