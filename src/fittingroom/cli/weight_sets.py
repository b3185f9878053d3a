"""The part of `fittingroom models` that is about sets: what the list says of one, and how one is brought.

Invariant: nothing here reaches for the network but `bring`, and that only for the sets that were named.
"""

from __future__ import annotations

from pathlib import Path

from fittingroom.models import ModelsError, State, WeightSet
from fittingroom.models.report import Reporter
from fittingroom.models.sets import adopt_folder, record_of, set_state

HEADINGS = ("set", "GB", "licence", "state", "memory", "seconds a picture", "for")
NOTE = "Memory and seconds of sets are estimates or published figures, none measured here: docs/engines.md."


def cells(one: WeightSet, directory: Path) -> tuple[str, ...]:
    """One line of the list."""
    memory = ", ".join(f"{how} {gigabytes:g} GB" for how, gigabytes in one.memory.items())
    seconds = ", ".join(f"{card} {value:g}" for card, value in one.seconds.items())
    size = f"{one.download / 1e9:.1f}"
    return one.name, size, one.license, state_of(one, directory), memory, seconds, one.use


def state_of(one: WeightSet, directory: Path) -> str:
    """Present, with the commit; or what is wrong."""
    found, _ = set_state(one, directory)
    record = record_of(one.name, directory)
    if found is not State.PRESENT or record is None:
        return found.value
    return f"present ({record.origins[0].revision[:7]})" if record.origins else "present (own files)"


def bring(
    one: WeightSet,
    directory: Path,
    reporter: Reporter,
    *,
    folder: Path | None,
    revision: str | None,
    allow_noncommercial: bool,
) -> None:
    """From `folder`, or from the hub at `revision`. Raises `ModelsError`."""
    if folder is not None:
        if revision is not None:
            raise ModelsError("--from and --revision exclude each other.")
        adopt_folder(one.name, folder, directory, reporter, allow_noncommercial=allow_noncommercial)
        return
    from fittingroom.models.sets_pull import pull_set  # noqa: PLC0415  # urllib and its kin, for a pull alone

    pull_set(one, directory, reporter, revision=revision, allow_noncommercial=allow_noncommercial)


def verified(one: WeightSet, directory: Path) -> str | None:
    """None where every byte of the set is right, else what is wrong."""
    found, detail = set_state(one, directory, thorough=True)
    if found is State.PRESENT:
        return None
    return f"{found.value}: {detail}" if detail else found.value
