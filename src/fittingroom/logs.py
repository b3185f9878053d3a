"""The one place that says how log lines look and where they go: stderr, one event with its fields per line.

JSON for machines, coloured lines on a terminal. Lines of libraries (uvicorn, SQLAlchemy, asyncio) come out in the same
shape, and all that belongs to a request carries its id, which the edge and the workers bind to their context.
Invariant: fields whose names speak of a secret are masked, and of every text, tracebacks included, the queries of URLs,
assigned secrets and long encoded data are cut out, whoever logs them.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, TextIO

import structlog
from structlog.typing import Processor

from fittingroom.setting_logs import LogSettings

_SECRET_WORDS: Final = ("secret_key", "token", "authorization", "signature", "password", "master_key", "signing_key")

MASK: Final = "********"

ENCODED_LENGTH: Final = 200
"""Characters of one run of letters and digits, or of escaped bytes, from which on it is no word but data."""

_QUERY: Final = re.compile(r"\?[^\s'\"<>]+")
_ASSIGNED: Final = re.compile(
    r"(?i)\b((?:\w*signature|\w*token|\w*secret_?key|authorization|password)=)[^\s'\"<>&,;)]+"
)
_ENCODED: Final = re.compile(rf"[A-Za-z0-9+/_=-]{{{ENCODED_LENGTH},}}|(?:\\x[0-9a-f]{{2}}){{{ENCODED_LENGTH // 4},}}")


def configure_logs(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Set logging up for this process; calling it again replaces what was set. stream: default stderr."""
    stream = stream or sys.stderr
    as_json = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.StackInfoRenderer(), *_renderers(as_json, stream)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(as_json, stream)],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def mask_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: mask the values of fields that are named like a secret."""
    for name in event:
        if any(word in name.lower() for word in _SECRET_WORDS):
            event[name] = MASK
    return event


def scrubbed(text: str) -> str:
    """`text` without what libraries put into their errors and nobody may keep: queries of URLs (that of a signed URL is
    as good as a password), assigned secrets, and long runs of encoded data such as a picture in Base64."""
    if len(text) >= ENCODED_LENGTH:
        text = _ENCODED.sub(lambda found: f"<{len(found[0])} characters>", text)
    if "?" in text:
        text = _QUERY.sub("?...", text)
    # Most texts hold none of it, and looking for the two signs is a hundred times quicker than the patterns.
    return _ASSIGNED.sub(r"\1" + MASK, text) if "=" in text else text


def scrub(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: scrub all texts of an event, however deep they lie."""
    for name, value in event.items():
        event[name] = _scrubbed(value)
    return event


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, Mapping):
        return {name: _scrubbed(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_scrubbed(inner) for inner in value]
    return value if isinstance(value, int | float | None) else scrubbed(repr(value))


def _renderers(as_json: bool, stream: TextIO) -> list[Processor]:
    # Tracebacks are formatted here, since the console's own formatter prints local variables, which may hold secrets or
    # pictures.
    before: list[Processor] = [structlog.processors.format_exc_info, scrub]
    if as_json:
        return [*before, structlog.processors.JSONRenderer(ensure_ascii=False)]
    plain = structlog.dev.plain_traceback
    return [*before, structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)]
