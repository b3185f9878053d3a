import errno
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from fittingroom.models.space import need

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize("count", [0, 99, 100])
def test_what_fits_is_let_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(200, 100, 100))
    need(tmp_path, count)


def test_what_does_not_fit_is_the_error_of_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(9e9, 8e9, 1e9))
    with pytest.raises(OSError, match="2000 MB are needed, 1000 MB are free") as caught:
        need(tmp_path, 2_000_000_000)
    assert caught.value.errno == errno.ENOSPC
