"""What the site changes of the documents: links to what is beside `docs/` in the repository become plain text.

A reader of the repository can follow `../deploy`; the site holds `docs/` alone. mkdocs calls `on_page_markdown` for
every page (`hooks` in mkdocs.yml). Invariant: links within `docs/` stay as they are, so that a wrong one is found.
"""

from __future__ import annotations

import re
from typing import Any

_OUTSIDE = re.compile(r"(?<!!)\[([^\]]+)\]\(\.\./[^)\s]*\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page's text as the site shows it."""
    return _OUTSIDE.sub(r"\1", markdown)
