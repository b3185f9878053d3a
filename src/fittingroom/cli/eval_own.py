"""`fittingroom eval DIR`: engines side by side on one's own photos, and a report.

docs/evaluation.md tells how photos are laid out and what is measured. Exit codes: 0 every engine dressed or refused
every pair, 1 a pair could not be used, an engine not be run, or one had a fault (the report is written all the same and
says which), 2 it could not begin. Invariant: nothing is written outside `--out`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fittingroom.api import write_whole
from fittingroom.configuration import ConfigurationError, load_configuration
from fittingroom.evaluation.own import machine, report
from fittingroom.evaluation.own.cases import read_cases
from fittingroom.evaluation.own.kept import Kept
from fittingroom.evaluation.own.measuring import Rulers
from fittingroom.evaluation.own.runs import Making, Run, run
from fittingroom.evaluation.photos import EvaluationError

FAILED, USAGE = 1, 2


def evaluate(
    place: Path,
    /,
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    engine: Annotated[list[str] | None, Parameter(negative=())] = None,
    limit: int | None = None,
    shown: int = 60,
    again: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Measure engines on your own photos, and write a report. The same command goes on where it was stopped.

    Parameters
    ----------
    place
        Folder of pairs, or a list of them (.csv, .json).
    out
        Folder for report.html, results.json, results.csv and the pictures.
    engine
        Engine to measure: a name, or module:Class of your own; repeatable (default: drape).
    limit
        At most so many pairs, the first ones.
    shown
        At most so many pairs with their pictures in the report.
    again
        Make anew what is there already.
    """
    try:
        if (limit is not None and limit < 1) or shown < 0:
            raise EvaluationError("--limit is 1 or more, --shown 0 or more.")
        settings = load_configuration().settings
        cases, bad = read_cases(place)
        kept = Kept(out)
        making = Making(machine.product_version(), settings.moderation, settings.neural, again)
        done = run(list(dict.fromkeys(engine or ["drape"])), cases[:limit], kept, making, Rulers(), _say)
        done.bad[:0] = bad
        _write(done, kept, shown)
    except (EvaluationError, ConfigurationError, OSError) as error:
        print(error, file=sys.stderr)
        return USAGE
    if done.bad:
        print(report.listed(done.bad), file=sys.stderr)
    return 0 if done.complete else FAILED


def _write(done: Run, kept: Kept, shown: int) -> None:
    facts = machine.facts(sys.argv[1:])
    contents = {
        "report.html": report.html(done, kept, facts, shown),
        "results.json": report.data(done, facts),
        "results.csv": report.rows(done),
    }
    for name, text in contents.items():
        write_whole(kept.folder / name, text.encode())
        _say(str(kept.folder / name))


def _say(text: str) -> None:
    print(text, flush=True)
