"""The full-size networks have the published numbers of parameters; no memory is taken for them."""

import pytest

torch = pytest.importorskip("torch")

from fittingroom.engines.flux2_klein.full_size import TEXT_WIDTH, full_size  # noqa: E402

pytestmark = pytest.mark.neural


def test_the_numbers_are_the_published_ones() -> None:
    pipeline = full_size("meta")
    assert sum(p.numel() for p in pipeline.transformer.parameters()) == 3_875_544_576
    assert pipeline.transformer.config.joint_attention_dim == TEXT_WIDTH
    assert {p.device.type for p in pipeline.transformer.parameters()} == {"meta"}
    assert next(pipeline.vae.parameters()).dtype == torch.bfloat16
    assert pipeline.vae_scale_factor == 8
