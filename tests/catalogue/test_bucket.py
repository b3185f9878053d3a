"""A batch's shelf in a real S3 store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from s3_server import BUCKET, S3Server, s3_server

from fittingroom.catalogue.bucket import BucketShelf
from fittingroom.catalogue.records import Record
from fittingroom.objects import ObjectsError

DONE = Record("k1", "a.jpg", "done", confidence=0.5, warnings=("x",), seconds=1.5)
FAILED = Record("k2", "b.jpg", "failed", "Code", "message", lasting=False)
AGAIN = Record("k2", "b.jpg", "done")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


def shelf(server: S3Server, prefix: str) -> BucketShelf:
    return BucketShelf(f"s3://{BUCKET}/{prefix}", server.settings())


def test_files_and_journal_come_back_in_order(server: S3Server) -> None:
    with closing(shelf(server, "one")) as first:
        assert first.open() == []
        first.put("pictures/a.jpg", b"old")
        first.put("pictures/a.jpg", b"new")
        first.note(DONE)
        first.note(FAILED)
    with closing(shelf(server, "one")) as second:
        assert second.open() == [DONE, FAILED]
        second.note(AGAIN)
        assert second.present() == {"a.jpg"}
        assert second.get("pictures/a.jpg") == b"new"
        assert second.get("pictures/b.jpg") is None
        second.put("sheets/1.jpg", b"x")
        second.remove("sheets/1.jpg")
        assert second.get("sheets/1.jpg") is None
    with closing(shelf(server, "one")) as third:
        assert third.open() == [DONE, FAILED, AGAIN]


def test_prefixes_are_apart(server: S3Server) -> None:
    with closing(shelf(server, "two")) as one, closing(shelf(server, "two-b")) as other:
        one.put("pictures/a.jpg", b"1")
        other.note(DONE)
        assert one.open() == []
        assert other.present() == set()


def test_a_bucket_that_is_not_there_is_told(server: S3Server, tmp_path: Path) -> None:
    with pytest.raises(ObjectsError, match="storing in s3://nobody failed"):
        BucketShelf("s3://nobody", server.settings()).put("pictures/a.jpg", b"x")
