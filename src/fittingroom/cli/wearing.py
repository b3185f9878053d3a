"""How the garment is worn, as flags of `fittingroom try`, turned into the engine's options.

Invariant: whatever is wrong with a flag is an `OptionError` whose text names it; no engine sees a senseless choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from cyclopts import Parameter

from fittingroom.engines.protocol import FitStyle, TryOnOptions, Tuck


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
