"""`python -m killed_server STEP serve ...`: the real command, which kills itself by SIGKILL at a step of the ledger.

STEP is `before`, `inside` or `after` and a step of the ledger: `inside:charge` is after the last statement of a charge
and before its commit. `before:deliver` is when the picture has come from its worker. Nothing of the product knows of
this: its functions are wrapped from outside, in this process alone.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from fittingroom.accounts.ledger import book
from fittingroom.accounts.ledger.counter import Counter
from fittingroom.accounts.ledger.leases import Lease
from fittingroom.actions import dressing
from fittingroom.cli.main import main

OWNERS: dict[str, Any] = {
    "reserve": Counter,
    "charge": Counter,
    "give_back": Counter,
    "sweep": Lease,
    "deliver": dressing,
}


def die(*_words: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def patch(step: str) -> None:
    """Wrap the one function that STEP names."""
    when, _, name = step.partition(":")
    owner, attribute = (dressing, "deliver") if name == "deliver" else (OWNERS[name], name)
    if when == "inside":
        owner, attribute = book, "give_back" if name == "sweep" else name
    real: Callable[..., Any] = getattr(owner, attribute)

    @functools.wraps(real)
    def wrapped(*words: Any, **named: Any) -> Any:
        if when == "inside" and named.get("charged", name != "sweep") == (name == "sweep"):
            return real(*words, **named)  # the one way to give back is walked for requests and, here, for dead servers
        if when == "before":
            die()
        result = real(*words, **named)
        if name != "sweep" or result:
            die()
        return result

    setattr(owner, attribute, wrapped)


if __name__ == "__main__":
    patch(sys.argv[1])
    sys.argv = ["fittingroom", *sys.argv[2:]]
    main()
