"""A run: every engine over every pair that it has not done yet, one engine in memory at a time.

Each goes through the Python API as a user's own program would, review included, remembering nothing of earlier
pictures, so that seconds compare. A refusal is an outcome; a fault of an engine is noted with its traceback and does
not end the run, nor does an engine that cannot be loaded. Invariant: every engine and usable pair has one outcome.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from fittingroom.api import Fitting, FittingRoom, read_picture
from fittingroom.engines.protocol import Engine, EngineError, RgbImage
from fittingroom.engines.registry import RegistryError
from fittingroom.errors import ApiError
from fittingroom.evaluation.own.cases import Bad, Case
from fittingroom.evaluation.own.kept import Kept, Outcome, key_of
from fittingroom.evaluation.own.measuring import Measured, Rulers, outside
from fittingroom.models import ModelsError
from fittingroom.moderation.loading import ReviewerUnavailable
from fittingroom.setting_neural import NeuralSettings
from fittingroom.settings import ModerationSettings

Say = Callable[[str], None]
NO_TRUTH = "the pair names no truth"
NO_WORN = "the pair names no garment that was worn"


@dataclass(slots=True)
class Run:
    """What a run came to. unusable: engines that could not be loaded, with the reason."""

    engines: list[str]
    cases: list[Case]
    bad: list[Bad]
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)
    loading: dict[str, float] = field(default_factory=dict)

    @property
    def compared(self) -> list[str]:
        """The engines that have an outcome."""
        return [name for name in self.engines if any(engine == name for engine, _ in self.outcomes)]

    def of(self, engine: str) -> list[Outcome]:
        """An engine's outcomes, in the order of the pairs."""
        return [self.outcomes[engine, case.id] for case in self.cases if (engine, case.id) in self.outcomes]

    @property
    def complete(self) -> bool:
        """Whether all that was asked for was dressed, or refused, without a fault."""
        return not (self.bad or self.unusable or any(one.crash for one in self.outcomes.values()))


@dataclass(frozen=True, slots=True)
class Photos:
    """A pair's pictures, uint8 RGB (H, W, 3)."""

    person: RgbImage
    garment: RgbImage
    truth: RgbImage | None
    worn: RgbImage | None


@dataclass(frozen=True)
class Making:
    """How pictures are made. version: of this package, in each outcome's key. again: make what is there anew."""

    version: str
    review: ModerationSettings | None = field(default_factory=ModerationSettings)
    neural: NeuralSettings | None = None
    again: bool = False

    def room(self, engine: str | Engine) -> FittingRoom:
        """An engine that remembers nothing of earlier pictures. Raises `RegistryError`."""
        return FittingRoom(engine, review=self.review, cache_mb=0, neural=self.neural)


def usable(cases: Iterable[Case]) -> tuple[list[Case], list[Bad]]:
    """The pairs whose pictures can all be read, and the others."""
    good, bad = [], []
    for case in cases:
        try:
            photos_of(case)
        except (ApiError, OSError) as error:
            bad.append(Bad(case.id, _sentence(error)))
        else:
            good.append(case)
    return good, bad


def photos_of(case: Case) -> Photos:
    """Read a pair's pictures. Raises `ApiError`, OSError."""
    found = {name: read_picture(path, name) for name, path in case.files().items()}
    return Photos(found["person"], found["garment"], found.get("truth"), found.get("worn"))


def run(engines: Sequence[str], cases: Iterable[Case], kept: Kept, making: Making, rulers: Rulers, say: Say) -> Run:
    """Dress and measure what is not there yet. engines: names or `module:Class`. Raises `EvaluationError`."""
    good, bad = usable(cases)
    done = Run(list(engines), good, bad)
    for name in engines:
        before = {} if making.again else kept.outcomes()
        keys = {case.id: key_of(case, name, making.version) for case in good}
        there = {case.id: before.get((name, case.id)) for case in good}
        fresh = {number: one for number, one in there.items() if one is not None and one.key == keys[number]}
        done.outcomes |= {(name, number): one for number, one in fresh.items()}
        wanted = [case for case in good if case.id not in fresh]
        if not wanted:
            continue
        room = _loaded(name, making, done)
        if room is None:
            say(f"{name}: not run: {done.unusable[name]}")
            continue
        for case in wanted:
            outcome, picture = dress(room, name, keys[case.id], case, rulers)
            kept.add(outcome, picture)
            done.outcomes[name, case.id] = outcome
            say(line(outcome))
    return done


