"""The report: one file without any address, everything escaped, every figure also as data."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fittingroom.evaluation.own import report
from fittingroom.evaluation.own.cases import Bad, read_cases
from fittingroom.evaluation.own.kept import Kept
from fittingroom.evaluation.own.machine import facts
from fittingroom.evaluation.own.measuring import Rulers
from fittingroom.evaluation.own.runs import Making, Run, run
from fittingroom.evaluation.own.sheets import spread

from .conftest import FLAT, Lacking, put

FACTS = facts(["eval", "a b"])


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_needs_nothing_else_and_tells_what_went_wrong(done: Run, kept: Kept) -> None:
    done.bad.append(Bad("<script>", "a & b"))
    page = report.html(done, kept, FACTS, 60)
    seen = Seen()
    seen.feed(page)
    assert not [tag for tag, _ in seen.tags if tag in {"script", "link", "iframe"}]
    sources = [attrs["src"] or "" for tag, attrs in seen.tags if tag == "img"]
    assert len(sources) == 9
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    links = [attrs["href"] for tag, attrs in seen.tags if tag == "a"]
    assert links == [
        "results/flat_engine_FlatEngine/Upper-body-ann.png",
        "results/flat_engine_FlatEngine/Dress-bea.png",
    ]
    assert all((kept.folder / link).is_file() for link in links if link)
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
    assert "&lt;script&gt;" in page
    assert "the test&#x27;s garment says so" in page
    assert "cannot be imported" in page
    assert "fittingroom eval &#x27;a b&#x27;" in page


def test_a_picture_with_marks_of_addresses_in_its_name_is_linked(tmp_path: Path, making: Making, kept: Kept) -> None:
    for kind in ("person", "garment"):
        put(tmp_path, f"Dress/{kind}/a #1 50% ü?.png")
    cases = read_cases(tmp_path)[0]
    one = run([FLAT], cases, kept, making, Rulers(Lacking()), lambda text: None)
    (link,) = re.findall(r'<a href="([^"]+)"', report.html(one, kept, FACTS, 1))
    parts = urlsplit(link)
    assert (parts.fragment, parts.query) == ("", "")
    assert (kept.folder / unquote(parts.path)).is_file()


def test_a_measure_that_was_not_taken_says_why(done: Run, kept: Kept) -> None:
    page = report.html(done, kept, FACTS, 1)
    assert page.count("<article") == 1
    assert page.count("fittingroom models pull") >= 2
    assert "not measured" in page


def test_figures_come_as_data_too(done: Run) -> None:
    told = json.loads(report.data(done, FACTS))
    assert told["facts"]["machine"]
    assert told["figures"][FLAT]["outside"] == {"n": 2, "mean": 0.0, "median": 0.0, "low": None, "high": None}
    assert list(told["unusable"]) == ["nowhere:Engine"]
    assert len(told["outcomes"]) == 3
    lines = list(csv.DictReader(io.StringIO(report.rows(done))))
    assert [line["pair"] for line in lines] == ["Upper-body-ann", "Lower-body-cid", "Dress-bea"]
    assert lines[0]["outside"] == "0.0"
    assert lines[1]["error"].startswith("NoGarmentFound")
    assert lines[1]["outside"] == ""


def test_pictures_are_spread_over_the_pairs(done: Run) -> None:
    many = done.cases * 4
    assert [many.index(case) for case in spread(done.cases, 2)] == [0, 2]
    assert len(spread(many, 5)) == 5
