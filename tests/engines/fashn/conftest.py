"""Every test of `fashn` computes on one thread: several run at once."""

import importlib.util

import pytest


@pytest.fixture(autouse=True)
def _one_thread(request: pytest.FixtureRequest) -> None:
    if "neural" in request.keywords and importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
