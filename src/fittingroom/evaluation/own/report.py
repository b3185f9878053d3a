"""The report of a run: one HTML file that needs nothing else, and the same figures as JSON and CSV.

Light and dark, desktop and phone, printable; no script, no font and no address of another host. Invariant: every cell
without a value says why.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from html import escape
from importlib.resources import files
from io import StringIO

from fittingroom.evaluation.own import statistics
from fittingroom.evaluation.own.cases import Bad
from fittingroom.evaluation.own.kept import Kept
from fittingroom.evaluation.own.measuring import MEASURES, Measure
from fittingroom.evaluation.own.runs import Run
from fittingroom.evaluation.own.sheets import sheets
from fittingroom.evaluation.own.svg import strips
from fittingroom.evaluation.own.tables import differences, glance, missing, troubles

WANTED = {"high": "higher is better", "low": "lower is better", "zero": "0 is promised"}


def html(run: Run, kept: Kept, facts: Mapping[str, str], limit: int) -> str:
    """The page. facts: of `machine.facts`. limit: pairs whose pictures are shown."""
    shown = min(limit, len(run.cases))
    parts = [
        _head(run, facts),
        _section("At a glance", "Mean over pairs, with its 95 % interval (bootstrap over pairs).", glance(run)),
        _section("Pair by pair", "Each dot is a pair, the bar the mean, the band its interval.", _plots(run)),
    ]
    if len(run.compared) > 1:
        note = "First minus second on the pairs that both measured. <b>Bold</b>: the interval leaves 0 out."
        parts.append(_section("Differences between engines", note, differences(run)))
    if troubled := troubles(run):
        parts.append(_section("What went wrong", "Pairs and engines that gave no picture, and why.", troubled))
    if lacking := missing(run):
        parts.append(_section("Not measured", "Why a figure is absent, and on how many pairs.", lacking))
    note = f"{shown} of {len(run.cases)} pairs. A result links to its full size in the folder of this report."
    parts.append(_section("Pictures", note, "".join(sheets(run, kept, limit)), "wide"))
    parts.append(_section("What the measures mean", "", _meanings()))
    parts.append(_section("How this was made", "", _definitions(facts.items())))
    return _page("".join(parts))


def data(run: Run, facts: Mapping[str, str]) -> str:
    """results.json."""
    figures = {
        engine: {
            name: asdict(found)
            for name in MEASURES
            if (found := statistics.figure(list(statistics.values_of(run, engine, name).values())))
        }
        for engine in run.engines
    }
    told = {
        "facts": dict(facts),
        "engines": run.engines,
        "unusable": run.unusable,
        "seconds_to_load": run.loading,
        "bad_pairs": [asdict(one) for one in run.bad],
        "figures": figures,
        "differences": [asdict(one) | {"clear": one.clear} for one in statistics.differences(run)],
        "outcomes": [asdict(one) for engine in run.engines for one in run.of(engine)],
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def rows(run: Run) -> str:
    """results.csv: a line per engine and pair; an empty cell is a measure that was not taken."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["engine", "pair", "type", *MEASURES, "confidence", "warnings", "error"])
    types = {case.id: case.clothes_type.value for case in run.cases}
    for engine in run.engines:
        for one in run.of(engine):
            values = [one.values.get(name, "") for name in MEASURES]
            told = ["" if one.confidence is None else one.confidence, " | ".join(one.warnings), one.error or ""]
            writer.writerow([engine, one.pair, types[one.pair], *values, *told])
    return out.getvalue()


def listed(bad: Iterable[Bad]) -> str:
    """Bad pairs for the terminal."""
    return "\n".join(f"{one.where}: {one.reason}" for one in bad)


def _head(run: Run, facts: Mapping[str, str]) -> str:
    engines = ", ".join(f'<b class="key e{place % 6}">{escape(name)}</b>' for place, name in enumerate(run.compared))
    refused = sum(bool(one.error) and not one.crash for one in run.outcomes.values())
    faults = sum(bool(one.crash) for one in run.outcomes.values())
    counts = {
        "engines": len(run.compared),
        "pairs": len(run.cases),
        "pictures": sum(one.picture for one in run.outcomes.values()),
        "refused": refused,
        "faults": faults,
        "unusable pairs": len(run.bad),
        "unusable engines": len(run.unusable),
    }
    tiles = "".join(f"<div><dd>{value}</dd><dt>{name}</dt></div>" for name, value in counts.items())
    told = f"{engines} · {escape(facts['date'])} · Fitting Room {escape(facts['fittingroom'])}"
    return f'<header><h1>Engines on your photos</h1><p>{told}</p><dl class="tiles">{tiles}</dl></header>'


def _plots(run: Run) -> str:
    panels = []
    for name, measure in MEASURES.items():
        values = {engine: list(statistics.values_of(run, engine, name).values()) for engine in run.compared}
        if any(values.values()):
            heading = f"{escape(measure.title)} <small>{_hint(measure)}</small>"
            plot = strips(values, measure.digits, f"{measure.title} by engine")
            panels.append(f'<figure class="panel"><figcaption>{heading}</figcaption>{plot}</figure>')
    return f'<div class="panels">{"".join(panels)}</div>'


def _hint(measure: Measure) -> str:
    return ", ".join(part for part in (measure.unit, WANTED[measure.better]) if part)


def _meanings() -> str:
    return _definitions((m.title, f"{m.meaning}; {WANTED[m.better]}") for m in MEASURES.values())


def _definitions(entries: Iterable[tuple[str, str]]) -> str:
    return f'<dl class="facts">{"".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in entries)}</dl>'


def _section(title: str, note: str, body: str, kind: str = "") -> str:
    told = f'<p class="note">{note}</p>' if note else ""
    return f'<section class="{kind}"><h2>{title}</h2>{told}{body}</section>'


def _page(body: str) -> str:
    tokens = (files("fittingroom.pages") / "shell" / "tokens.css").read_text(encoding="utf-8")
    own = (files(__package__) / "report.css").read_text(encoding="utf-8")
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Engines on your photos</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<style>{tokens}{own}</style></head><body><main>{body}</main></body></html>\n"
    )
