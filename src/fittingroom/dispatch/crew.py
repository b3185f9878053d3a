"""Each worker of this machine as an operator wants to see it: what it does, its process, its memory, its losses.

Read from the slots at the moment of asking, so nothing here can grow old. Invariant: looking never waits for a worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fittingroom.dispatch.memory import resident_bytes
from fittingroom.dispatch.protocol import State
from fittingroom.dispatch.slot import Slot


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker. pid: 0 before its first set-up. memory: resident bytes, 0 where the system does not tell. restarts:
    times that it was lost and started again. detail: why it has no engine, in English; empty where it has."""

    number: int
    state: State
    pid: int
    memory: int
    restarts: int
    detail: str = ""


def muster(
    slots: Sequence[Slot], states: Sequence[State], lost: Sequence[int], failures: Mapping[int, str]
) -> list[Worker]:
    """The workers of these slots, in their order. states, lost: one of each slot. failures: by the slot's number."""
    return [
        Worker(number, state, slot.pid, resident_bytes(slot.pid) if slot.pid else 0, times, failures.get(number, ""))
        for number, (slot, state, times) in enumerate(zip(slots, states, lost, strict=True))
    ]
