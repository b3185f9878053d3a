"""Who is in the fitting room, and the photos and pictures that they have with them.

All of it lies in memory, bounded in visitors, bytes and time: a visitor's oldest pictures make room for new ones,
photos never go unasked. Invariant: `held` is the sum of all bytes kept, and a session that is closed or has expired
holds none.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fittingroom.pages.room.refusals import CROWDED, EXPIRED, FULL, MISSING, Refused
from fittingroom.setting_pages import PageSettings

MOST_PHOTOS: Final = 64
"""Photos of one visitor; the page needs two. Without it, files of a few bytes that only look like pictures would cost
more memory than their bytes tell, and each the time to count all others."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo or a picture. media_type: of HTTP."""

    data: bytes
    media_type: str


@dataclass(eq=False, slots=True)
class Visit:
    """One visitor: a tab. id: of the cookie, which all tabs of a browser share. token: what the page's script sends
    besides. photos and looks: by id, oldest first. seen: seconds of the clock."""

    id: str
    token: str
    seen: float
    photos: dict[str, Kept] = field(default_factory=dict)
    looks: dict[str, Kept] = field(default_factory=dict)
    busy: bool = False

    @property
    def bytes(self) -> int:
        """What is kept for this visitor."""
        return sum(len(one.data) for one in (*self.photos.values(), *self.looks.values()))


class Visits:
    """All visitors. clock: seconds that only grow."""

    def __init__(self, settings: PageSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._visits: dict[str, Visit] = {}

    def __len__(self) -> int:
        return len(self._visits)

    @property
    def held(self) -> int:
        """Bytes kept for all."""
        return sum(visit.bytes for visit in self._visits.values())

    def open(self, id_: str = "", before: str = "") -> Visit:
        """A new visitor. Raises `Refused` where there is no place.

        id_: the browser's cookie, which stays where another tab has a visit by it. before: the token that the tab had;
        what it stood for is forgotten, since the tab will only ever say good-bye for the new one.
        """
        self.sweep()
        if (last := self._with(before)) is not None:
            self.close(last)
        if len(self._visits) >= self._settings.room_sessions:
            self._give_place()
        shared = any(_same(visit.id, id_) for visit in self._visits.values())
        visit = Visit(id_ if shared else secrets.token_urlsafe(24), secrets.token_urlsafe(24), self._clock())
        self._visits[visit.token] = visit
        return visit

    def find(self, id_: str, token: str) -> Visit:
        """The visitor with this cookie and token. Raises `Refused`."""
        self.sweep()
        visit = self._with(token)
        if visit is None or not _same(visit.id, id_):
            raise Refused(EXPIRED)
        visit.seen = self._clock()
        return visit

    def leave(self, token: str) -> None:
        """Forget the visitor with this token, whatever the cookie, which may have gone first. Raises `Refused`."""
        visit = self._with(token)
        if visit is None:
            raise Refused(EXPIRED)
        self.close(visit)

    def close(self, visit: Visit) -> None:
        """Forget everything of a visitor."""
        visit.photos.clear()
        visit.looks.clear()
        self._visits.pop(visit.token, None)

    def sweep(self) -> None:
        """Forget visitors who have not been seen for too long; one whose picture is being made is still here."""
        latest = self._clock() - self._settings.room_ttl
        for visit in [one for one in self._visits.values() if one.seen < latest and not one.busy]:
            self.close(visit)

    def keep_photo(self, visit: Visit, photo: Kept) -> str:
        """Keep a photo; its id. Raises `Refused` where there is no room."""
        if len(visit.photos) >= MOST_PHOTOS:
            raise Refused(FULL)
        self._make_room(visit, len(photo.data))
        return _put(visit.photos, photo)

    def keep_look(self, visit: Visit, look: Kept) -> str:
        """Keep a finished picture; its id. Raises `Refused`."""
        self._make_room(visit, len(look.data))
        visit.seen = self._clock()  # it may have taken longer than a visit lasts
        return _put(visit.looks, look)

    def _give_place(self) -> None:
        """Forget the oldest visitor who has nothing here, and whose page therefore opens anew unseen.

        Else whoever asks for sessions in a loop would close the room to everybody.
        """
        idle = next((visit for visit in self._visits.values() if not (visit.busy or visit.bytes)), None)
        if idle is None:
            raise Refused(CROWDED)
        self.close(idle)

    def _with(self, token: str) -> Visit | None:
        return next((visit for visit in self._visits.values() if _same(visit.token, token)), None)

    def _make_room(self, visit: Visit, size: int) -> None:
        if visit.token not in self._visits:
            raise Refused(EXPIRED)
        while visit.looks and visit.bytes + size > self._settings.room_session_bytes:
            del visit.looks[next(iter(visit.looks))]
        if visit.bytes + size > self._settings.room_session_bytes or self.held + size > self._settings.room_total_bytes:
            raise Refused(FULL)


def picked(kept: dict[str, Kept], id_: str) -> Kept:
    """What is kept under an id. Raises `Refused`."""
    if id_ not in kept:
        raise Refused(MISSING)
    return kept[id_]


def _same(secret: str, given: str) -> bool:
    return hmac.compare_digest(secret.encode(), given.encode())


def _put(kept: dict[str, Kept], one: Kept) -> str:
    id_ = secrets.token_urlsafe(12)
    kept[id_] = one
    return id_
