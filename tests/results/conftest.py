"""One real S3 server for all tests of this folder; each test has a prefix of its own in its bucket."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from s3_server import BUCKET, S3Server, s3_server

from fittingroom.settings import ObjectSettings


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def place(s3: S3Server) -> str:
    return f"s3://{BUCKET}/{uuid.uuid4().hex}"


@pytest.fixture
def settings(s3: S3Server) -> ObjectSettings:
    return s3.settings()
