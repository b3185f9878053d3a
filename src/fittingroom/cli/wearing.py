"""How the garment is worn, as flags of `fittingroom try`, turned into the engine's options.

Invariant: whatever is wrong with a flag is an `OptionError` whose text names it; no engine sees a senseless choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cyclopts import Parameter

from fittingroom.engines.outfit import Kind
from fittingroom.engines.protocol import FitStyle, TryOnOptions, Tuck

KINDS = {kind.value.lower(): kind for kind in Kind}


class OptionError(Exception):
    """A choice of how the garment is worn makes no sense."""


@Parameter(name="*")
@dataclass(frozen=True)
class Wearing:
    """How the garment is worn.

    Parameters
    ----------
    fit
        How close it sits: slim, regular or oversized.
    tuck
        Whether a top ends inside the waistband; auto does as the worn one.
    length
        Factor on the garment's own length, 0.7 to 1.4.
    rolled_sleeves
        End long sleeves below the elbow.
    mark
        A garment landmark you know better, NAME=X,Y in fractions of the garment photo, e.g. neck_front=0.5,0.18;
        repeatable.
    """

    fit: FitStyle = FitStyle.REGULAR
    tuck: Tuck = Tuck.AUTO
    length: float = 1.0
    rolled_sleeves: bool = False
    mark: tuple[str, ...] = ()

    def options(self) -> TryOnOptions:
        """The engine's options. Raises `OptionError`."""
        marks = dict(_named_point(text) for text in self.mark)
        try:
            return TryOnOptions(
                fit=self.fit, tuck=self.tuck, length=self.length, rolled_sleeves=self.rolled_sleeves, marks=marks
            )
        except ValueError as error:
            raise OptionError(str(error)) from error


@Parameter(name="*")
@dataclass(frozen=True)
class Outfit:
    """More than one garment, or one that is worn in its photo.

    Parameters
    ----------
    garment
        A further garment, TYPE=FILE or TYPE=URL, with TYPE upper-body, lower-body, dress, outer or auto; repeatable.
        The options of how a garment is worn are those of the first.
    worn
        Whether somebody wears the first garment in its photo; further ones are looked at.
    """

    garment: tuple[str, ...] = ()
    worn: Literal["auto", "yes", "no"] | None = None

    def further(self) -> list[tuple[Kind, str]]:
        """The further garments, each with its source. Raises `OptionError`."""
        found = []
        for text in self.garment:
            name, _, source = text.partition("=")
            kind = KINDS.get(name.lower())
            if kind is None or not source:
                raise OptionError(f"--garment is TYPE=FILE with TYPE one of {', '.join(KINDS)}, not {text!r}")
            found.append((kind, source))
        return found


def _named_point(text: str) -> tuple[str, tuple[float, float]]:
    name, _, point = text.partition("=")
    x, _, y = point.partition(",")
    try:
        place = float(x), float(y)
    except ValueError:
        place = None
    if not name or place is None:
        raise OptionError(f"--mark is NAME=X,Y in fractions of the garment photo, not {text!r}")
    return name, place
