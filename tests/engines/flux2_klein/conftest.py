"""Tiny weights of FLUX.2 klein, made once."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def klein_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    import neural_tiny_flux2
    from neural_tiny_engines import entered

    return entered("flux2-klein", tmp_path_factory.mktemp("klein"), neural_tiny_flux2.write)
