"""The contact sheets of a report: person, garment, truth and every engine's result beside one another, embedded.

Pictures are JPEGs inside the page, reduced to a width that still shows a seam, so that the report is one file.
Invariant: a picture is never cropped, stretched or enlarged.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape
from io import BytesIO
from urllib.parse import quote

import numpy as np
from PIL import Image

from fittingroom.engines.protocol import RgbImage
from fittingroom.evaluation.own.cases import Case
from fittingroom.evaluation.own.kept import Kept, Outcome
from fittingroom.evaluation.own.measuring import MEASURES
from fittingroom.evaluation.own.runs import Run, photos_of
from fittingroom.evaluation.photos import read_rgb

FRAME = (600, 1200)
"""Width and height, px, that an embedded picture takes at most."""
QUALITY = 84


def sheets(run: Run, kept: Kept, limit: int) -> Iterator[str]:
    """An article per pair, for at most `limit` pairs spread over all of them."""
    for case in spread(run.cases, limit):
        photos = photos_of(case)
        figures = [_figure("person", photos.person), _figure("garment", photos.garment)]
        if photos.truth is not None:
            figures.append(_figure("truth", photos.truth))
        results = [_result(run, kept, engine, case) for engine in run.compared]
        rows = [figures + results] if len(results) == 1 else [figures, results]
        heading = f"<h3>{escape(case.id)} <small>{case.clothes_type.value}</small></h3>"
        told = "".join(f'<div class="row">{"".join(row)}</div>' for row in rows)
        yield f'<article class="sheet">{heading}{told}</article>'


def spread(cases: list[Case], limit: int) -> list[Case]:
    """At most `limit` of the cases, evenly over the list."""
    if len(cases) <= limit:
        return cases
    return [cases[round(place)] for place in np.linspace(0, len(cases) - 1, limit)]


def embedded(picture: RgbImage) -> tuple[str, int, int]:
    """A data URI, and the width and height of what it holds."""
    image = Image.fromarray(picture)
    image.thumbnail(FRAME, Image.Resampling.LANCZOS)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode(), image.width, image.height


def _image(picture: RgbImage, text: str) -> str:
    source, width, height = embedded(picture)
    return f'<img src="{source}" width="{width}" height="{height}" alt="{escape(text)}">'


def _figure(name: str, picture: RgbImage) -> str:
    return f'<figure class="given">{_image(picture, name)}<figcaption><b>{name.capitalize()}</b></figcaption></figure>'


def _result(run: Run, kept: Kept, engine: str, case: Case) -> str:
    place = run.compared.index(engine) % 6
    name = f'<b class="key e{place}">{escape(engine)}</b>'
    outcome = run.outcomes.get((engine, case.id))
    if outcome is None or outcome.error:
        kind = "no outcome" if outcome is None else "fault" if outcome.crash else "refused"
        told = escape("" if outcome is None or outcome.error is None else outcome.error)
        blank = f'<div class="blank"><b>{kind}</b><p>{told}</p></div>'
        return f'<figure class="made">{blank}<figcaption>{name}</figcaption></figure>'
    path = kept.picture(engine, case.id)
    link = quote(path.relative_to(kept.folder).as_posix())
    shown = f'<a href="{link}">{_image(read_rgb(path), f"result of {engine}")}</a>'
    return f'<figure class="made">{shown}<figcaption>{name}{_told(outcome)}</figcaption></figure>'


def _told(outcome: Outcome) -> str:
    values = "".join(
        f"<dt>{measure.title}</dt><dd>{outcome.values[key]:.{measure.digits}f} {measure.unit}</dd>"
        for key, measure in MEASURES.items()
        if key in outcome.values
    )
    warnings = "".join(f"<li>{escape(warning)}</li>" for warning in outcome.warnings)
    return f"<dl>{values}</dl>" + (f'<ul class="warned">{warnings}</ul>' if warnings else "")
