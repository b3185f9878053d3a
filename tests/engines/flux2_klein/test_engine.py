"""flux2-klein end to end on the CPU, with tiny networks of the real classes loaded by the real path."""

import gc
import logging
import shutil
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from neural_tiny_engines import StopAt, dressed, opened  # noqa: E402
from transformers import Qwen3ForCausalLM  # noqa: E402

from fittingroom.engines.flux2_klein.engine import Flux2KleinEngine  # noqa: E402
from fittingroom.engines.flux2_klein.network import STEPS  # noqa: E402
from fittingroom.engines.neural import editing_memory  # noqa: E402
from fittingroom.engines.protocol import (  # noqa: E402
    BatchEngine,
    Cancelled,
    DoesNotFit,
    Engine,
    FitStyle,
    OutOfMemory,
    TryOnOptions,
)
from fittingroom.models.errors import MissingWeight  # noqa: E402
from fittingroom.models.sets import set_folder  # noqa: E402

pytestmark = pytest.mark.neural


@pytest.fixture(scope="module")
def engine(klein_store: Path) -> Flux2KleinEngine:
    made = opened(Flux2KleinEngine, klein_store)
    made.load()
    return made


def test_it_dresses_and_the_seed_alone_decides(engine: Flux2KleinEngine) -> None:
    assert isinstance(engine, Engine)
    state = torch.random.get_rng_state()
    first, again, other = dressed(engine), dressed(engine), dressed(engine, seed=1)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_cancelled_job_ends_within_the_step_and_the_engine_works_on(engine: Flux2KleinEngine) -> None:
    counting = StopAt(-1)
    whole = dressed(engine, checkpoint=counting)
    for allowed in range(counting.asked):
        stop = StopAt(allowed)
        with pytest.raises(Cancelled):
            dressed(engine, checkpoint=stop)
        assert stop.asked == allowed + 1
    # person, garment, attempt, drawing, before the network, each step, pasting
    assert counting.asked == 5 + STEPS + 1
    assert np.array_equal(dressed(engine), whole)


def test_two_threads_get_what_each_gets_alone(engine: Flux2KleinEngine) -> None:
    alone = [dressed(engine, seed) for seed in range(2)]
    beside: dict[int, object] = {}
    threads = [threading.Thread(target=lambda s=s: beside.update({s: dressed(engine, s)})) for s in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(alone[seed], beside[seed]) for seed in range(2))


def test_the_text_encoder_is_dropped_and_never_loaded_again(
    klein_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Path(shutil.copytree(klein_store, tmp_path / "models"))
    shutil.rmtree(store / "embeddings", ignore_errors=True)
    loads: list[object] = []
    real = Qwen3ForCausalLM.from_pretrained.__func__

    def counted(cls: type, *args: object, **kwargs: object) -> object:
        made = real(cls, *args, **kwargs)
        loads.append(weakref.ref(made))
        return made

    monkeypatch.setattr(Qwen3ForCausalLM, "from_pretrained", classmethod(counted))
    first = opened(Flux2KleinEngine, store)
    picture = dressed(first)
    assert len(loads) == 1, "once for the three prompts"
    gc.collect()
    assert loads[0]() is None, "the text encoder is still in memory"
    assert np.array_equal(dressed(opened(Flux2KleinEngine, store)), picture)
    assert len(loads) == 1, "the second engine read the embeddings"
    first.try_on(*_photos(), TryOnOptions(fit=FitStyle.SLIM))
    assert len(loads) == 2, "a prompt that is new"
    first.try_on(*_photos(), TryOnOptions(fit=FitStyle.SLIM))
    assert len(loads) == 2


def _photos() -> tuple:
    from neural_fake_reader import garment_photo, person_photo

    from fittingroom.engines.protocol import ClothesType

    return person_photo(), garment_photo(), ClothesType.UPPER


def test_an_attempt_that_drifted_is_followed_by_one_in_place(klein_store: Path) -> None:
    made = opened(Flux2KleinEngine, klein_store, attempts=2)
    made.load()
    regions = []
    real = made._network.draw
    made._network.draw = lambda sketch: (regions.append(sketch.region), real(sketch))[1]
    result = made.try_on(*_photos(), TryOnOptions(seed=3))
    # Random weights draw noise, which agrees with no photo.
    assert [region is not None for region in regions] == [False, True]
    assert result.report.signals["tried"] == 2
    assert made._network._aligned.transformer is made._network.pipeline.transformer


@pytest.mark.parametrize(
    ("settings", "differs"),
    [({"steps": 2}, True), ({"quantize": "fp8"}, True), ({"attention": "math"}, False), ({"dtype": "bf16"}, True)],
)
def test_settings_reach_the_network(
    engine: Flux2KleinEngine, klein_store: Path, settings: dict[str, object], differs: bool
) -> None:
    usual, other = dressed(engine).astype(int), dressed(opened(Flux2KleinEngine, klein_store, **settings)).astype(int)
    away = np.abs(usual - other).max()
    assert (away > 0) if differs else (away <= 1)


def test_memory_is_freed_with_the_engine(klein_store: Path) -> None:
    made = opened(Flux2KleinEngine, klein_store)
    dressed(made)
    network = weakref.ref(made._network.pipeline.transformer)
    del made
    gc.collect()
    assert network() is None


def test_a_network_that_does_not_fit_is_refused_before_it_is_read(
    klein_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fittingroom.engines.neural import device

    monkeypatch.setattr(device, "free_bytes", lambda _device: 1000)
    made = opened(Flux2KleinEngine, klein_store)
    with pytest.raises(DoesNotFit, match="flux2-klein needs"):
        made.load()
    assert made._network is None


def test_memory_that_runs_out_is_one_failed_job(engine: Flux2KleinEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = engine._network.pipeline

    def greedy(*_args: object, **_kwargs: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.vae, "decode", greedy)
        with pytest.raises(OutOfMemory):
            dressed(engine)
    dressed(engine)


def test_missing_weights_are_named_with_their_command(tmp_path: Path) -> None:
    made = Flux2KleinEngine(lambda name: set_folder(name, tmp_path))
    with pytest.raises(MissingWeight, match="fittingroom models pull flux2-klein"):
        made.load()


def test_nothing_is_printed_by_the_libraries(
    klein_store: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        dressed(opened(Flux2KleinEngine, klein_store))
    assert "it/s" not in capfd.readouterr().err


def test_it_takes_one_picture_a_pass(engine: Flux2KleinEngine) -> None:
    """The stock pipeline gives all prompts of a call the same pictures, so that two persons cannot share a pass."""
    assert not isinstance(engine, BatchEngine)


def test_needs_are_those_of_the_files(klein_store: Path) -> None:
    numbers = editing_memory.numbers_in(klein_store / "flux2-klein" / "transformer")
    import neural_tiny_flux2

    assert numbers == sum(p.numel() for p in neural_tiny_flux2.transformer().parameters())
