"""What is wrong with a policy document, said so that its writer finds the place at once.

Everything quoted from the document is cut and escaped, since the message goes to terminals and logs. Invariant: each
`PolicyError` names a place, either a JSON path (`statement[0].condition.ip_equal`) or a line and column.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_QUOTE = 60
_LONGEST_GUESS = 64


class PolicyError(Exception):
    """A document that is no policy, or says something that this server could not keep.

    where: a JSON path, `line L, column C`, or `the document`. problem: what was found there and what is allowed.
    """

    def __init__(self, where: str, problem: str) -> None:
        self.where = where
        self.problem = problem
        super().__init__(f"{where}: {problem}")

    def __reduce__(self) -> tuple[object, ...]:
        return PolicyError, (self.where, self.problem)


def quoted(text: str) -> str:
    """The text in quotes, ASCII and at most about 60 characters long."""
    cut = text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "..."
    return json.dumps(cut)


def guess(text: str, allowed: Iterable[str]) -> str:
    """` Did you mean "effect"?` where an allowed word is near, whatever its case; else nothing."""
    if len(text) > _LONGEST_GUESS:
        return ""
    words = {word.lower(): word for word in allowed}
    near = get_close_matches(text.strip().lower(), words, n=1, cutoff=0.7)
    return f" Did you mean {quoted(words[near[0]])}?" if near else ""


def choices(words: Iterable[str]) -> str:
    """`action, condition or effect`."""
    *most, last = sorted(words)
    return f"{', '.join(most)} or {last}" if most else last