def _loaded(name: str, making: Making, done: Run) -> FittingRoom | None:
    started = time.perf_counter()
    try:
        room = making.room(name)
        room.load()
    except (EngineError, ModelsError, RegistryError, ReviewerUnavailable, ImportError, OSError) as error:
        done.unusable[name] = _sentence(error)
        return None
    done.loading[name] = round(time.perf_counter() - started, 2)
    return room


def dress(room: FittingRoom, engine: str, key: str, case: Case, rulers: Rulers) -> tuple[Outcome, RgbImage | None]:
    """One pair by one engine: the outcome and the picture, None where it was refused or failed."""
    outcome = Outcome(engine, case.id, key)
    photos = photos_of(case)
    try:
        started = time.perf_counter()
        fitting = room.try_on(photos.person, photos.garment, case.clothes_type)
        seconds = time.perf_counter() - started
    except (EngineError, ApiError) as refusal:
        outcome.error = _sentence(refusal)
        return outcome, None
    except Exception as fault:
        outcome.error, outcome.crash = _sentence(fault), traceback.format_exc(limit=-6)
        return outcome, None
    if fitting.array.shape != photos.person.shape or fitting.report.mask.shape != photos.person.shape[:2]:
        outcome.error = outcome.crash = "the engine's picture or mask has not the size of the person's photo"
        return outcome, None
    measured = _measured(room, photos, fitting, case, rulers, outcome)
    measured.put("seconds", seconds, "")
    outcome.values, outcome.missing = measured.values, measured.missing
    outcome.confidence, outcome.warnings = round(fitting.report.confidence, 4), list(fitting.report.warnings)
    return outcome, fitting.array


def _measured(
    room: FittingRoom, photos: Photos, fitting: Fitting, case: Case, rulers: Rulers, outcome: Outcome
) -> Measured:
    """outcome: gets the traceback of a fault on the way back, which leaves the picture and its other measures."""
    into = Measured()
    outside(photos.person, fitting.array, fitting.report.mask, into)
    rulers.body(photos.person, photos.garment, fitting.array, case.clothes_type, into)
    if photos.truth is None:
        into.missing |= {"truth_ssim": NO_TRUTH, "truth_lpips": NO_TRUTH}
    else:
        rulers.likeness("truth", photos.truth, fitting.array, into)
    if photos.worn is None:
        into.missing |= {"round_ssim": NO_WORN, "round_lpips": NO_WORN}
        return into
    try:
        back = room.try_on(fitting.array, photos.worn, case.clothes_type)
    except (EngineError, ApiError) as refusal:
        reason = f"the way back was refused: {_sentence(refusal)}"
        into.missing |= {"round_ssim": reason, "round_lpips": reason}
    except Exception as fault:
        outcome.crash, reason = traceback.format_exc(limit=-6), f"the way back had a fault: {_sentence(fault)}"
        into.missing |= {"round_ssim": reason, "round_lpips": reason}
    else:
        rulers.likeness("round", photos.person, back.array, into)
    return into


def line(outcome: Outcome) -> str:
    """An outcome in a line for the terminal."""
    if outcome.error:
        return f"{outcome.engine}  {outcome.pair}: {'FAULT' if outcome.crash else 'refused'}: {outcome.error}"
    told = "  ".join(f"{name} {value:.4g}" for name, value in outcome.values.items())
    return f"{outcome.engine}  {outcome.pair}: {told}"


def _sentence(error: BaseException) -> str:
    return error.message() if isinstance(error, ApiError) else f"{type(error).__name__}: {error}"
