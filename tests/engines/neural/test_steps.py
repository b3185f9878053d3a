"""The checkpoint between steps, and the pipeline's clean-up."""

from __future__ import annotations

import pytest

from fittingroom.engines.neural.steps import step_callback, usable_after
from fittingroom.engines.protocol import Cancelled


class Pipeline:
    def __init__(self) -> None:
        self.freed = 0

    def maybe_free_model_hooks(self) -> None:
        self.freed += 1


def test_the_checkpoint_is_asked_after_each_step_and_changes_nothing():
    asked = []
    after = step_callback(lambda: asked.append(1))
    kwargs = {"latents": object()}
    assert after(None, 0, 999, kwargs) is kwargs
    assert asked == [1]


def test_an_exception_passes_and_the_card_is_cleared():
    def refuse():
        raise Cancelled("gone")

    pipeline = Pipeline()
    with pytest.raises(Cancelled, match="gone"), usable_after(pipeline):
        step_callback(refuse)(pipeline, 3, 1, {})
    assert pipeline.freed == 1
    with usable_after(pipeline):
        pass
    assert pipeline.freed == 1
