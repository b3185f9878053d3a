"""The full-size networks have the published numbers of parameters; no memory is taken for them."""

import pytest

torch = pytest.importorskip("torch")

from fittingroom.engines.qwen_edit.full_size import full_size  # noqa: E402

pytestmark = pytest.mark.neural


def test_the_numbers_are_the_published_ones() -> None:
    pipeline = full_size("meta")
    assert sum(p.numel() for p in pipeline.transformer.parameters()) == 20_430_401_088
    assert {p.device.type for p in pipeline.transformer.parameters()} == {"meta"}
    assert pipeline.vae_scale_factor == 8
    assert pipeline.transformer.config.zero_cond_t
