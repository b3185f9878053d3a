"""Names with `*`, which stands for any run of characters, none included.

No regular expression: each piece between stars is looked for once, from left to right, so a hostile pattern costs no
more than its length times the name's. Invariant: without a star it is equality.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Glob:
    """A pattern, split once. Upper and lower case differ."""

    text: str

    @cached_property
    def _pieces(self) -> tuple[str, ...]:
        first, *middle = self.text.split("*")
        return (first, *filter(None, middle[:-1]), *middle[-1:])

    def matches(self, name: str) -> bool:
        """Whether the whole name fits."""
        first, *middle = self._pieces
        if not middle:
            return name == first
        last = middle.pop()
        at, end = len(first), len(name) - len(last)
        if end < at or not name.startswith(first) or not name.endswith(last):
            return False
        for piece in middle:
            found = name.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True
