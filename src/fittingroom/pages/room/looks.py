"""One look: from the page's parameters to a picture, told stage by stage while it is made.

The page sends the parameters of a `ChangeClothes` call in which photos are named by the room's own addresses; here they
become a signed `ChangeOutfit` call with one garment, which makes the same picture and also says how sure the engine
is. Invariant: a look ends with exactly one `done` or `failed`, or with the connection, and then no work is done on it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import structlog

from fittingroom.engines.outfit import Kind
from fittingroom.errors import ApiError, Language
from fittingroom.images.headers import sniff
from fittingroom.images.hosted import HostingFetcher
from fittingroom.pages.room.calls import CallGone, InnerCaller
from fittingroom.pages.room.refusals import BUSY, MALFORMED, Refused
from fittingroom.pages.room.sessions import Kept, Visit, Visits, picked
from fittingroom.pages.room.warnings import translated
from fittingroom.tracing import heard

log = structlog.get_logger(__name__)

STAGES: Final = {"receive": "check", "fetch": "photos", "render": "dress", "deliver": "finish"}
"""The work's own parts, as they begin, and what the page calls them."""

ORDER: Final = tuple(STAGES.values())
TELL_EVERY: Final = 1.0
"""Seconds between events while a stage lasts."""

TYPES: Final = (Kind.AUTO.value, Kind.UPPER.value, Kind.LOWER.value, Kind.DRESS.value)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page asks for. model, garment: the room's own address of a photo, or any URL."""

    model: str
    garment: str
    clothes_type: str


def wish_of(told: object) -> Wish:
    """The wish in the page's JSON. Raises `Refused`."""
    if not isinstance(told, dict):
        raise Refused(MALFORMED)
    values = [told.get(name) for name in ("ModelUrl", "ClothesUrl", "ClothesType")]
    if not all(isinstance(value, str) and value for value in values) or values[2] not in TYPES:
        raise Refused(MALFORMED)
    return Wish(*(str(value) for value in values))


class Looks:
    """Makes looks for visitors. samples: the bytes behind the room's address of a sample, None for any other.
    waiting: how many jobs wait for a worker."""

    def __init__(
        self,
        visits: Visits,
        caller: InnerCaller,
        fetcher: HostingFetcher,
        samples: Callable[[str], bytes | None],
        waiting: Callable[[], int],
    ) -> None:
        self._visits = visits
        self._caller = caller
        self._fetcher = fetcher
        self._samples = samples
        self._waiting = waiting
        self._seconds: deque[float] = deque(maxlen=9)

    async def events(self, visit: Visit, wish: Wish, language: Language, outer: Any) -> AsyncIterator[bytes]:
        """Server-sent events, until the look has ended. Closing the iterator ends the work."""
        # Once more: another look may have begun while this one's headers were sent.
        if visit.busy:
            yield event("failed", _failed(BUSY.code, BUSY.message(language)))
            return
        gone, begun = asyncio.Event(), time.monotonic()
        stages: asyncio.Queue[str | None] = asyncio.Queue()
        work = asyncio.create_task(self._work(visit, wish, language, outer, gone, stages.put_nowait))
        work.add_done_callback(lambda _: stages.put_nowait(None))
        visit.busy = True
        stage: str | None = ORDER[0]
        try:
            while stage is not None:
                yield self._stage(stage, time.monotonic() - begun)
                try:
                    stage = await asyncio.wait_for(stages.get(), TELL_EVERY)
                except TimeoutError:
                    continue
            name, told = work.result()
            if name == "done":
                self._seconds.append(told["seconds"])
            yield event(name, told)
        finally:
            gone.set()
            visit.busy = False

    def _stage(self, stage: str, seconds: float) -> bytes:
        told: dict[str, object] = {"stage": stage, "index": ORDER.index(stage), "of": len(ORDER)}
        told["seconds"] = round(seconds, 1)
        told["expected"] = round(statistics.median(self._seconds), 1) if self._seconds else None
        told["waiting"] = (self._waiting() or None) if stage == "dress" else None
        return event("stage", told)

    async def _work(
        self,
        visit: Visit,
        wish: Wish,
        language: Language,
        outer: Any,
        gone: asyncio.Event,
        tell: Callable[[str | None], None],
    ) -> tuple[str, dict[str, Any]]:
        """The last event. Never raises, but when it is cancelled."""
        begun = time.monotonic()
        try:
            with ExitStack() as stack, heard(lambda name: tell(STAGES[name]) if name in STAGES else None):
                parameters = self._parameters(visit, wish, stack)
                answer = await self._caller.call("ChangeOutfit", parameters, language=language, outer=outer, gone=gone)
            if "Error" in answer:
                return "failed", _failed(
                    answer["Error"]["Code"], _named(answer["Error"]["Message"]), answer["RequestId"]
                )
            return "done", self._done(visit, answer, time.monotonic() - begun, language)
        except Refused as error:
            return "failed", _failed(error.refusal.code, error.refusal.message(language))
        except CallGone:
            return "failed", _failed("ClientGone", "")
        except Exception:
            log.exception("internal_error")
            fault = ApiError("internal")
            return "failed", _failed(fault.code, fault.message(language))

    def _parameters(self, visit: Visit, wish: Wish, stack: ExitStack) -> dict[str, object]:
        return {
            "ModelUrl": self._address(visit, wish.model, stack),
            "Garments": [{"Url": self._address(visit, wish.garment, stack), "ClothesType": wish.clothes_type}],
        }

    def _address(self, visit: Visit, address: str, stack: ExitStack) -> str:
        """An address that the API can fetch: one of ours for the time of the look, any other as it is."""
        if not address.startswith("/room/"):
            return address
        data = self._samples(address)
        if data is None:
            data = picked(visit.photos, address.removeprefix("/room/photos/")).data
        return stack.enter_context(self._fetcher.holding(data))

    def _done(self, visit: Visit, answer: Mapping[str, Any], seconds: float, language: Language) -> dict[str, Any]:
        data = base64.b64decode(answer["ResultImages"][0])
        media_type = "image/png" if sniff(data) == "PNG" else "image/jpeg"
        id_ = self._visits.keep_look(visit, Kept(data, media_type))
        garment = answer["Garments"][0] if answer["Garments"] else {}
        return {
            "id": id_,
            "picture": f"/room/looks/{id_}/picture",
            "request_id": answer["RequestId"],
            "seconds": round(seconds, 2),
            "confidence": answer["Confidence"],
            "warnings": [
                {"code": "engine", "message": text, "advice": ""} for text in translated(answer["Warnings"], language)
            ],
            "clothes_type": garment.get("ClothesType"),
        }


def _failed(code: str, message: str, request_id: str = "") -> dict[str, Any]:
    return {"code": code, "message": message, "request_id": request_id}


def _named(message: str) -> str:
    """With the parameters' names as the page, and the code that it shows, have them."""
    return message.replace("Garments.0.Url", "ClothesUrl").replace("Garments.0.ClothesType", "ClothesType")


def event(name: str, told: Mapping[str, object]) -> bytes:
    """As `text/event-stream` has it."""
    return f"event: {name}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n".encode()
