import pytest

from fittingroom.cli.tables import moment, show


def test_a_pipe_gets_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    show(("name", "text"), [("a", "x" * 150), ("b", "[bold]y[/bold]")])
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["name", "text"]
    assert first.split() == ["a", "x" * 150]
    assert second.split() == ["b", "[bold]y[/bold]"]


def test_no_rows_is_a_heading_alone(capsys: pytest.CaptureFixture[str]) -> None:
    show(("name",), [])
    assert capsys.readouterr().out.split() == ["name"]


def test_a_moment_is_utc_to_the_second() -> None:
    assert moment(0) == "1970-01-01 00:00:00Z"
    assert moment(1700000000.9) == "2023-11-14 22:13:20Z"
