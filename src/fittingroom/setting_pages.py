"""Settings of the pages that the server shows in a browser.

Invariant: as of all settings, see `settings`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from fittingroom.setting_types import MIB, Count, Seconds, Section, Words

OWN_ACCOUNT = "fitting-room"
"""Name of the account that a server makes for its fitting room."""


class PageSettings(Section):
    """Pages for people: the fitting room at `/room`, the operator's `/console`, and the developers' page at `/docs`."""

    room: Literal["auto", "on", "off"] = Field(
        default="auto", description="Serve `/room`; auto: where the server listens on a loopback address alone."
    )
    room_account: str = Field(
        default=OWN_ACCOUNT,
        min_length=1,
        description="Account that the room's pictures count for; the default one is made, free of charge, when needed.",
    )
    room_sessions: Count = Field(default=200, description="Visitors of the room at the same time.")
    room_session_bytes: Count = Field(
        default=96 * MIB, description="Bytes of photos and pictures kept for one visitor, in memory."
    )
    room_total_bytes: Count = Field(default=768 * MIB, description="The same for all visitors together.")
    room_ttl: Seconds = Field(
        default=1800.0, description="Seconds after a visitor's last request in which all of theirs is forgotten."
    )
    console: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="Serve the operator's `/console`; auto: where the server listens on a loopback address alone.",
    )
    console_token: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None,
        description="Signs in to `/console`, 16 characters or more; default: a new one at each start, which `serve` "
        "prints.",
    )
    docs: bool = Field(default=True, description="Serve `/docs`.")
    hosts: Words = Field(
        default=(),
        description="Host names under which browsers may open pages, besides those of this machine; default: any, "
        "where the server listens on more than loopback, else none.",
    )
