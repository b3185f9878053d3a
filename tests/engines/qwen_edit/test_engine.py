"""qwen-edit end to end on the CPU, with tiny networks of the real classes loaded by the real path."""

import gc
import shutil
import weakref
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from neural_tiny_engines import StopAt, dressed, opened  # noqa: E402

from fittingroom.engines.neural import device as device_module  # noqa: E402
from fittingroom.engines.neural.editing_pipeline import MissingQuantisation  # noqa: E402
from fittingroom.engines.protocol import BatchEngine, Cancelled, DoesNotFit, Engine, OutOfMemory  # noqa: E402
from fittingroom.engines.qwen_edit.engine import QwenEditEngine  # noqa: E402
from fittingroom.engines.qwen_edit.lightning import SHIFT, LightningMismatch  # noqa: E402
from fittingroom.models.errors import MissingWeight  # noqa: E402

pytestmark = [pytest.mark.neural, pytest.mark.usefixtures("_small_photos")]


@pytest.fixture(scope="module")
def engine(qwen_store: Path) -> QwenEditEngine:
    made = opened(QwenEditEngine, qwen_store)
    made.load()
    return made


def test_it_dresses_and_the_seed_alone_decides(engine: QwenEditEngine) -> None:
    assert isinstance(engine, Engine)
    assert not isinstance(engine, BatchEngine), "the stock pipeline refuses a batch"
    state = torch.random.get_rng_state()
    first, again, other = dressed(engine), dressed(engine), dressed(engine, seed=1)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_cancelled_job_ends_within_the_step_and_the_engine_works_on(engine: QwenEditEngine) -> None:
    counting = StopAt(-1)
    whole = dressed(engine, checkpoint=counting)
    # person, garment, attempt, drawing, each of Lightning's 4 steps, pasting
    assert counting.asked == 4 + 4 + 1
    for allowed in (4, 6):
        stop = StopAt(allowed)
        with pytest.raises(Cancelled):
            dressed(engine, checkpoint=stop)
        assert stop.asked == allowed + 1
    assert np.array_equal(dressed(engine), whole)


def test_lightning_changes_the_network_and_the_schedule(engine: QwenEditEngine, qwen_store: Path) -> None:
    pipeline = engine._network.pipeline
    assert pipeline.scheduler.config.base_shift == pipeline.scheduler.config.max_shift == SHIFT
    assert pipeline.scheduler.config.shift_terminal is None
    plain = opened(QwenEditEngine, qwen_store, lightning=0, steps=4, guidance=1.0)
    plain.load()
    assert plain._network.pipeline.scheduler.config.shift_terminal == 0.02
    name = "transformer_blocks.0.attn.to_q.weight"
    merged, bare = (dict(e._network.pipeline.transformer.named_parameters()) for e in (engine, plain))
    assert not torch.equal(merged[name], bare[name])
    assert set(merged) == set(bare), "nothing of the LoRA is left beside the network"
    # The same schedule, so that only the LoRA differs.
    plain._network.pipeline.scheduler = pipeline.scheduler
    assert not np.array_equal(dressed(plain), dressed(engine))


def test_without_lightning_it_takes_the_steps_and_the_guidance_of_its_card(
    qwen_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fittingroom.engines.qwen_edit import network

    asked: dict[str, object] = {}
    real = network.drawn

    def fewer(*args: object, **call: object) -> object:
        asked.update(call)
        return real(*args, **{**call, "num_inference_steps": 2})

    monkeypatch.setattr(network, "drawn", fewer)
    dressed(opened(QwenEditEngine, qwen_store, lightning=0))
    assert (asked["num_inference_steps"], asked["true_cfg_scale"], asked["negative_prompt"]) == (40, 4.0, " ")
    dressed(opened(QwenEditEngine, qwen_store, lightning=8))
    assert (asked["num_inference_steps"], asked["true_cfg_scale"], asked["negative_prompt"]) == (8, 1.0, None)


def test_lightning_that_is_absent_or_of_another_network_is_refused(qwen_store: Path, tmp_path: Path) -> None:
    import neural_tiny_qwen

    store = Path(shutil.copytree(qwen_store, tmp_path / "models"))
    file = next((store / "qwen-edit" / "lightning").glob("*8steps*"))
    file.unlink()
    with pytest.raises(MissingWeight, match=r"neural\.lightning 0"):
        opened(QwenEditEngine, store, lightning=8).load()
    foreign = torch.nn.Module()
    foreign.transformer_blocks = torch.nn.ModuleList([torch.nn.Module()])
    foreign.transformer_blocks[0].attn = torch.nn.Module()
    foreign.transformer_blocks[0].attn.to_nothing = torch.nn.Linear(3, 3)
    neural_tiny_qwen.write_lora(file, foreign)
    with pytest.raises(LightningMismatch):
        opened(QwenEditEngine, store, lightning=8).load()


@pytest.mark.skipif(__import__("importlib.util").util.find_spec("bitsandbytes") is not None, reason="it is installed")
def test_quantisation_without_its_package_names_the_extra(qwen_store: Path) -> None:
    with pytest.raises(MissingQuantisation, match=r'pip install "fittingroom\[quant\]"'):
        opened(QwenEditEngine, qwen_store, quantize="4bit").load()


def test_a_network_that_does_not_fit_is_refused_before_it_is_read(
    qwen_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_module, "free_bytes", lambda _device: 1000)
    with pytest.raises(DoesNotFit, match="qwen-edit needs"):
        opened(QwenEditEngine, qwen_store).load()


def test_memory_that_runs_out_is_one_failed_job_and_is_freed_with_the_engine(qwen_store: Path) -> None:
    made = opened(QwenEditEngine, qwen_store)
    made.load()
    vae = made._network.pipeline.vae

    def greedy(*_args: object, **_kwargs: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    vae.decode = greedy
    with pytest.raises(OutOfMemory):
        dressed(made)
    del vae.decode
    dressed(made)
    network = weakref.ref(made._network.pipeline.transformer)
    del made, vae
    gc.collect()
    assert network() is None
