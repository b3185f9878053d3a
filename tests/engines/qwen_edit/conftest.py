"""Tiny weights of Qwen-Image-Edit, made once; photos are brought to a smaller area than the pipeline's megapixel."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def qwen_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    import neural_tiny_qwen
    from neural_tiny_engines import entered

    return entered("qwen-edit", tmp_path_factory.mktemp("qwen"), neural_tiny_qwen.write)


@pytest.fixture
def _small_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as module

    monkeypatch.setattr(module, "VAE_IMAGE_SIZE", 192 * 192)
    monkeypatch.setattr(module, "CONDITION_IMAGE_SIZE", 112 * 112)
