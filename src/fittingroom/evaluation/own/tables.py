"""The tables of a report, as HTML: figures by engine, differences, what went wrong, what is missing.

Invariant: text that came from files, engines or the command line is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from fittingroom.evaluation.own import statistics
from fittingroom.evaluation.own.measuring import MEASURES, Measure
from fittingroom.evaluation.own.runs import Run
from fittingroom.evaluation.own.statistics import Figure

ARROWS = {"high": "↑", "low": "↓", "zero": "= 0"}


def glance(run: Run) -> str:
    """A row per measure, a column per engine."""
    heads = ["Measure", *(f'<span class="key e{n % 6}">{escape(name)}</span>' for n, name in enumerate(run.compared))]
    lines = []
    for name, measure in MEASURES.items():
        cells = [_cell(run, engine, name, measure) for engine in run.compared]
        unit = f" <small>{escape(measure.unit)}</small>" if measure.unit else ""
        lines.append([f"{escape(measure.title)} {ARROWS[measure.better]}{unit}", *cells])
    counts = [f"{sum(one.picture for one in run.of(engine))} of {len(run.cases)}" for engine in run.compared]
    return _table(heads, [["Pictures made", *counts], *lines])


def _cell(run: Run, engine: str, name: str, measure: Measure) -> str:
    found = statistics.figure(list(statistics.values_of(run, engine, name).values()))
    if found is None:
        why = next(iter(statistics.reasons(run, engine, name)), "no picture was made")
        return f'<span class="none">not measured</span><small>{escape(why)}</small>'
    return f"<b>{found.mean:.{measure.digits}f}</b>{_interval(found, measure)}"


def _interval(found: Figure, measure: Measure) -> str:
    digits = measure.digits
    if found.low is None or found.high is None:
        return f"<small>n = {found.n}, too few for an interval</small>"
    ends = f"{found.low:.{digits}f} to {found.high:.{digits}f}".replace("-", "−")
    return f"<small>{ends}, n = {found.n}</small>"


def differences(run: Run) -> str:
    """A row per two engines and measure."""
    lines = []
    for one in statistics.differences(run):
        measure = MEASURES[one.measure]
        mean = f"{one.figure.mean:+.{measure.digits}f}".replace("-", "−")
        ties = one.figure.n - one.wins - one.losses
        lines.append(
            [
                f"{escape(measure.title)} {ARROWS[measure.better]}",
                f"{escape(one.first)} − {escape(one.second)}",
                (f"<b>{mean}</b>" if one.clear else f"<span>{mean}</span>") + _interval(one.figure, measure),
                f"{one.wins} : {one.losses}" + (f"<small>{ties} equal</small>" if ties else ""),
            ]
        )
    return _table(["Measure", "Engines", "Mean difference", "Better on pairs"], lines) if lines else "<p>None.</p>"


def troubles(run: Run) -> str:
    """Engines that were not run, pairs that could not be used, refusals and faults; "" where all went well."""
    lines = [["engine", escape(name), escape(reason)] for name, reason in run.unusable.items()]
    lines += [["pair", escape(one.where), escape(one.reason)] for one in run.bad]
    for engine in run.engines:
        for one in run.of(engine):
            if one.error:
                kind = "fault" if one.crash else "refusal"
                lines.append([kind, f"{escape(engine)}, {escape(one.pair)}", escape(one.error)])
    return _table(["What", "Where", "Why"], lines, "words") if lines else ""


def missing(run: Run) -> str:
    """Reasons and counts; "" where everything was measured."""
    lines = [
        [escape(measure.title), escape(engine), escape(reason), str(count)]
        for name, measure in MEASURES.items()
        for engine in run.engines
        for reason, count in statistics.reasons(run, engine, name).items()
    ]
    return _table(["Measure", "Engine", "Reason", "Pairs"], lines, "words") if lines else ""


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]], kind: str = "") -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{line[0]}</th>{"".join(f"<td>{cell}</td>" for cell in line[1:])}</tr>' for line in lines
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="table"><table class="{kind}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
