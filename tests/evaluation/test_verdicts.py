"""Verdicts as data: read strictly, summed up as a curve."""

from __future__ import annotations

from pathlib import Path

import pytest

from fittingroom.evaluation.photos import EvaluationError
from fittingroom.evaluation.verdicts import Verdict, form, read_verdicts, summary

HEADING = "number\ttype\tsplit\tverdict\tflagged\treason\tjudge\tround\tengine\tdate"
LINE = "upper-final-01\tUpper-body\tfinal\tgood\tno\t\ta\t1\tc0ffee\t2026-11-22"


def write(folder: Path, *lines: str, name: str = "r.tsv") -> Path:
    (folder / name).write_text("\n".join([HEADING, *lines, ""]), encoding="utf-8")
    return folder


def test_a_line_is_a_verdict(tmp_path: Path) -> None:
    (verdict,) = read_verdicts(write(tmp_path, LINE))
    assert verdict.number == "upper-final-01"
    assert (verdict.verdict, verdict.flagged, verdict.round) == ("good", "no", 1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("good", "nice", "verdict"),
        ("\tfinal", "\ttest", "split"),
        ("\t1\t", "\t0\t", "round"),
        ("2026-", "26-", "date"),
    ],
)
def test_what_is_no_verdict_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(EvaluationError, match=rf"r\.tsv, line 3: {told}"):
        read_verdicts(write(tmp_path, LINE, LINE.replace("-01", "-02").replace(old, new, 1)))


def test_a_judge_has_one_verdict_per_round_and_engine(tmp_path: Path) -> None:
    write(tmp_path, LINE, LINE.replace("\t1\t", "\t2\t"), LINE.replace("\ta\t", "\tb\t"), name="a.tsv")
    assert len(read_verdicts(tmp_path)) == 3
    write(tmp_path, LINE.replace("good", "broken"), name="b.tsv")
    with pytest.raises(EvaluationError, match=r"b\.tsv, line 2: upper-final-01 was judged already in a\.tsv, line 2"):
        read_verdicts(tmp_path)


def test_a_folder_without_verdicts_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="--labels"):
        read_verdicts(tmp_path)


def verdict(grade: str, flagged: str = "no", engine: str = "new", **more: object) -> Verdict:
    base = {"number": "n", "type": "Dress", "split": "final", "reason": "", "judge": "a", "round": 1}
    date = {"old": "2026-11-20", "new": "2026-11-22"}[engine]
    return Verdict.model_validate(
        {**base, "verdict": grade, "flagged": flagged, "engine": engine, "date": date, **more}
    )


def test_the_summary_is_a_curve_over_engines() -> None:
    verdicts = [
        verdict("good"),
        verdict("broken", "yes"),
        verdict("broken", "refused"),
        verdict("broken"),
        verdict("broken", engine="old"),
        verdict("flawed", engine="old", split="tuning", type="Upper-body"),
    ]
    lines = [line.replace(" %", "%").split() for line in summary(verdicts).splitlines()[1:]]
    assert [line[:4] for line in lines] == [
        ["old", "2026-11-20", "tuning", "Upper-body"],
        ["old", "2026-11-20", "tuning", "all"],
        ["old", "2026-11-20", "final", "Dress"],
        ["old", "2026-11-20", "final", "all"],
        ["new", "2026-11-22", "final", "Dress"],
        ["new", "2026-11-22", "final", "all"],
    ]
    assert lines[-1][4:] == ["4", "25%", "0%", "75%", "25%", "50%"]


def test_the_form_loads_once_a_judge_has_filled_it_in(tmp_path: Path) -> None:
    base = {"clothes_type": "Dress", "split": "final", "engine": "c0ffee+", "error": None}
    rows = [
        {**base, "number": "dress-final-01", "warnings": []},
        {**base, "number": "dress-final-02", "warnings": ["W."]},
        {**base, "number": "dress-final-03", "error": "NoPersonFound: nobody"},
    ]
    blank = form(rows, "2026-11-22")
    (tmp_path / "r.tsv").write_text(blank)
    with pytest.raises(EvaluationError, match="line 2: verdict"):
        read_verdicts(tmp_path)
    heading, *lines = [line.split("\t") for line in blank.splitlines()]
    place = {name: heading.index(name) for name in ("verdict", "judge", "round")}
    for line in lines:
        line[place["verdict"]] = line[place["verdict"]] or "flawed"
        line[place["judge"]], line[place["round"]] = "a", "2"
    (tmp_path / "r.tsv").write_text("".join("\t".join(line) + "\n" for line in [heading, *lines]))
    found = read_verdicts(tmp_path)
    assert [(v.flagged, v.verdict) for v in found] == [("no", "flawed"), ("yes", "flawed"), ("refused", "broken")]
