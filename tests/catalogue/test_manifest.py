"""Manifests: what a row may say, what makes one row bad, and what makes the whole file unusable."""

from __future__ import annotations

import builtins
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fittingroom.catalogue.manifest import cross, read_manifest
from fittingroom.catalogue.rows import BadRow, CatalogueError, Row
from fittingroom.engines.protocol import ClothesType, FitStyle, TryOnOptions, Tuck


def written(folder: Path, text: str, name: str = "m.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def one(folder: Path, columns: str, line: str) -> Row | BadRow:
    (row,) = read_manifest(written(folder, f"{columns}\n{line}\n"))
    return row


def problem(folder: Path, columns: str, line: str) -> str:
    row = one(folder, columns, line)
    assert isinstance(row, BadRow), row
    assert row.where == "m.csv:2"
    return row.problem


def test_a_row_says_everything(tmp_path: Path) -> None:
    columns = "id,person,garment,type,fit,tuck,length,seed,rolled_sleeves"
    row = one(tmp_path, columns, "look-1,models/anna.jpg,https://shop.example/t.png?size=2,Dress,slim,in,0.9,7,yes")
    assert row == Row(
        where="m.csv:2",
        said=("models/anna.jpg", "https://shop.example/t.png?size=2", "Dress"),
        person=str(tmp_path / "models/anna.jpg"),
        garment="https://shop.example/t.png?size=2",
        clothes_type=ClothesType.DRESS,
        options=TryOnOptions(7, FitStyle.SLIM, Tuck.IN, 0.9, True),
        name="look-1",
    )


def test_empty_cells_are_defaults_and_absolute_paths_stay(tmp_path: Path) -> None:
    row = one(tmp_path, "person,garment,type,fit,id", "/photos/a.jpg,b.jpg,Upper-body,,")
    assert isinstance(row, Row)
    assert (row.person, row.options, row.name) == ("/photos/a.jpg", TryOnOptions(), "")


def test_csv_jsonl_and_parquet_say_the_same(tmp_path: Path) -> None:
    values = [
        {"person": "a.jpg", "garment": "b.jpg", "type": "Upper-body", "length": 1.2, "seed": 3},
        {"person": "c.jpg", "garment": "d.jpg", "type": "Dress", "length": None, "seed": None},
    ]
    lines = "".join(json.dumps(line) + "\n" for line in values)
    pq.write_table(pa.Table.from_pylist(values), tmp_path / "m.parquet")
    text = "person,garment,type,length,seed\na.jpg,b.jpg,Upper-body,1.2,3\nc.jpg,d.jpg,Dress,,\n"
    read = [
        read_manifest(path)
        for path in (written(tmp_path, text), written(tmp_path, lines, "m.jsonl"), tmp_path / "m.parquet")
    ]
    assert [[row.where for row in rows] for rows in read] == [
        ["m.csv:2", "m.csv:3"],
        ["m.jsonl:1", "m.jsonl:2"],
        ["m.parquet:1", "m.parquet:2"],
    ]
    plain = [[(row.person, row.garment, row.clothes_type, row.options) for row in rows] for rows in read]  # type: ignore[union-attr]
    assert plain[0] == plain[1] == plain[2]
    assert plain[0][0][3] == TryOnOptions(seed=3, length=1.2)


@pytest.mark.parametrize(
    ("columns", "line", "told"),
    [
        ("person,garment,type", "a.jpg,,Dress", "garment is missing"),
        ("person,garment,type", "a.jpg,b.jpg,Shoes", "type is one of Upper-body, Lower-body, Dress, not 'Shoes'"),
        ("person,garment,type", "s3://b/a.jpg,b.jpg,Dress", "s3:// cannot be read"),
        ("person,garment,type", "a.jpg,b.jpg,Dress,slim", "more values than the 3 columns"),
        ("person,garment,type,fit", "a.jpg,b.jpg,Dress,tight", "fit is one of slim, regular, oversized"),
        ("person,garment,type,tuck", "a.jpg,b.jpg,Dress,half", "tuck is one of auto, in, out"),
        ("person,garment,type,length", "a.jpg,b.jpg,Dress,long", "length is a number"),
        ("person,garment,type,length", "a.jpg,b.jpg,Dress,3", "length must be 0.7 to 1.4"),
        ("person,garment,type,length", "a.jpg,b.jpg,Dress,nan", "length must be 0.7 to 1.4"),
        ("person,garment,type,seed", "a.jpg,b.jpg,Dress,-1", "seed is 0 or more"),
        ("person,garment,type,rolled_sleeves", "a.jpg,b.jpg,Dress,perhaps", "rolled_sleeves is true or false"),
        ("person,garment,type,id", "a.jpg,b.jpg,Dress,../x", "id '../x' cannot name a file"),
    ],
)
def test_a_bad_row_says_where_and_what(tmp_path: Path, columns: str, line: str, told: str) -> None:
    assert told in problem(tmp_path, columns, line)


def test_bad_rows_leave_the_others(tmp_path: Path) -> None:
    good = '{"person": "a.jpg", "garment": "b.jpg", "type": "Dress"}\n'
    path = written(tmp_path, good + "{no\n[1]\n" + good[:-2] + ', "colour": "red"}\n\n' + good, "m.jsonl")
    rows = read_manifest(path)
    assert [type(row) for row in rows] == [Row, BadRow, BadRow, BadRow, Row]
    problems = [row.problem for row in rows if isinstance(row, BadRow)]
    assert "is not JSON" in problems[0]
    assert problems[1] == "is not a JSON object"
    assert "'colour' is not known; there are person" in problems[2]
    assert rows[4].where == "m.jsonl:6"


def test_an_id_is_given_once(tmp_path: Path) -> None:
    text = "person,garment,type,id\na.jpg,b.jpg,Dress,Look\nc.jpg,b.jpg,Dress,look\n"
    first, second = read_manifest(written(tmp_path, text))
    assert isinstance(first, Row)
    assert isinstance(second, BadRow)
    assert second.problem == "the id 'look' is already that of m.csv:2"


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("person,garment\na,b\n", "m.csv", "the column 'type' is missing"),
        ("person,garment,type,colour\na,b,Dress,red\n", "m.csv", "the column 'colour' is not known"),
        ("person,garment,type,type\na,b,Dress,Dress\n", "m.csv", "a column stands twice"),
        ('person,garment,type\n"a,b,Dress\n', "m.csv", "is not CSV"),
        ("person,garment,type\n", "m.csv", "there is no row in it"),
        ("", "m.jsonl", "there is no row in it"),
        ("x", "m.parquet", "is not a Parquet file"),
        ("x", "m.xlsx", "a manifest is a .csv, .jsonl or .parquet file"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(tmp_path: Path, text: str, name: str, told: str) -> None:
    with pytest.raises(CatalogueError, match=told):
        read_manifest(written(tmp_path, text, name))


def test_no_file_and_no_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="No such file"):
        read_manifest(tmp_path / "none.csv")
    (tmp_path / "m.csv").write_bytes(b"person,garment,type\n\xff\xfe,b,Dress\n")
    with pytest.raises(CatalogueError, match="is not UTF-8 text"):
        read_manifest(tmp_path / "m.csv")


def test_parquet_without_its_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *words: object, **named: object) -> object:
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return real(name, *words, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CatalogueError, match=r"pip install 'fittingroom\[batch\]'"):
        read_manifest(tmp_path / "m.parquet")


def test_two_folders_are_crossed(tmp_path: Path) -> None:
    for name in ("persons/b.jpg", "persons/a.PNG", "persons/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    listed = written(tmp_path, "one.jpg\n\nhttps://shop.example/two.jpg\none.jpg\n", "garments.txt")
    rows = cross(tmp_path / "persons", listed, "Dress")
    assert [(Path(row.person).name, row.garment) for row in rows if isinstance(row, Row)] == [
        ("a.PNG", str(tmp_path / "one.jpg")),
        ("a.PNG", "https://shop.example/two.jpg"),
        ("b.jpg", str(tmp_path / "one.jpg")),
        ("b.jpg", "https://shop.example/two.jpg"),
    ]


def test_a_side_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="there is no photo in it"):
        cross(tmp_path, tmp_path, "Dress")
    with pytest.raises(CatalogueError, match="cannot be read"):
        cross(tmp_path / "none", tmp_path, "Dress")
