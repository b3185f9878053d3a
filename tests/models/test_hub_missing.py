"""Without the extra `neural`; these run where the library is installed, too."""

import sys

import pytest

from fittingroom.models.errors import PullFailed
from fittingroom.models.hub import Hub


def test_a_machine_without_the_library_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(PullFailed, match=r'pip install "fittingroom\[neural\]", or give a folder .* --from FOLDER'):
        Hub()
