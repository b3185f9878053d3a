"""Engines and a render function for worker processes of tests: each does one bad thing, named by the job's id.

A spawned process must be able to import this module, so it lies in a folder that the tests put on sys.path.
"""

import copy
import ctypes
import os
import time
from pathlib import Path

import numpy as np

from fittingroom.dispatch.worker import Failure
from fittingroom.engines.analysis import NOTHING_KEPT
from fittingroom.engines.protocol import ClothesType, DoesNotFit, NoPersonFound, OutOfMemory, TryOnReport, TryOnResult
from fittingroom.engines.threads import allowed_threads
from fittingroom.errors import ApiError
from fittingroom.pipeline import RenderedImage, RenderJob

STEPS = 100
"""Of `Stepping`: a second of work."""


class Fake:
    """Loads at once and counts its loads through the process id."""

    name = "fake"

    def load(self) -> None:
        self.loaded_in = os.getpid()

    def try_on(self, person, garment, clothes_type, options=None, checkpoint=None):
        report = TryOnReport("fake", np.zeros(person.shape[:2], np.float32), {}, 1.0)
        return TryOnResult(person, report)


class Remembering(Fake):
    """Understands a person as another copy of its pixels, and keeps that where it is given something to keep it in."""

    analyses = NOTHING_KEPT

    def using(self, analyses):
        other = copy.copy(self)
        other.analyses = analyses
        return other

    def try_on(self, person, garment, clothes_type, options=None, checkpoint=None):
        return super().try_on(self.analyses.get("person", person, self.name, person.copy), garment, clothes_type)


class Adjustable(Fake):
    """Takes the operator's choices."""

    settings = None

    def tuned(self, settings):
        other = copy.copy(self)
        other.settings = settings
        return other


class Unloadable(Fake):
    def load(self) -> None:
        raise FileNotFoundError("the weight x is missing; bring it with `fittingroom models pull`")


class TooLarge(Fake):
    """Fits where nothing but the file `FAKE_MARKER` says that it does not: it needs another's memory."""

    def load(self) -> None:
        if Path(os.environ["FAKE_MARKER"]).exists():
            raise DoesNotFit("fake needs 20.0 GB of memory and cuda:0 has 5.0 GB free")
        super().load()


class Stepping(Fake):
    """Samples as a network does: many short steps, with a checkpoint between any two. The file `FAKE_MARKER` gets a
    line for each step: when it began."""

    def try_on(self, person, garment, clothes_type, options=None, checkpoint=None):
        with Path(os.environ["FAKE_MARKER"]).open("a", encoding="ascii") as steps:
            for _ in range(STEPS):
                checkpoint()
                steps.write(f"{time.monotonic()}\n")
                time.sleep(0.01)
        return super().try_on(person, garment, clothes_type)


class DiesLoading(Fake):
    def load(self) -> None:
        os._exit(3)


class LoadsForever(Fake):
    def load(self) -> None:
        time.sleep(600)


class SlowOnFirstTry(Fake):
    def load(self) -> None:
        marker = Path(os.environ["FAKE_MARKER"])
        if not marker.exists():
            marker.write_text("tried")
            time.sleep(600)
        super().load()


class LoadsOnSecondTry(Fake):
    def load(self) -> None:
        marker = Path(os.environ["FAKE_MARKER"])
        if not marker.exists():
            marker.write_text("tried")
            os._exit(3)
        super().load()


def job(what: str = "ok", person: bytes = b"p") -> RenderJob:
    """A job that makes `render` do `what`."""
    return RenderJob(person, b"g", ClothesType.UPPER, what)


def gone(pid: int) -> bool:
    """Whether no process of this id runs (a dead one that nobody collected yet counts as gone)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def render(job, engine, checkpoint, images, reviewer) -> RenderedImage:
    """Does what `job.job_id` says, then answers with the process id."""
    word, _, argument = job.job_id.partition(":")
    if word in {"unpicklable", "foreign"}:
        return _odd_answer(word, argument)
    if word == "see":
        pixels = np.frombuffer(job.person, np.uint8).reshape(1, -1, 1).repeat(3, axis=2)
        engine.try_on(pixels, pixels, job.clothes_type, checkpoint=checkpoint)
    ACTIONS[word](argument, checkpoint)
    assert engine.loaded_in == os.getpid()
    stages = {
        "pid": os.getpid(),
        "threads": allowed_threads(),
        "bytes": len(job.person),
        "quality": images.jpeg_quality,
    }
    return RenderedImage(
        str(os.getpid()).encode(),
        "image/jpeg",
        1,
        1,
        engine.name,
        stages,
        1.0,
        (f"reviewer: {type(reviewer).__name__}",),
    )


def _steps(seconds, checkpoint) -> None:
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        checkpoint()
        time.sleep(0.01)


def _touch_then_steps(argument, checkpoint) -> None:
    path, _, seconds = argument.partition("|")
    Path(path).write_text("started")
    try:
        _steps(seconds, checkpoint)
    except BaseException:
        Path(path).unlink()
        raise


def _refuse(argument, checkpoint) -> None:
    raise ApiError("no_person", cause=NoPersonFound("nobody"), parameter=argument)


def _hog(argument, checkpoint) -> None:
    held = [np.ones(int(argument) << 20, np.uint8)]
    del held


def _raise(argument, checkpoint) -> None:
    raise ValueError(argument)


def _libc_sleep(argument, checkpoint) -> None:
    # Inside a library, without the interpreter lock: neither checkpoints nor Python signal handlers run.
    end = time.monotonic() + float(argument)
    while time.monotonic() < end:
        ctypes.PyDLL(None).usleep(100_000)


def _starve(argument, checkpoint) -> None:
    raise OutOfMemory("memory of cuda:0 ran out: tried to allocate 2 GiB")


def _quit(argument, checkpoint) -> None:
    raise SystemExit(argument)


class _Foreign:
    """Travels well, but is no outcome."""


def _odd_answer(word, argument) -> object:
    """What no worker should answer with."""
    if word == "unpicklable":
        return RenderedImage(b"", "image/jpeg", 1, 1, "fake", {}, 1.0, ((n for n in ()),))
    return Failure(argument, "", {}) if argument else _Foreign()


ACTIONS = {
    "ok": lambda argument, checkpoint: None,
    "see": lambda argument, checkpoint: None,
    "exit": lambda argument, checkpoint: os._exit(int(argument)),
    "segfault": lambda argument, checkpoint: ctypes.string_at(0),
    "abort": lambda argument, checkpoint: os.abort(),
    "steps": _steps,
    "touch": _touch_then_steps,
    "deaf": lambda argument, checkpoint: time.sleep(float(argument)),
    "stuck": _libc_sleep,
    "refuse": _refuse,
    "raise": _raise,
    "hog": _hog,
    "quit": _quit,
    "starve": _starve,
}
