"""The reporter that says nothing."""

from __future__ import annotations

from fittingroom.models.report import Silent


def test_silent_takes_everything(capsys) -> None:
    report = Silent()
    report.say("line")
    with report.task("label", None, 3) as advance:
        advance(5)
    assert capsys.readouterr() == ("", "")
