import json
from dataclasses import dataclass

import pytest

from fittingroom.cli.tables import moment, moment_or, show, show_all


def test_a_pipe_gets_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    show(("name", "text"), [("a", "x" * 5000), ("b", "[bold]y[/bold]")])
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["name", "text"]
    assert first.split() == ["a", "x" * 5000]
    assert second.split() == ["b", "[bold]y[/bold]"]


def test_no_rows_is_a_heading_alone(capsys: pytest.CaptureFixture[str]) -> None:
    show(("name",), [])
    assert capsys.readouterr().out.split() == ["name"]


@dataclass(frozen=True)
class Thing:
    name: str
    size: int


def test_things_as_a_table_or_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    things = [Thing("衣", 2)]
    show_all(things, ("name",), lambda thing: (thing.name,), as_json=False)
    assert capsys.readouterr().out.split() == ["name", "衣"]
    show_all(things, ("name",), lambda thing: (thing.name,), as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"name": "衣", "size": 2}]


def test_no_moment_is_a_word() -> None:
    assert (moment_or(None, "never"), moment_or(0, "never")) == ("never", moment(0))


def test_a_moment_is_utc_to_the_second() -> None:
    assert moment(0) == "1970-01-01 00:00:00Z"
    assert moment(1700000000.9) == "2023-11-14 22:13:20Z"
