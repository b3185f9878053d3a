"""A folder of pictures and a journal that survive what a kill leaves behind."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from fittingroom.catalogue.records import Record, failed, read_record
from fittingroom.catalogue.rows import CatalogueError
from fittingroom.catalogue.shelf import JOURNAL, FolderShelf
from fittingroom.errors import ApiError

DONE = Record("k1", "a.jpg", "done", confidence=0.5, warnings=("é \u2028 \n",), seconds=1.5)
FAILED = Record("k2", "b.jpg", "failed", "Code", "message", lasting=False)


def test_the_journal_is_read_again(tmp_path: Path) -> None:
    with closing(FolderShelf(tmp_path / "out")) as shelf:
        assert shelf.open() == []
        shelf.note(DONE)
        shelf.note(FAILED)
    with closing(FolderShelf(tmp_path / "out")) as shelf:
        assert shelf.open() == [DONE, FAILED]


@pytest.mark.parametrize("torn", [1, 10, len(FAILED.line()) - 1])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, torn: int) -> None:
    with closing(FolderShelf(tmp_path)) as shelf:
        shelf.open()
        shelf.note(DONE)
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(FAILED.line()[:torn])
    with closing(FolderShelf(tmp_path)) as shelf:
        assert shelf.open() == [DONE]
        shelf.note(FAILED)
    with closing(FolderShelf(tmp_path)) as shelf:
        assert shelf.open() == [DONE, FAILED]


@pytest.mark.parametrize("line", [b"{}\n", b"[]\n", b"\xff\n", b'{"key": 1}\n', b"null\n", b"\n"])
def test_a_damaged_line_is_an_error_that_says_where(tmp_path: Path, line: bytes) -> None:
    (tmp_path / JOURNAL).write_bytes(DONE.line() + line + DONE.line())
    with closing(FolderShelf(tmp_path)) as shelf, pytest.raises(CatalogueError, match=r"journal.jsonl:2: the journal"):
        shelf.open()


def test_files_appear_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(FolderShelf(tmp_path)) as shelf:
        shelf.open()
        shelf.put("pictures/a.jpg", b"old")
        shelf.put("sheets/1.jpg", b"page")
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(CatalogueError, match="No space left on device"):
            shelf.put("pictures/a.jpg", b"new")
        with pytest.raises(CatalogueError, match="No space left on device"):
            shelf.note(DONE)
        assert shelf.get("pictures/a.jpg") == b"old"
        assert shelf.get("sheets/1.jpg") == b"page"
        assert "a.jpg" in shelf.present()
        assert shelf.get("pictures/b.jpg") is None
        shelf.remove("sheets/1.jpg")
        shelf.remove("sheets/1.jpg")
        assert shelf.get("sheets/1.jpg") is None


def test_one_batch_at_a_time(tmp_path: Path) -> None:
    with closing(FolderShelf(tmp_path)) as first, closing(FolderShelf(tmp_path)) as second:
        first.open()
        with pytest.raises(CatalogueError, match="another batch is at work"):
            second.open()
    with closing(FolderShelf(tmp_path)) as third:
        third.open()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CatalogueError, match="Not a directory"):
        FolderShelf(tmp_path / "file" / "out").open()


def test_failures_speak_of_the_manifests_columns() -> None:
    record = failed("k", "f", ApiError("no_person", cause="secret", parameter="ModelUrl"), 2.0)
    assert (record.status, record.code) == ("failed", "InvalidParameterValue.ParameterValueError")
    assert "image of `person`" in record.message
    assert record.lasting
    assert read_record(record.line()) == record
    assert b"secret" not in record.line()


@pytest.mark.parametrize(
    ("reason", "lasting"),
    [("no_garment", True), ("image_empty", True), ("worker_crashed", False), ("download_failed", False)],
)
def test_only_the_photos_own_failures_last(reason: str, lasting: bool) -> None:
    values = {"parameter": "ClothesUrl", "clothes_type": "Dress"}
    assert failed("k", "f", ApiError(reason, **values)).lasting is lasting
